"""Under Celery's worker: the Consumer that reads control commands and leaves tasks to the children."""

import logging
import time
from typing import Any, Final

from celery import bootsteps
from celery.exceptions import WorkerShutdown, WorkerTerminate
from celery.worker import state
from celery.worker.consumer import Consumer as CeleryConsumer
from celery.worker.consumer.connection import Connection
from celery.worker.consumer.control import Control as CeleryControl

logger = logging.getLogger(__name__)

LISTEN: Final = 0.1  # seconds of one wait for control commands; a warm shutdown is noticed after this
PAUSE: Final = 0.5  # seconds before the next connection after one was lost


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
        while consumer.blueprint.state == bootsteps.RUN and consumer.connection:
            state.maybe_shutdown()
            try:
                consumer.connection.drain_events(timeout=LISTEN)
            except TimeoutError:
                continue


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
            "celery.worker.consumer.heart:Heart",
            "heavylift.worker.consumer:Control",
            "heavylift.worker.consumer:Listen",
        )

        def shutdown(self, parent: Any) -> None:
            """As in Celery's own."""
            self.send_all(parent, "shutdown")

    connection: Any
    task_consumer = None  # control commands such as `stats` look for it

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
                logger.warning("the connection for control commands broke and is made anew: %r", error)
                self._connect_anew()

    def _connect_anew(self) -> None:
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
