"""Somebody's own Celery application."""

import time
from pathlib import Path
from typing import Any

from celery import Celery

from heavylift import current_context

app = Celery("sample", set_as_current=False)


@app.task(name="proj.add")
def add(x: int, y: int = 1) -> int:
    """Add."""
    return x + y


@app.task(name="proj.flaky", bind=True, max_retries=5)
def flaky(self, times: int) -> int:  # type: ignore[no-untyped-def]
    if self.request.retries < times:
        raise self.retry(countdown=0.05)
    return self.request.retries


@app.task(name="proj.boom")
def boom() -> None:
    raise KeyError("boom")


@app.task(name="proj.replace", bind=True)
def replace(self) -> int:  # type: ignore[no-untyped-def]
    return self.replace(add.s(20, 22))  # type: ignore[no-any-return]


@app.task(name="proj.retry_with_others", bind=True)
def retry_with_others(self, n: int) -> int:  # type: ignore[no-untyped-def]
    if n == 0:
        raise self.retry(kwargs={"n": 5}, args=(), countdown=0)
    return n


@app.task(name="proj.slow_add")
def slow_add(x: int, gate: str) -> int:
    Path(f"{gate}.running").touch()
    while not Path(f"{gate}.open").exists():
        time.sleep(0.01)
    return x


@app.task(name="proj.sleep")
def sleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


@app.task(name="proj.total")
def total(numbers: list[int]) -> int:
    return sum(numbers)


@app.task(name="proj.note")
def note(what: object, path: str) -> None:
    """Write down what it is given, as a callback does."""
    Path(path).write_text(str(what))


@app.task(name="proj.note_error")
def note_error(request: Any, error: Any, traceback: Any, path: str) -> None:
    Path(path).write_text(f"{request.id} {type(error).__name__}: {error}")


@app.task(name="proj.quiet", ignore_result=True)
def quiet() -> int:
    return 1


@app.task(name="proj.late", acks_late=True)
def late() -> int:
    return 1


class Overload(Exception):
    """An error of this application's own."""

    def __init__(self, who: str, seconds: int) -> None:
        super().__init__(who, seconds)
        self.who = who
        self.seconds = seconds


@app.task(name="proj.auto", bind=True, autoretry_for=(Overload,), max_retries=3, default_retry_delay=0)
def auto(self, times: int) -> int:  # type: ignore[no-untyped-def]
    if self.request.retries < times:
        raise Overload("auto", times)
    return int(self.request.retries)


@app.task(name="proj.overload")
def overload() -> None:
    raise Overload("printer", 7)


@app.task(name="proj.header", bind=True)
def header(self) -> str:  # type: ignore[no-untyped-def]
    return str(self.request.x_tenant)


@app.task(name="proj.softly", bind=True)
def softly(self, times: int) -> int:  # type: ignore[no-untyped-def]
    """Asks for another attempt and returns."""
    if self.request.retries < times:
        self.retry(throw=False, countdown=0)
        return -1
    return int(self.request.retries)


@app.task(name="proj.steps", bind=True)
def steps(self, gate: str) -> str:  # type: ignore[no-untyped-def]
    """Says how far it is, and waits at a gate."""
    self.update_state(state="PROGRESS", meta={"current": 3, "total": 10})
    Path(f"{gate}.running").touch()
    while not Path(f"{gate}.open").exists():
        time.sleep(0.01)
    return "through"


@app.task(name="proj.meddle", bind=True)
def meddle(self, other: str) -> None:  # type: ignore[no-untyped-def]
    self.update_state(task_id=other, state="PROGRESS", meta={})


@app.task(name="proj.retry_elsewhere", bind=True)
def retry_elsewhere(self) -> None:  # type: ignore[no-untyped-def]
    raise self.retry(queue="elsewhere")


@app.task(name="proj.patient")
def patient(path: str) -> str:
    """Says how far it is, and works until it is to stop."""
    context = current_context()
    context.checkpoint({"attempt": context.attempt})
    Path(f"{path}.running").touch()
    while not context.cancelled:
        context.progress(1, 2, "half way")
        time.sleep(0.01)
    context.raise_if_cancelled()
    return "never"
