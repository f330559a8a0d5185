"""Submits a task over HTTP and follows it by long-poll to its end."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx

WAIT: Final = 1  #: Seconds that one long-poll waits.
PATIENCE: Final = 60.0  #: Seconds in which every task of the demo must have ended.
ENDED: Final = frozenset({"succeeded", "failed", "cancelled", "expired"})


@dataclass(frozen=True)
class Followed:
    """A task at its end. ``times`` are seconds since it was submitted; ``seen`` are the states that the long-polls answered."""

    kind: str
    state: str
    result: Any
    error: Any
    times: dict[str, float]
    seen: tuple[str, ...]


def submit(client: httpx.Client, kind: str, payload: dict[str, Any]) -> str:
    """Submit a task and return where to follow it."""
    answer = client.post("/v1/tasks", json={"kind": kind, "payload": payload})
    answer.raise_for_status()
    return answer.headers["location"]


def follow(client: httpx.Client, href: str) -> Followed:
    """Ask, each time for up to a second, until the task has ended or patience has."""
    seen: list[str] = []
    deadline = time.monotonic() + PATIENCE
    while not seen or (seen[-1] not in ENDED and time.monotonic() < deadline):
        answer = client.get(href, params={"wait": WAIT})
        answer.raise_for_status()
        seen.append(answer.json()["state"])
    task = answer.json()
    return Followed(task["kind"], task["state"], task["result"], task["error"], _times(task), tuple(seen))


def _times(task: dict[str, Any]) -> dict[str, float]:
    start = datetime.fromisoformat(task["submitted_at"])
    moments = {name: task[f"{name}_at"] for name in ("queued", "started", "ended")}
    return {name: (datetime.fromisoformat(at) - start).total_seconds() for name, at in moments.items() if at is not None}
