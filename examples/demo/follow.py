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
    """A task at its end. ``times`` are seconds since it was submitted.

    ``seen`` are the states that the long-polls answered, ``told`` what the task said of how far it was.
    """

    kind: str
    state: str
    result: Any
    error: Any
    times: dict[str, float]
    seen: tuple[str, ...]
    told: tuple[str, ...]


def submit(client: httpx.Client, kind: str, payload: dict[str, Any]) -> str:
    """Submit a task and return where to follow it."""
    answer = client.post("/v1/tasks", json={"kind": kind, "payload": payload})
    answer.raise_for_status()
    return answer.headers["location"]


def follow(client: httpx.Client, href: str, *, call_off: bool = False) -> Followed:
    """Ask, each time for up to a second, until the task has ended or patience has. ``call_off``: when it says how far it is."""
    answers: list[dict[str, Any]] = []
    deadline = time.monotonic() + PATIENCE
    while not answers or (answers[-1]["state"] not in ENDED and time.monotonic() < deadline):
        answers.append(_ask(client, href))
        if call_off and answers[-1]["state"] == "running" and answers[-1]["progress"]:
            client.post(f"{href}/cancel").raise_for_status()
    return _followed(answers)


def _ask(client: httpx.Client, href: str) -> dict[str, Any]:
    answer = client.get(href, params={"wait": WAIT})
    answer.raise_for_status()
    task: dict[str, Any] = answer.json()
    return task


def _followed(answers: list[dict[str, Any]]) -> Followed:
    task, said = answers[-1], [answer["progress"]["message"] for answer in answers[:-1] if answer["progress"]]
    states = tuple(answer["state"] for answer in answers)
    return Followed(task["kind"], task["state"], task["result"], task["error"], _times(task), states, tuple(said))


def _times(task: dict[str, Any]) -> dict[str, float]:
    start = datetime.fromisoformat(task["submitted_at"])
    moments = {name: task[f"{name}_at"] for name in ("queued", "started", "ended")}
    return {name: (datetime.fromisoformat(at) - start).total_seconds() for name, at in moments.items() if at is not None}
