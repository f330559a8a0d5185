"""Somebody's own Celery application."""

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
