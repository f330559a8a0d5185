"""The whole of Heavylift on one machine: an embedded Redis, the API, workers and a scheduler, each a process of its own."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TextIO

from heavylift.local import processes
from heavylift.local.entry import AUTH, FIRST_KEY_FILE, entry
from heavylift.local.member import Member, MemberFailed
from heavylift.local.merged_logs import MergedLogs
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.settings import LocalSettings, StoreSettings, WorkerSettings
from heavylift.store.calls import Statistics
from heavylift.store.redis import RedisStore

OWN_NAME: Final = "heavylift"  #: Under which the stack itself speaks among the logs of its members.

#: What suits a person at a terminal better than the defaults for a cluster; the environment of the caller wins over it.
_COMFORT: Final = {
    "HEAVYLIFT_TELEMETRY_LOG_FORMAT": "console",
    "HEAVYLIFT_WORKER_GRACE": "5",
    "PYTHONWARNINGS": "ignore:::celery.platforms",  # eight lines to root about pickle, which our workers do not take
}
_MARGIN: Final = 10.0  #: Seconds that a member has beyond its own grace before it is killed.


class Stack:
    """Redis, API, workers and a scheduler. ``directory`` keeps the tasks; without one they go with the stack.

    Logs are merged into ``output``, or go nowhere. ``variables`` are added to the environment of all of them. ``pause``
    waits while the members come up, and may raise to break off.
    """

    def __init__(
        self,
        settings: LocalSettings,
        *,
        directory: Path | None,
        output: TextIO | None = None,
        workers: int = 1,
        variables: Mapping[str, str] | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        names = ("worker",) if workers == 1 else tuple(f"worker {number}" for number in range(1, workers + 1))
        self.logs = MergedLogs(output, (OWN_NAME, "api", "scheduler", *names))
        self.redis = EmbeddedRedis(
            directory=directory, port=settings.redis_port or processes.free_port(), server=settings.redis_server
        )
        self._environment = _COMFORT | os.environ | dict(variables or {}) | {"HEAVYLIFT_STORE_URL": self.redis.url}
        self._environment |= entry(settings.host, directory, self._environment)
        self._pause = pause
        self._listen = (settings.host, settings.port)
        self.api = self._api(settings)
        self.workers = tuple(self._worker(name) for name in names)
        self.scheduler = self._scheduler()

    @property
    def key_file(self) -> str | None:
        """The file with the key that the API asks for; None where it asks for none."""
        return self._environment.get(FIRST_KEY_FILE) if self._environment[AUTH] == "on" else None

    @property
    def url(self) -> str:
        """Where the API answers."""
        return self.api.url

    def start(self) -> Self:
        """Start everything and return when all of it is ready; when anything fails, nothing is left behind.

        Raises ConfigurationInvalid for a taken port, MemberFailed and StoreUnavailable with the last words of what did not start.
        """
        processes.check_port(*self._listen, option="HEAVYLIFT_LOCAL_PORT, or `make run PORT=8001`")
        try:
            self.redis.start()
            self._tell_left_over()
            for member in self._members:
                member.launch()
            for member in self._members:
                member.await_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End it in order: workers first, which give back what they hold, then the others, and Redis, which writes it down."""
        for member in self._members:
            member.stop()
        self.redis.stop()

    def kill(self) -> None:
        """End everything at once."""
        for member in self._members:
            member.kill()
        self.redis.kill()

    def check(self) -> None:
        """Raise MemberFailed when something has ended that nobody asked to end."""
        for member in self._members:
            member.check()
        if not self.redis.running:
            raise MemberFailed("Redis has ended")

    def _tell_left_over(self) -> None:
        with RedisStore.from_url(self.redis.url, namespace=StoreSettings.load().namespace) as store:
            found = store.run(Statistics())
        if count := found.scheduled + sum(queue.ready + queue.running for queue in found.queues):
            self.logs.say(OWN_NAME, f"tasks left over from the last run: {count}; they go on now")

    @property
    def _members(self) -> tuple[Member, ...]:
        return (*self.workers, self.scheduler, self.api)

    def _api(self, settings: LocalSettings) -> Member:
        port = settings.port or processes.free_port()
        listen = {"HEAVYLIFT_API_HOST": settings.host, "HEAVYLIFT_API_PORT": str(port)}
        host = "127.0.0.1" if settings.host in ("0.0.0.0", "") else settings.host  # noqa: S104  asked, not listened on
        return self._member("api", "heavylift_api", port, listen, host=host)

    def _worker(self, name: str) -> Member:
        port = processes.free_port()
        return self._member(name, "heavylift_worker", port, {"HEAVYLIFT_WORKER_HTTP_PORT": str(port)})

    def _scheduler(self) -> Member:
        port = processes.free_port()
        return self._member("scheduler", "heavylift_scheduler", port, {"HEAVYLIFT_SCHEDULER_HTTP_PORT": str(port)})

    def _member(self, name: str, module: str, port: int, variables: Mapping[str, str], *, host: str = "127.0.0.1") -> Member:
        return Member(
            name,
            module,
            port=port,
            host=host,
            environment=self._environment | dict(variables),
            grace=self._grace() + _MARGIN,
            logs=self.logs,
            pause=self._pause,
        )

    def _grace(self) -> float:
        return WorkerSettings(grace=float(self._environment["HEAVYLIFT_WORKER_GRACE"])).grace

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
