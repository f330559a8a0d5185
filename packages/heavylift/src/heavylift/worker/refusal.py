"""Says in one sentence why a Celery worker cannot run with these settings, before it has begun."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from celery import Celery
from click import ClickException

from heavylift.celery.app import CONSUMER, POOL, TRANSPORT
from heavylift.celery.transport import Transport
from heavylift.errors import ConfigurationInvalid
from heavylift.settings import WorkerSettings

_BOTH: Final = f"worker_pool to {POOL!r} and worker_consumer to {CONSUMER!r}"


class Refusal(ClickException, ConfigurationInvalid):
    """This worker cannot run so. Under the command ``celery`` it is one line and no traceback."""


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Whatever is invalid in the body becomes a Refusal."""
    try:
        yield
    except ConfigurationInvalid as error:
        raise error if isinstance(error, Refusal) else Refusal(str(error)) from error


def check_app(app: Celery) -> None:
    """Refuse an app whose tasks do not come from the store, or that consumes in Celery's way. Raises Refusal."""
    if app.conf.worker_consumer != CONSUMER:
        raise Refusal(f"Heavylift's pool claims tasks for itself, and Celery's consumer would claim them too: set {_BOTH}")
    if not issubclass(app.connection_for_read().get_transport_cls(), Transport):
        raise Refusal(
            f"this worker takes tasks from Heavylift's store, and the app sends them by {_transport(app)}: set broker_transport "
            f"to {TRANSPORT!r}, or let heavylift.celery.app.configure(app) make all settings"
        )


def check_companions(controller: Any, pool: Any) -> None:
    """Refuse a stock pool beside our consumer, and options that would do nothing. Raises Refusal."""
    if not hasattr(pool, "guardian_settings"):
        raise Refusal(f"{type(pool).__module__} gets its tasks from Celery's consumer, which is not there: set {_BOTH}")
    if getattr(controller, "autoscale", None):
        raise Refusal("--autoscale has no effect here: change the number of workers, or use celery control pool_grow")


def check_weight(settings: WorkerSettings, weight: float) -> None:
    """Refuse memory limits that a child exceeds from its birth; ``weight`` is what it has then, in MiB. Raises Refusal."""
    for name, limit in (("MAX_MEMORY_PER_CHILD", settings.max_memory_per_child), ("RECYCLE_ABOVE", settings.recycle_above)):
        if 0 < limit <= weight:
            raise Refusal(f"HEAVYLIFT_WORKER_{name} is {limit} MiB, and a child that has done nothing has {weight:.0f} already")


def _transport(app: Celery) -> str:
    return str(app.conf.broker_transport or app.connection_for_read().get_transport_cls().__module__)
