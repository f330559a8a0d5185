"""Runs a worker in this process until it is told to stop."""

import warnings
from collections.abc import Sequence
from typing import Any

from celery import Celery
from celery.apps.worker import Worker
from celery.exceptions import SecurityWarning
from celery.signals import setup_logging

from heavylift.celery.app import Integration, create_app
from heavylift.registry import load_registry
from heavylift.telemetry import Subscriber
from heavylift.worker.guardian import Companion


def run_worker(integration: Integration, *, listeners: Sequence[Subscriber] = (), companions: Sequence[Companion] = ()) -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code. Raises ConfigurationInvalid, KindConflict.

    ``listeners`` hear every fact of the worker; ``companions`` run beside it.
    """
    setup_logging.connect(_keep_logging, weak=False)
    app = create_app(integration, load_registry(integration.worker.tasks))
    app.guardian_equipment = {
        "listeners": listeners,
        "companions": companions,
        "processes": integration.worker.concurrency,  # Celery would take 0 for "as many as there are cores"
    }
    # What a task sends on (the next of a chain, a callback) waits for Redis: failing a task that is done would lose both.
    app.conf.task_publish_retry_policy = {"max_retries": None, "interval_start": 0.1, "interval_step": 0.2, "interval_max": 1.0}
    with warnings.catch_warnings():
        # Celery takes a user without a name, as in a container, for root. What it warns root of is pickle, which we do not read.
        warnings.simplefilter("ignore", SecurityWarning)
        worker = _make_worker(app, integration)
    worker.start()
    return int(worker.exitcode or 0)


def _make_worker(app: Celery, integration: Integration) -> Worker:
    return Worker(
        app=app,
        quiet=True,
        concurrency=integration.worker.concurrency,
        queues=tuple(integration.worker.queue_weights),
        without_gossip=True,
        without_mingle=True,
    )


def _keep_logging(**_: Any) -> None:
    """A receiver of this signal is how Celery is told that logging is set up already."""
