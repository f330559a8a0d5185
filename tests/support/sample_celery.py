"""Somebody's own Celery application."""

import time
from pathlib import Path

from celery import Celery

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
