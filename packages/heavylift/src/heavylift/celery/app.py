"""The Celery app: ours, or one that somebody has already, put on our transport, backend and worker."""

from typing import Any, Final

from celery import Celery
from celery.utils.imports import symbol_by_name

from heavylift.celery.backend import CHORD_LOOK
from heavylift.celery.integration import Integration
from heavylift.celery.tasks import add_handler
from heavylift.celery.transport import SCHEME, Broker, register_scheme
from heavylift.errors import ConfigurationInvalid
from heavylift.record import new_task_id
from heavylift.registry import Registry

__all__ = ["Integration", "configure", "create_app"]

#: The two settings that put our worker under Celery's.
POOL: Final = "heavylift.worker.pool:Pool"
CONSUMER: Final = "heavylift.worker.consumer:Consumer"
#: Those that send tasks to the store and read results from there.
TRANSPORT: Final = "heavylift.celery.transport:Transport"
BACKEND: Final = "heavylift.celery.backend:Backend"


class HeavyliftCelery(Celery):
    """A Celery app whose task ids are UUIDv7, so that they sort by time like all others."""

    def send_task(self, name: str, args: Any = None, kwargs: Any = None, *positional: Any, **options: Any) -> Any:
        """As Celery's."""
        if len(positional) < 3 and not options.get("task_id"):  # countdown, eta, task_id
            options["task_id"] = new_task_id()
        return super().send_task(name, args, kwargs, *positional, **options)


def create_app(integration: Integration, registry: Registry) -> Celery:
    """An app with every handler of ``registry``; with ``worker.celery_app`` set, that app, with the handlers added.

    Raises ConfigurationInvalid when the named app cannot be imported.
    """
    named = integration.worker.celery_app
    app = _imported(named) if named else HeavyliftCelery("heavylift", set_as_current=False)
    configure(app, integration)
    for handler in registry:
        add_handler(app, handler)
    return app


def configure(app: Celery, integration: Integration | None = None) -> None:
    """Put a Celery app on our transport, backend and worker, with the settings that those need: the environment's by default.

    Raises ConfigurationInvalid.
    """
    integration = integration or Integration.load()
    app.heavylift = integration
    register_scheme()
    app.conf.update(
        broker_url=f"{SCHEME}://",  # where Redis is stands in the options: Celery shows URLs, and cannot read all of ours
        broker_transport=TRANSPORT,
        broker_transport_options={
            "store": Broker(integration.store, integration.objects),
            "global_keyprefix": f"{integration.store.namespace}:celery:",
        },
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # the worker never gives up on Redis, and never exits because of it
        broker_channel_error_retry=True,
        result_backend=BACKEND,
        accept_content=["json"],
        task_protocol=2,  # a message of protocol 1 looks like no task to us, and nobody would read it
        task_serializer="json",
        result_serializer="json",
        event_serializer="json",
        enable_utc=True,
        timezone="UTC",
        task_default_queue=next(iter(integration.worker.queue_weights)),
        worker_pool=POOL,
        worker_consumer=CONSUMER,
        worker_hijack_root_logger=False,  # logs are set up by heavylift.telemetry.logs, once
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_prefetch_count_reduction=False,
        worker_send_task_events=False,
        worker_timer_precision=0.1,  # seconds; a stopping worker waits for its timer's thread to wake
        result_chord_retry_interval=CHORD_LOOK,
    )


def _imported(path: str) -> Celery:
    try:
        app = symbol_by_name(path)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationInvalid(f"HEAVYLIFT_WORKER_CELERY_APP names {path!r}, which cannot be imported: {error}") from error
    if not isinstance(app, Celery):
        raise ConfigurationInvalid(
            f"HEAVYLIFT_WORKER_CELERY_APP names {path!r}, which is a {type(app).__name__} and no Celery app"
        )
    return app
