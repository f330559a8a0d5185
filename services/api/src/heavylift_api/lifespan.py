"""What the process holds while it runs: opened before the first request, closed in reverse after the last."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, TypedDict

import structlog
from fastapi import FastAPI

from heavylift.batch_story import BatchPlace
from heavylift.idempotency import Scope
from heavylift.objects import Keeper, Storage
from heavylift.record import Durability
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.story import Place
from heavylift.telemetry import Reporter
from heavylift.telemetry.logs import Logs
from heavylift.telemetry.metrics import Metrics
from heavylift_api.audit_reader import AuditReader
from heavylift_api.auditor import Auditor
from heavylift_api.batch_event_shapes import BatchEvent
from heavylift_api.batch_intake import BatchIntake
from heavylift_api.batch_reader import PACE, BatchReader
from heavylift_api.batches import Batches
from heavylift_api.cancel import Canceller
from heavylift_api.catalogue import CatalogueCache
from heavylift_api.census import Census
from heavylift_api.dead_letters import DeadLetterOffice
from heavylift_api.deadline import TimelyStore
from heavylift_api.ending import end
from heavylift_api.event_shapes import TaskEvent
from heavylift_api.feeds import Feeds
from heavylift_api.first_key import FirstKey
from heavylift_api.following import Followers, OpenStreams
from heavylift_api.gatekeeper import Gatekeeper, KeyGatekeeper, OpenGate
from heavylift_api.hasten import Hastener
from heavylift_api.idempotency import Keys
from heavylift_api.intake import Intake
from heavylift_api.key_office import KeyOffice
from heavylift_api.keyring import Keyring
from heavylift_api.large.hand_out import HandOut
from heavylift_api.large.health import ObjectHealth
from heavylift_api.large.submit import LargeSubmitter
from heavylift_api.live_tasks import LiveTaskOffice
from heavylift_api.logs import LogReader
from heavylift_api.observe import Observer
from heavylift_api.purge_office import PurgeOffice
from heavylift_api.queue_office import QueueOffice
from heavylift_api.schedule_office import ScheduleOffice
from heavylift_api.settings import ApiSettings
from heavylift_api.steering_office import SteeringOffice
from heavylift_api.submit import Submitter
from heavylift_api.task_reader import TaskReader
from heavylift_api.waiters import Waiters
from heavylift_api.why import Explainer

PAUSE: Final = 0.5  #: Seconds before background work that crashed begins anew.

log = structlog.get_logger("heavylift.api")


class State(TypedDict):
    """What every request finds."""

    store: TimelyStore
    gatekeeper: Gatekeeper
    keyring: Keyring | None
    key_office: KeyOffice
    auditor: Auditor
    audit_reader: AuditReader
    intake: Intake
    catalogue: CatalogueCache
    waiters: Waiters
    submitter: Submitter
    large_submitter: LargeSubmitter | None
    hand_out: HandOut
    object_health: ObjectHealth | None
    observer: Observer
    followers: Followers[Place, TaskEvent]
    batch_followers: Followers[BatchPlace, BatchEvent]
    log_reader: LogReader
    canceller: Canceller
    hastener: Hastener
    live_tasks: LiveTaskOffice
    steering_office: SteeringOffice
    dead_letters: DeadLetterOffice
    batch_intake: BatchIntake
    batches: Batches
    queue_office: QueueOffice
    purge_office: PurgeOffice
    census: Census
    explainer: Explainer
    schedules: ScheduleOffice
    metrics: Metrics
    reporter: Reporter


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    """Open everything that ``app.state.settings`` ask for. Redis need not be there: the API starts, and says so."""
    settings: ApiSettings = app.state.settings
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(_opened(settings))
        state = assemble(settings, store)
        app.state.waiters = state["waiters"]
        if state["large_submitter"] is not None:
            stack.push_async_callback(state["large_submitter"].close)
        await stack.enter_async_context(_running(state["waiters"].follow))
        await stack.enter_async_context(_running(state["catalogue"].follow))
        if state["keyring"] is not None:
            await stack.enter_async_context(_running(state["keyring"].follow))
        yield state


def assemble(settings: ApiSettings, store: AsyncRedisStore) -> State:
    """The parts of the API, each given what it needs."""
    metrics = Metrics()
    reporter = Reporter(metrics, Logs())
    timely = TimelyStore(store, reporter, settings.redis_deadline)
    catalogue = CatalogueCache(timely, age=settings.catalogue_age)
    durability = Durability(settings.store.durability)
    keyring = _keyring(settings, timely)
    waiters = Waiters(store, patience=settings.redis_deadline)

    streams = OpenStreams(reporter, settings.streams)
    patience = {"longest_wait": settings.longest_wait, "keep_alive": settings.stream_keep_alive}

    def keys(route: str) -> Keys:
        return Keys(Scope(route), settings.idempotency_retention)

    keeper, submit_keys = _keeper(settings, timely, reporter), keys("POST /v1/tasks")
    submitter = Submitter(timely, catalogue, reporter, submit_keys, eta_tolerance=settings.eta_tolerance, durability=durability)
    return State(
        store=timely,
        gatekeeper=OpenGate() if keyring is None else KeyGatekeeper(keyring, reporter),
        keyring=keyring,
        key_office=KeyOffice(timely, durability),
        auditor=Auditor(timely, reporter),
        audit_reader=AuditReader(timely),
        intake=Intake(timely, durability),
        catalogue=catalogue,
        waiters=waiters,
        submitter=submitter,
        large_submitter=None
        if keeper is None
        else LargeSubmitter(submitter, keeper, timely, catalogue, reporter, submit_keys, settings),
        hand_out=HandOut(timely, keeper, way=settings.hand_out, link_age=settings.link_age),
        object_health=None if keeper is None else ObjectHealth(keeper.storage),
        observer=Observer(timely, waiters, longest_wait=settings.longest_wait),
        followers=Followers(Feeds(TaskReader(timely), timely, waiters), waiters, streams, **patience),
        batch_followers=Followers(Feeds(BatchReader(timely), timely, waiters, pace=PACE), waiters, streams, **patience),
        log_reader=LogReader(timely),
        canceller=Canceller(timely, reporter),
        hastener=Hastener(timely),
        live_tasks=LiveTaskOffice(timely),
        steering_office=SteeringOffice(timely),
        dead_letters=DeadLetterOffice(timely, catalogue, reporter),
        batch_intake=BatchIntake(
            timely,
            catalogue,
            submitter,
            reporter,
            keys("POST /v1/batches"),
            durability=durability,
            item_limit=settings.body_limit,
        ),
        queue_office=QueueOffice(timely, reporter),
        purge_office=PurgeOffice(timely, reporter),
        census=Census(timely),
        explainer=Explainer(timely),
        schedules=ScheduleOffice(timely, catalogue, reporter, durability),
        batches=Batches(timely, waiters, reporter, longest_wait=settings.longest_wait),
        metrics=metrics,
        reporter=reporter,
    )


def _keeper(settings: ApiSettings, store: TimelyStore, reporter: Reporter) -> Keeper | None:
    objects = settings.objects
    return None if objects.url is None else Keeper(Storage(objects), objects, store.run, reporter)


def _keyring(settings: ApiSettings, store: TimelyStore) -> Keyring | None:
    if settings.access.auth == "off":
        return None
    return Keyring(store, FirstKey(store, settings.first_key_file), age=settings.key_age)


@asynccontextmanager
async def _opened(settings: ApiSettings) -> AsyncIterator[AsyncRedisStore]:
    store = AsyncRedisStore.of(settings.store, timeout=settings.redis_deadline)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def _running(work: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    task = asyncio.create_task(_again_and_again(work))
    try:
        yield
    finally:
        await end(task)
        with contextlib.suppress(asyncio.CancelledError):
            task.result()


async def _again_and_again(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Without its background work a process answers its probes and serves nobody: a mistake in it must not end it."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("background.crashed", work=work.__qualname__)
            await asyncio.sleep(PAUSE)
