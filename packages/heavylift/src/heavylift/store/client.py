"""What the stores for blocking and for asyncio code have in common: where they ask, and on which terms."""

from abc import ABC, abstractmethod
from typing import ClassVar, Final, Self, TypeVar

from heavylift.settings import StoreSettings
from heavylift.store.calls import Call, Limits
from heavylift.store.endpoint import Endpoint
from heavylift.store.exchange import Exchange, Terms, exchange

Reply = TypeVar("Reply")

PARTITION: Final = "{p0}"
REPLICA_DEADLINE: Final = 1.0  #: Seconds for a replica to confirm what is to be durable.

_SHARE: Final = 0.8  # of the time for an answer is what a replica has at most: the answer must still come back


class StoreClient(ABC):
    """Asks at one endpoint. ``timeout`` in seconds bounds each answer."""

    TIMEOUT: ClassVar[float]  #: Seconds for an answer, unless its caller says otherwise.

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        timeout: float | None = None,
        namespace: str = "heavylift",
        limits: Limits | None = None,
        replica_deadline: float = REPLICA_DEADLINE,
    ) -> None:
        patience = self.TIMEOUT if timeout is None else timeout
        self._route = endpoint.route()
        self.partition = f"{namespace}:{PARTITION}"
        self.limits = limits or Limits()
        self._replica_deadline = min(replica_deadline, patience * _SHARE)
        self._open(endpoint, patience)

    @abstractmethod
    def _open(self, endpoint: Endpoint, timeout: float) -> None:
        """Make the connections' pool."""

    @classmethod
    def of(cls, settings: StoreSettings, *, timeout: float | None = None) -> Self:
        """The store of these settings."""
        return cls(
            Endpoint.of(settings),
            timeout=timeout,
            namespace=settings.namespace,
            limits=Limits.of(settings),
            replica_deadline=settings.replica_deadline,
        )

    @classmethod
    def from_url(
        cls, url: str, *, timeout: float | None = None, namespace: str = "heavylift", limits: Limits | None = None
    ) -> Self:
        """A store at a URL as ``heavylift.address`` reads it. Raises ConfigurationInvalid."""
        return cls(Endpoint.at(url), timeout=timeout, namespace=namespace, limits=limits)

    def _exchange(self, call: Call[Reply]) -> Exchange[Reply]:
        return exchange(call, Terms(self.partition, self.limits, self._replica_deadline))
