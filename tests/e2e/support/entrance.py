"""The API, as clients beyond the cluster reach it: over the ingress. Every request ends acknowledged, refused or unknown."""

import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

import httpx

from tests.chaos.history import Answer
from tests.e2e.support.history import End, Request, Submission
from tests.support.eventually import eventually

_PATIENCE: Final = 1.0  #: Seconds until the second try where the answer does not say when.
_LIVE: Final = ("scheduled", "queued", "running")


class Entrance:
    """A client of its own connection. ``host`` is the name by which the ingress knows the API, ``key`` one that may do all."""

    def __init__(self, address: str, host: str, key: str) -> None:
        headers = {"Host": host, "Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=address, headers=headers, timeout=httpx.Timeout(10.0, connect=3.0))

    def submit(self, kind: str, payload: dict[str, Any], *tags: str) -> Submission:
        """Ask for a task; once more, when the first answer was no or none came."""
        first, patience = self._ask(kind, payload, tags)
        if first.answer is Answer.ACKNOWLEDGED:
            return Submission((first,))
        time.sleep(patience)
        return Submission((first, self._ask(kind, payload, tags)[0]))

    def submit_batch(self, kind: str, payloads: Sequence[dict[str, Any]], *tags: str) -> None:
        """Ask for many tasks at once, again and again under the same key until there is an answer.

        Raises RuntimeError when any was refused.
        """
        tasks = [{"kind": kind, "payload": payload, "tags": tags} for payload in payloads]
        headers = {"Idempotency-Key": f'"{uuid.uuid4()}"'}

        def ask() -> httpx.Response | None:
            with suppress(httpx.HTTPError):
                return self._http.post("/v1/batches", json={"tasks": tasks}, headers=headers).raise_for_status()
            return None

        answer = eventually(ask, within=60, claim="an answer to POST /v1/batches")
        assert answer is not None
        if refused := answer.json()["refused"]:
            raise RuntimeError(f"{refused} of {len(tasks)} tasks were refused: {answer.text[:500]}")

    def read(self, task: str, *, wait: float = 0.0) -> dict[str, Any]:
        """A task; with ``wait``, once it has ended or the seconds are over. Raises httpx.HTTPError."""
        answer = self._http.get(f"/v1/tasks/{task}", params={"wait": wait}, timeout=wait + 10.0)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def follow(self, task: str) -> Iterator[tuple[float, str]]:
        """The events of a task until its end: when each came here, by the clock of ``time.monotonic``, and its name."""
        with self._http.stream("GET", f"/v1/tasks/{task}/events", headers={"Accept": "text/event-stream"}) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    yield time.monotonic(), line.removeprefix("event: ")

    def status(self, path: str) -> int:
        """What a path is answered with."""
        return self._http.get(path).status_code

    def await_open(self) -> None:
        """Return when the API answers."""
        self._insist("/v1/catalogue")

    def tasks(self, **filters: Any) -> list[dict[str, Any]]:
        """All tasks that fit, newest first, as soon as it can be had."""
        page = self._insist("/v1/tasks", {"limit": 200, **filters})
        tasks: list[dict[str, Any]] = page["tasks"]
        while page["next"]:
            page = self._insist(page["next"])
            tasks += page["tasks"]
        return tasks

    def _insist(self, path: str, filters: dict[str, Any] | None = None) -> Any:
        def look() -> httpx.Response | None:
            with suppress(httpx.HTTPError):
                return self._http.get(path, params=filters).raise_for_status()
            return None

        answer = eventually(look, within=90, claim=f"an answer to GET {path}")
        assert answer is not None
        return answer.json()

    def live(self, tag: str) -> list[str]:
        """Tasks with this tag that have not ended."""
        return [task["id"] for state in _LIVE for task in self.tasks(state=state, tag=tag)]

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _ask(self, kind: str, payload: dict[str, Any], tags: tuple[str, ...]) -> tuple[Request, float]:
        """A request, and the seconds after which to try again."""
        began = time.time()
        try:
            answer = self._http.post("/v1/tasks", json={"kind": kind, "payload": payload, "tags": tags})
        except httpx.TransportError as error:
            return Request(began, time.time(), Answer.UNKNOWN, repr(error)), _PATIENCE
        task = answer.json()["id"] if answer.status_code == httpx.codes.ACCEPTED else None
        said = f"{answer.status_code} {'' if task else answer.text[:300]}".strip()
        return Request(began, time.time(), _meaning(answer), said, task), float(answer.headers.get("Retry-After", _PATIENCE))


def _meaning(answer: httpx.Response) -> Answer:
    if answer.status_code == httpx.codes.ACCEPTED:
        return Answer.ACKNOWLEDGED
    # What the ingress or the API says in place of an answer of Redis: the task may be there all the same.
    return Answer.UNKNOWN if answer.is_server_error else Answer.REFUSED


def end_of(task: dict[str, Any]) -> End | None:
    """The end that a task has come to, None while it lives."""
    return End(task["id"], task["state"], task["ended_at"]) if task["ended_at"] else None
