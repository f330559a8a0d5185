"""The connections on which kombu waits for commands and replies, and how they follow the primary.

Kombu takes each of them once, keeps it, and polls its socket. A connection that redis-py made anew by itself would be neither
polled nor subscribed: whoever waits on it waits for ever. So only the poller lets go of one, and has kombu register and subscribe
it again.
"""

from typing import Any

from kombu.transport import redis as kombu_redis

from heavylift.store.connection import FollowingConnection


class Poller(kombu_redis.MultiChannelPoller):
    """Kombu's poller. Whoever was the primary when a wait began need not be so when the next one begins."""

    def on_poll_start(self) -> None:
        """Before each wait."""
        for connection in self._held():
            if isinstance(connection, FollowingConnection):
                connection.follow()
        super().on_poll_start()

    def _client_registered(self, channel: Any, client: Any, cmd: str) -> bool:
        # Kombu asks only whether there is a socket. After an error redis-py has put another in the place of the polled one.
        known: bool = super()._client_registered(channel, client, cmd)
        return known and self._chan_to_sock[channel, client, cmd] is client.connection._sock

    def _held(self) -> list[Any]:
        clients = [vars(channel).get(role) for channel in self._channels for role in ("client", "subclient")]
        return [connection for client in clients if (connection := getattr(client, "connection", None)) is not None]


def polled(kind: type[Any], channel: Any) -> type[Any]:
    """Connections of this kind that tell the channel when they let go of their sockets, and stay where they are in between."""

    class Polled(kind):
        def connect(self) -> None:
            if not self.is_connected:
                super().connect()

        def disconnect(self, *args: Any, **kwargs: Any) -> None:
            super().disconnect(*args, **kwargs)
            if channel._registered:
                channel._on_connection_disconnect(self)

    return Polled
