"""One campaign by its seed: load, faults one after the other, rest, and the history of it all."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Durability
from heavylift.store.redis import RedisStore
from tests.chaos import ledger
from tests.chaos.book import Book
from tests.chaos.faults import FAULTS
from tests.chaos.fleet import Fleet
from tests.chaos.history import Blow, Chronicle, History
from tests.chaos.journal import Journal
from tests.chaos.load import HttpSubmitter, StoreSubmitter, Submitter
from tests.chaos.rest import await_rest, count, leftovers
from tests.chaos.scene import Scene
from tests.chaos.servers import DurableRedis, WatchedServers
from tests.support.api import ApiProcess

NAMESPACE = "chaos"

Done = Callable[[Sequence[Blow], float], bool]  #: Whether what was struck so far, in so many seconds, is enough.


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen. ``faults`` are struck in this order; an endless iterator goes on until ``done``.

    One that misses is struck again, ``tries`` times in all. ``watched``: three servers with sentinels instead of one.
    Seconds: ``lease`` of the workers, ``hang`` as the longest silence of Redis, ``pause`` as the longest time between two blows.
    """

    seed: int
    faults: Iterator[str]
    watched: bool = False
    done: Done = lambda _blows, _seconds: False
    tries: int = 1
    workers: int = 4
    children: int = 3
    submitters: int = 3  # besides one over HTTP
    full: int = 1_500  # tasks that wait: enough to saturate, and few enough to be drained in seconds
    lease: float = 2.0
    hang: float = 7.0  # beyond the 3 s after which a worker calls an answer lost
    pause: float = 0.3
    rest_within: float = 90.0
    told: Callable[[Blow], None] = field(default=lambda _: None)


def run(plan: Plan, folder: Path) -> History:
    """Carry it out in ``folder``, which keeps Redis' file and, after trouble, what the workers wrote."""
    with ExitStack() as stack:
        server = stack.enter_context(
            WatchedServers(folder / "redis") if plan.watched else DurableRedis(directory=folder / "redis")
        )
        marks = stack.enter_context(EmbeddedRedis())
        store = stack.enter_context(RedisStore.from_url(server.url, timeout=2.0, namespace=NAMESPACE))
        journal = Journal(marks.url)
        stack.callback(journal.close)
        fleet = Fleet(server.url, NAMESPACE, workers=plan.workers, children=plan.children, lease=plan.lease, folder=folder)
        stack.enter_context(fleet)
        stack.enter_context(_logs_kept(fleet, folder))
        scene = Scene(server, fleet, journal, store, Random(plan.seed), plan.lease, plan.hang)
        return _carry_out(plan, scene, folder)


def _carry_out(plan: Plan, scene: Scene, folder: Path) -> History:
    book = Book()
    scene.fleet.await_whole()
    with _loaded(plan, scene, book):
        blows = _strike_all(plan, scene)
    scene.fleet.await_whole()
    await_rest(scene.store, consumers=scene.fleet.size, within=plan.rest_within)
    codes = scene.fleet.leave()
    surviving, others = scene.server.folders()
    written = ledger.read(surviving)
    return History(
        asks=book.asks(),
        births=written.births,
        moves=written.moves,
        runs=scene.journal.runs(),
        done=scene.journal.effects(),
        recorded=written.effects,
        blows=tuple(blows),
        counts=count(scene.store),
        leftovers=(
            *leftovers(scene.server.primary_url, scene.store.partition),
            *(f"a worker that was told to leave at the end did so with code {code}" for code in codes if code),
        ),
        others=tuple(Chronicle(other.births, other.moves) for other in map(ledger.read, others)),
    )


@contextmanager
def _loaded(plan: Plan, scene: Scene, book: Book) -> Iterator[None]:
    with ApiProcess(scene.server.url, NAMESPACE, HEAVYLIFT_STORE_DURABILITY=_durability(plan)) as api:
        submitters = _submitters(plan, scene, book, api.base)
        for submitter in submitters:
            submitter.start()
        try:
            yield
        finally:
            for submitter in submitters:
                submitter.stop()


def _submitters(plan: Plan, scene: Scene, book: Book, base: str) -> list[Submitter]:
    marks = scene.journal.url
    chances = [Random(f"{plan.seed} submitter {number}") for number in range(plan.submitters + 1)]
    direct = [
        StoreSubmitter(scene.store, book, marks, chance, durability=_durability(plan), full=plan.full) for chance in chances[1:]
    ]
    return [*direct, HttpSubmitter(base, book, marks, chances[0])]


def _durability(plan: Plan) -> Durability:
    """What is acknowledged shall survive: a failover, where there can be one."""
    return Durability.REPLICA if plan.watched else Durability.MEMORY


def _strike_all(plan: Plan, scene: Scene) -> list[Blow]:
    blows: list[Blow] = []
    began = time.monotonic()
    for name in plan.faults:
        if plan.done(blows, time.monotonic() - began):
            break
        for _ in range(plan.tries):
            blows += [*_deserters(scene), _strike(name, scene)]
            plan.told(blows[-1])
            time.sleep(scene.chance.uniform(0, plan.pause))  # faults shall not fall into step with the work
            if blows[-1].hit:
                break
    return [*blows, *_deserters(scene)]


def _strike(name: str, scene: Scene) -> Blow:
    with FAULTS[name](scene) as harm:
        pass  # the fault itself holds, and undoes what it did
    return harm.judged()


def _deserters(scene: Scene) -> list[Blow]:
    """Workers that have ended though nobody asked them to: no fault may bring that about."""
    now = scene.journal.now()
    blows = [
        Blow("desertion", now, now, proof="", complaint=f"a worker ended by itself with code {worker.process.returncode}")
        for worker in scene.fleet.find_dead()
    ]
    for worker in scene.fleet.find_dead():
        worker.launch()
    return blows


@contextmanager
def _logs_kept(fleet: Fleet, folder: Path) -> Iterator[None]:
    try:
        yield
    finally:
        (folder / "workers.log").write_text(fleet.logs())
