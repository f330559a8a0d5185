"""One who listens to a stream of events, as a browser's EventSource does."""

import http.client
import json
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.support.eventually import eventually


@dataclass(frozen=True)
class Heard:
    """One event."""

    id: str | None
    name: str
    data: Any


class Listener:
    """Listens at ``base`` to a task, or to one ``of`` other things, from behind the event ``last`` on.

    ``over`` when the stream is, for whatever reason.
    """

    def __init__(self, base: str, id_: str, last: str | None = None, *, of: str = "tasks") -> None:
        address = urlsplit(base)
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        self._path, self._last = f"/v1/{of}/{id_}/events", last
        self._thread = threading.Thread(target=self._listen)
        self.status = 0
        self.headers: dict[str, str] = {}
        self.heard: list[Heard] = []
        self.comments = 0
        self.retry: int | None = None

    @property
    def over(self) -> bool:
        return not self._thread.is_alive()

    @property
    def ids(self) -> list[str | None]:
        return [event.id for event in self.heard]

    @property
    def last(self) -> str | None:
        """The id to come back with."""
        return next((event.id for event in reversed(self.heard) if event.id), self._last)

    @property
    def states(self) -> list[str]:
        return [event.data["state"] for event in self.heard if event.name == "state"]

    def hear(self, name: str, **data: Any) -> Heard:
        """Wait for an event of this name that says this."""

        def found() -> Heard | None:
            fitting = (event for event in self.heard if event.name == name and data.items() <= event.data.items())
            return next(fitting, None)

        event = eventually(found, within=20, claim=f"{name} {data}; heard: {self.heard}")
        assert event is not None
        return event

    def finish(self) -> Self:
        """Wait for the end of the stream."""
        eventually(lambda: self.over, within=20, claim=f"the end of the stream; heard: {self.heard}")
        return self

    def _listen(self) -> None:
        try:
            self._connection.request("GET", self._path, headers={"Last-Event-ID": self._last} if self._last else {})
            answer = self._connection.getresponse()
            self.status, self.headers = answer.status, {name.lower(): value for name, value in answer.getheaders()}
            fields: dict[str, str] = {}
            while line := answer.readline():
                fields = self._take(line.decode().rstrip("\n"), fields)
        except (OSError, http.client.HTTPException, AttributeError, ValueError):
            pass  # it was cut, or closed here

    def _take(self, line: str, fields: dict[str, str]) -> dict[str, str]:
        if line.startswith(":"):
            self.comments += 1
        elif line.startswith("retry: "):
            self.retry = int(line.removeprefix("retry: "))
        elif line:
            name, _, value = line.partition(": ")
            return fields | {name: value}
        elif "data" in fields:
            self.heard.append(Heard(fields.get("id"), fields["event"], json.loads(fields["data"])))
        return {}

    def __enter__(self) -> Self:
        self._thread.start()
        eventually(lambda: self.status or self.over, claim="an answer")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._connection.sock is not None:
            self._connection.sock.shutdown(2)
        self._thread.join()
        self._connection.close()
