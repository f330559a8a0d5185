"""Events of Kubernetes: what an operator sees with ``kubectl describe``."""

import queue
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from heavylift_autoscaler.cluster.api import Api, ApiTrouble
from heavylift_autoscaler.cluster.resources import EVENTS, Object

AGAIN: Final = 60.0  # seconds before the same is said once more, by counting up
FORGOTTEN: Final = 600.0  # seconds after which it is a new event
MOST: Final = 100  # that wait to be sent; an API server that is away for an hour is not flooded when it comes back

Kind = Literal["Normal", "Warning"]


@dataclass(frozen=True, slots=True)
class Said:
    """``about`` is the object, ``reason`` a word, ``message`` a sentence."""

    about: Object
    kind: Kind
    reason: str
    message: str


@dataclass(slots=True)
class _Known:
    name: str
    count: int
    at: float


class Herald:
    """Says things in a thread of its own, and repeats itself by counting. What cannot be said is dropped."""

    def __init__(self, api: Api, *, identity: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._identity = identity
        self._clock = clock
        self._known: dict[tuple[str, str], _Known] = {}
        self._waiting: queue.Queue[Said | None] = queue.Queue(MOST)
        self._thread = threading.Thread(target=self._speak, name="heavylift-herald", daemon=True)

    def start(self) -> None:
        """Begin to speak."""
        self._thread.start()

    def stop(self) -> None:
        """Say what waits, if that is soon done, and no more."""
        if self._thread.is_alive() and not self._waiting.full():
            self._waiting.put_nowait(None)
            self._thread.join(1.0)

    def say(self, said: Said, *, anew: bool = False) -> None:
        """Say something about an object. The same reason again soon is counted, unless it is said ``anew``."""
        try:
            self._waiting.put_nowait(said)
        except queue.Full:
            return
        if anew:
            self._known.pop(_key(said), None)

    def _speak(self) -> None:
        while (said := self._waiting.get()) is not None:
            try:
                self._send(said)
            except ApiTrouble:
                self._known.pop(_key(said), None)

    def _send(self, said: Said) -> None:
        now = self._clock()
        known = self._known.get(_key(said))
        if known is None or now - known.at > FORGOTTEN:
            name = self._api.create(EVENTS, self._body(said))["metadata"]["name"]
            self._known[_key(said)] = _Known(name, 1, now)
        elif now - known.at >= AGAIN:
            known.count, known.at = known.count + 1, now
            self._api.patch(EVENTS, known.name, {"count": known.count, "lastTimestamp": _now(), "message": said.message})

    def _body(self, said: Said) -> Object:
        metadata = said.about["metadata"]
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"{metadata['name']}.{uuid.uuid4().hex[:16]}", "namespace": self._api.namespace},
            "involvedObject": {
                "apiVersion": said.about["apiVersion"],
                "kind": said.about["kind"],
                "name": metadata["name"],
                "namespace": self._api.namespace,
                **({"uid": metadata["uid"]} if "uid" in metadata else {}),
            },
            "type": said.kind,
            "reason": said.reason,
            "message": said.message[:1000],
            "source": {"component": "heavylift-autoscaler"},
            "reportingComponent": "heavylift-autoscaler",
            "reportingInstance": self._identity[:128],
            "firstTimestamp": _now(),
            "lastTimestamp": _now(),
            "count": 1,
        }


def _key(said: Said) -> tuple[str, str]:
    return f"{said.about['kind']}/{said.about['metadata']['name']}", said.reason


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
