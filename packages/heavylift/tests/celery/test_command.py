"""The plain command ``celery worker``, with an application that is put on Heavylift."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Form, Submission
from heavylift.state import State
from heavylift.store.calls import Read, Submit
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually

APP = """
from celery import Celery
from heavylift.celery.app import configure

app = Celery("shop", set_as_current=False)
{settings}


@app.task(name="shop.add")
def add(x, y):
    return x + y
"""

CONFIGURED = "configure(app)"
WORKER = {"worker_pool": "heavylift.worker.pool:Pool", "worker_consumer": "heavylift.worker.consumer:Consumer"}
TRANSPORT = {"broker_transport": "heavylift.celery.transport:Transport", "result_backend": "heavylift.celery.backend:Backend"}


def settings(**values: str) -> str:
    """An application that makes these settings and no others."""
    return f"app.conf.update({values!r})"


@contextmanager
def celery_worker(
    folder: Path, url: str, namespace: str, *options: str, app: str = CONFIGURED, **variables: str
) -> Iterator["subprocess.Popen[str]"]:
    (folder / "shop.py").write_text(APP.format(settings=app))
    environment = os.environ | {"HEAVYLIFT_STORE_URL": url, "HEAVYLIFT_STORE_NAMESPACE": namespace} | variables
    command = [sys.executable, "-m", "celery", "-A", "shop", "worker", "-c", "1", *options]
    with subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as run:
        try:
            yield run
        finally:
            run.terminate()
            run.communicate(timeout=15)


def test_it_takes_tasks_from_the_queues_of_its_option_and_of_no_other(
    redis_server: EmbeddedRedis, namespace: str, redis_store: RedisStore, tmp_path: Path
) -> None:
    call = {"kind": "shop.add", "payload": '{"args": [1, 2]}', "form": Form.CALL}
    tasks = [Submission(queue=queue, **call) for queue in ("bulk", "other", "mail")]  # type: ignore[arg-type]  # they are right
    redis_store.run(Submit(tuple(tasks)))

    with celery_worker(tmp_path, redis_server.url, namespace, "-Q", "mail=3,bulk"):
        states = eventually(
            lambda: [redis_store.run(Read(task.id)).state for task in tasks],  # type: ignore[union-attr]  # they were accepted
            holds=lambda seen: seen.count(State.SUCCEEDED) == 2,
            within=20,
        )

    assert states == [State.SUCCEEDED, State.QUEUED, State.SUCCEEDED]


def test_an_option_that_makes_no_sense_is_told_in_a_sentence(redis_server: EmbeddedRedis, namespace: str, tmp_path: Path) -> None:
    with celery_worker(tmp_path, redis_server.url, namespace, "-Q", "mail=none") as worker:
        _, log = worker.communicate(timeout=20)

    assert worker.returncode != 0
    assert "-Q: the weight of the queue 'mail' is a whole number from 1 to 1000, not 'none'" in log


def test_an_application_that_names_our_parts_needs_nothing_else(
    redis_server: EmbeddedRedis, namespace: str, tmp_path: Path
) -> None:
    app = settings(**WORKER, **TRANSPORT)
    with celery_worker(tmp_path, redis_server.url, namespace, app=app):
        asked = subprocess.run(
            [sys.executable, "-c", "import shop; print(shop.add.delay(20, 22).get(timeout=20))"],
            cwd=tmp_path,
            env=os.environ | {"HEAVYLIFT_STORE_URL": redis_server.url, "HEAVYLIFT_STORE_NAMESPACE": namespace},
            capture_output=True,
            text=True,
            timeout=40,
        )

    assert asked.stdout == "42\n", asked.stderr


@pytest.mark.parametrize(
    ("app", "options", "words"),
    [
        (
            settings(broker_url="redis://elsewhere/0", **WORKER),
            (),
            "set broker_transport to 'heavylift.celery.transport:Transport'",
        ),
        (CONFIGURED, ("-P", "threads"), "worker_pool to 'heavylift.worker.pool:Pool'"),
    ],
)
def test_what_cannot_work_is_refused_in_one_sentence_and_without_a_traceback(
    redis_server: EmbeddedRedis, namespace: str, tmp_path: Path, app: str, options: tuple[str, ...], words: str
) -> None:
    with celery_worker(tmp_path, redis_server.url, namespace, *options, app=app) as worker:
        _, log = worker.communicate(timeout=20)

    assert worker.returncode != 0
    assert words in log
    assert "Traceback" not in log
