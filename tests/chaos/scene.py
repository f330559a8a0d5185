"""What a fault finds: the servers, the workers, and ways to look at both."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from heavylift.errors import StoreRefused, StoreUnavailable
from heavylift.record import Record
from heavylift.store.calls import Read
from heavylift.store.redis import RedisStore
from tests.chaos.fleet import Family, Fleet, Worker
from tests.chaos.history import Held
from tests.chaos.journal import Journal
from tests.chaos.servers import DurableRedis, WatchedServers
from tests.support.eventually import eventually

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Scene:
    """``lease`` is that of the workers and ``hang`` the longest silence of Redis, in seconds. ``chance`` chooses victims."""

    server: DurableRedis | WatchedServers
    fleet: Fleet
    journal: Journal
    store: RedisStore
    chance: Random
    lease: float
    hang: float

    @property
    def one(self) -> DurableRedis:
        """The server where there is one."""
        assert isinstance(self.server, DurableRedis), "this fault is of a single server"
        return self.server

    @property
    def watched(self) -> WatchedServers:
        """The servers where sentinels watch them."""
        assert isinstance(self.server, WatchedServers), "this fault is of servers that sentinels watch"
        return self.server

    def choose_worker(self, *, steppable: bool = False) -> tuple[Worker, Family]:
        """A worker that is at work, once another is too: what becomes of the tasks of the last one only its successor can say."""
        at_work = self.await_at_work(steppable=steppable)
        return self.chance.choice([pair for pair in at_work if pair[0].steppable or not steppable])

    def await_at_work(self, *, steppable: bool = False) -> list[tuple[Worker, Family]]:
        """Wait until two workers have begun to run something, one of them with a clock that can be stepped if that is asked."""
        return eventually(
            lambda: self.fleet.at_work(self.journal),
            holds=lambda seen: len(seen) >= 2 and any(worker.steppable or not steppable for worker, _ in seen),
            within=60,
            claim="two workers at work",
        )

    def in_hand(self, pids: Iterable[int]) -> tuple[Held, ...]:
        """What these processes, which do nothing any more, began last and did not bring home: its end is not committed."""
        runs = [run.held for run in self.journal.last_runs(tuple(pids))]
        self.ask(self.store.ping)  # what they had sent before is done by Redis before what is asked after this
        return tuple(held for held in runs if not _is_settled(self.read(held.task), held))

    def running(self) -> int:
        """Functions that run now."""
        pids = [pid for worker in self.fleet.workers if (family := worker.family()) for pid in family.children]
        return sum(run.running for run in self.journal.last_runs(pids))

    def await_running(self) -> int:
        """Wait until functions run; how many."""
        return eventually(self.running, within=60, claim="running tasks")

    def read(self, task: str) -> Record | None:
        """A record, as soon as Redis can be asked."""
        return self.ask(lambda: self.store.run(Read(task)))

    def ask(self, question: Callable[[], Answer]) -> Answer:
        """The answer of Redis, as soon as it can be asked."""

        def look() -> tuple[Answer] | None:
            try:
                return (question(),)
            except (StoreUnavailable, StoreRefused):
                return None

        answered = eventually(look, within=60, claim="an answer of Redis")
        assert answered is not None
        return answered[0]


def _is_settled(record: Record | None, held: Held) -> bool:
    """Whether the end of this run is committed: as the end of the task, or as an attempt that was followed by another."""
    if record is None:
        return False
    return record.attempt > held.attempt or (record.ended and record.fence == held.fence)
