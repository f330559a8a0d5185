"""Under Celery's worker: the Consumer that reads control commands and leaves tasks to the children."""

import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any, Final

from celery import bootsteps
from celery.exceptions import WorkerShutdown, WorkerTerminate
from celery.signals import heartbeat_sent
from celery.utils.sysinfo import load_average
from celery.worker import state
from celery.worker.consumer import Consumer as CeleryConsumer
from celery.worker.consumer.connection import Connection
from celery.worker.consumer.control import Control as CeleryControl
from celery.worker.consumer.heart import Heart as CeleryHeart
from celery.worker.heartbeat import Heart as CeleryBeat

from heavylift.celery.integration import integration_of
from heavylift.errors import HeavyliftError
from heavylift.store.redis import RedisStore
from heavylift.worker.refusal import check_companions

logger = logging.getLogger(__name__)

LISTEN: Final = 0.1  # seconds of one wait for control commands; a warm shutdown is noticed after this
LOOK: Final = 1.0  # seconds between looks at whether Redis is there: a subscription to one that hangs is as silent as any
SIGHT: Final = 0.7  # seconds that Redis has to show that it is there; a stopping worker waits for it
PAUSE: Final = 0.5  # seconds before the next connection after one was lost


class Beat(CeleryBeat):
    """Heartbeats that are lost when Redis is away.

    Celery's own repeat until they arrive, under the lock that every other event needs: with Redis gone for good they would keep a
    stopping worker from ending.
    """

    active: Callable[[], int]  #: How many tasks run.

    def _send(self, event: str, retry: bool = False) -> Any:  # noqa: ARG002  Celery's signature
        heartbeat_sent.send(sender=self)  # where people hang probes of liveness
        try:
            return self.eventer.send(event, **self.facts())
        except Exception:
            logger.debug("a heartbeat was lost", exc_info=True)

    def beat(self) -> None:
        """Send a heartbeat now."""
        self._send("worker-heartbeat")

    def facts(self) -> dict[str, Any]:
        """What a heartbeat tells."""
        about = {"freq": self.interval, "active": self.active(), "processed": state.all_total_count[0]}
        return {**about, "loadavg": load_average(), **state.SOFTWARE_INFO}


class Heart(CeleryHeart):
    """The step that starts the heartbeats."""

    def start(self, consumer: "Consumer") -> None:
        """Begin to beat."""
        consumer.heart = Beat(consumer.timer, consumer.event_dispatcher, self.heartbeat_interval)
        consumer.heart.active = lambda: consumer.pool.guardian.census.active()
        consumer.heart.start()


class Control(CeleryControl):
    """Remote control, which Celery makes depend on its own way of consuming tasks."""

    requires = (Connection,)


class Listen(bootsteps.StartStopStep):
    """The loop at the end of the blueprint."""

    label = "Listen"
    last = True

    def start(self, consumer: "Consumer") -> None:
        """Answer control commands until the worker stops or the connection breaks."""
        consumer.on_ready()
        looked = time.monotonic()
        while consumer.blueprint.state == bootsteps.RUN and consumer.connection:
            state.maybe_shutdown()
            with contextlib.suppress(TimeoutError):
                consumer.connection.drain_events(timeout=LISTEN)
            if time.monotonic() - looked > LOOK:
                consumer.look()
                looked = time.monotonic()


class Consumer(CeleryConsumer):
    """Celery's consumer without task messages. No error of the broker ends it.

    The setting ``worker_consumer``.
    """

    class Blueprint(bootsteps.Blueprint):
        """What is left of Celery's blueprint, and our loop."""

        name = "Consumer"
        default_steps = (
            "celery.worker.consumer.connection:Connection",
            "celery.worker.consumer.events:Events",
            "heavylift.worker.consumer:Heart",
            "heavylift.worker.consumer:Control",
            "heavylift.worker.consumer:Listen",
        )

        def shutdown(self, parent: Any) -> None:
            """As in Celery's own."""
            self.send_all(parent, "shutdown")

    connection: Any
    heart: Any
    gossip = None  # control commands look for it
    _lookout: RedisStore | None = None
    _silent = False  # whether Redis was silent when the worker stopped
    _broken = False  # whether the loss of the connection has been told
    task_consumer = None  # control commands such as `stats` look for it

    def __init__(self, *args: Any, controller: Any = None, pool: Any = None, **options: Any) -> None:
        check_companions(controller, pool)
        super().__init__(*args, controller=controller, pool=pool, **options)
        self._task_events = bool(options.get("task_events"))

    def start(self) -> None:
        """Run the blueprint, anew after every error: the children need no connection of ours to go on."""
        while self.blueprint.state not in (bootsteps.CLOSE, bootsteps.TERMINATE):
            state.maybe_shutdown()
            self.restart_count += 1
            try:
                self.blueprint.start(self)
            except (WorkerShutdown, WorkerTerminate):
                raise
            except Exception as error:
                self._tell_once(error)
                self._connect_anew()

    def look(self) -> None:
        """Return when Redis is there. Raises StoreUnavailable after ``SIGHT`` seconds."""
        if self._lookout is None:
            self._lookout = RedisStore.of(integration_of(self.app).store, timeout=SIGHT)
        self._lookout.ping()

    def stop(self) -> None:
        """As Celery's; without taking leave of a Redis that is silent, which would be waited for at each step."""
        try:
            self.look()
        except HeavyliftError as error:
            logger.warning("the worker leaves without saying so to Celery's control: %s", error)
            self._silent = True
        else:
            super().stop()

    def shutdown(self) -> None:
        """As Celery's, with the same exception."""
        if not self._silent:
            super().shutdown()
        if self._lookout is not None:
            self._lookout.close()

    def ensure_connected(self, connection: Any) -> Any:
        """Try once: the loop above tries again, and does not sleep through a shutdown as kombu's retries would."""
        connection.connect()
        return connection

    def on_ready(self) -> None:
        """The connection stands."""
        self._broken = False
        if self._task_events:  # `celery worker -E`; from then on remote control says
            self.pool.guardian.events.enable()
            self._task_events = False
        super().on_ready()

    def _tell_once(self, error: Exception) -> None:
        if not self._broken:
            logger.warning("the connection for control commands broke and is made anew: %r", error)
        self._broken = True

    def _connect_anew(self) -> None:
        state.maybe_shutdown()  # what broke may be what held it up
        if self.blueprint.state in (bootsteps.CLOSE, bootsteps.TERMINATE):
            return
        connection, self.connection = self.connection, None
        if connection is not None:
            try:
                connection.collect(socket_timeout=1.0)
            except Exception:
                logger.debug("closing the broken connection failed", exc_info=True)
        time.sleep(PAUSE)
        self.blueprint.restart(self)
