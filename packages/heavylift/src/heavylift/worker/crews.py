"""Those who run tasks side by side: threads, and an event loop."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from heavylift.record import Delivery
from heavylift.telemetry import Reporter
from heavylift.worker.attempt import Attempt, begun
from heavylift.worker.execute import Runner

Done = Callable[[Attempt], None]


class ThreadCrew:
    """One thread for each place."""

    def __init__(self, runner: Runner, reporter: Reporter, *, places: int) -> None:
        self._runner = runner
        self._reporter = reporter
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(places, thread_name_prefix="heavylift-task")

    def run(self) -> None:
        """Sleep in the main thread, where signals arrive, until ``stop``."""
        self._over.wait()
        self._pool.shutdown()

    def start(self, deliveries: Sequence[Delivery], done: Done) -> None:
        """Hand each task to a thread."""
        for delivery in deliveries:
            self._pool.submit(self._run, delivery, done)

    def stop(self) -> None:
        """Let ``run`` return."""
        self._over.set()

    def _run(self, delivery: Delivery, done: Done) -> None:
        with begun(delivery, self._reporter):
            done(self._runner.run_in_thread(delivery))


class LoopCrew:
    """One event loop in the main thread, and one asyncio task, with a context of its own, for each delivery."""

    def __init__(self, runner: Runner, reporter: Reporter) -> None:
        self._runner = runner
        self._reporter = reporter
        self._loop = asyncio.new_event_loop()
        self._running: set[asyncio.Task[None]] = set()

    def run(self) -> None:
        """Run the loop until ``stop``."""
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def start(self, deliveries: Sequence[Delivery], done: Done) -> None:
        """Make a task on the loop for each delivery."""
        self._loop.call_soon_threadsafe(self._create_tasks, deliveries, done)

    def stop(self) -> None:
        """Let ``run`` return."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _create_tasks(self, deliveries: Sequence[Delivery], done: Done) -> None:
        for delivery in deliveries:
            task = self._loop.create_task(self._run(delivery, done))
            self._running.add(task)  # the loop itself keeps only a weak reference
            task.add_done_callback(self._running.discard)

    async def _run(self, delivery: Delivery, done: Done) -> None:
        with begun(delivery, self._reporter):
            done(await self._runner.run_async(delivery))
