"""Celery's tasks and settings: late acknowledgement and results on Redis, as whoever cannot lose tasks has to run it."""

from celery import Celery
from kit import work
from kit.surroundings import redis_url

app = Celery("bench", broker=redis_url(0), backend=redis_url(1))
app.conf.update(
    task_acks_late=True,
    worker_prefetch_multiplier=4,
    result_expires=3600,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 3600, "retry_on_timeout": False},  # batches need the latter
)


@app.task(name="noop")
def noop() -> None:
    work.noop()


@app.task(name="pause")
def pause(path: str, seconds: float) -> None:
    work.pause(path, seconds)


@app.task(name="stamp")
def stamp(path: str, sent: float) -> None:
    work.stamp(path, sent)
