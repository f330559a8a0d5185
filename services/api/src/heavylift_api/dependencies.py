"""What a route asks for, as types: a signature reads as a requirement."""

from typing import Annotated

from fastapi import Depends, Request

from heavylift.batch_story import BatchPlace
from heavylift.story import Place
from heavylift.telemetry.metrics import Metrics
from heavylift_api.audit_reader import AuditReader
from heavylift_api.auditor import Auditor
from heavylift_api.batch_event_shapes import BatchEvent
from heavylift_api.batch_intake import BatchIntake
from heavylift_api.batches import Batches
from heavylift_api.callers import Caller
from heavylift_api.cancel import Canceller
from heavylift_api.catalogue import CatalogueCache
from heavylift_api.census import Census
from heavylift_api.dead_letters import DeadLetterOffice
from heavylift_api.deadline import TimelyStore
from heavylift_api.event_shapes import TaskEvent
from heavylift_api.following import Followers
from heavylift_api.hasten import Hastener
from heavylift_api.intake import Intake
from heavylift_api.key_office import KeyOffice
from heavylift_api.keyring import Keyring
from heavylift_api.large.hand_out import HandOut
from heavylift_api.live_tasks import LiveTaskOffice
from heavylift_api.logs import LogReader
from heavylift_api.observe import Observer
from heavylift_api.purge_office import PurgeOffice
from heavylift_api.queue_office import QueueOffice
from heavylift_api.schedule_office import ScheduleOffice
from heavylift_api.steering_office import SteeringOffice
from heavylift_api.submit import Submitter
from heavylift_api.waiters import Waiters
from heavylift_api.why import Explainer


# Each is async although it waits for nothing: FastAPI would send a plain function to a thread.
async def _store(request: Request) -> TimelyStore:
    store: TimelyStore = request.state.store
    return store


async def _intake(request: Request) -> Intake:
    intake: Intake = request.state.intake
    return intake


async def _catalogue(request: Request) -> CatalogueCache:
    catalogue: CatalogueCache = request.state.catalogue
    return catalogue


async def _waiters(request: Request) -> Waiters:
    waiters: Waiters = request.state.waiters
    return waiters


async def _submitter(request: Request) -> Submitter:
    submitter: Submitter = request.state.submitter
    return submitter


async def _observer(request: Request) -> Observer:
    observer: Observer = request.state.observer
    return observer


async def _canceller(request: Request) -> Canceller:
    canceller: Canceller = request.state.canceller
    return canceller


async def _hastener(request: Request) -> Hastener:
    hastener: Hastener = request.state.hastener
    return hastener


async def _live_tasks(request: Request) -> LiveTaskOffice:
    office: LiveTaskOffice = request.state.live_tasks
    return office


async def _dead_letters(request: Request) -> DeadLetterOffice:
    office: DeadLetterOffice = request.state.dead_letters
    return office


async def _batch_intake(request: Request) -> BatchIntake:
    intake: BatchIntake = request.state.batch_intake
    return intake


async def _batches(request: Request) -> Batches:
    batches: Batches = request.state.batches
    return batches


async def _followers(request: Request) -> Followers[Place, TaskEvent]:
    followers: Followers[Place, TaskEvent] = request.state.followers
    return followers


async def _batch_followers(request: Request) -> Followers[BatchPlace, BatchEvent]:
    followers: Followers[BatchPlace, BatchEvent] = request.state.batch_followers
    return followers


async def _explainer(request: Request) -> Explainer:
    explainer: Explainer = request.state.explainer
    return explainer


async def _key_office(request: Request) -> KeyOffice:
    office: KeyOffice = request.state.key_office
    return office


async def _auditor(request: Request) -> Auditor:
    auditor: Auditor = request.state.auditor
    return auditor


async def _audit_reader(request: Request) -> AuditReader:
    reader: AuditReader = request.state.audit_reader
    return reader


async def _purge_office(request: Request) -> PurgeOffice:
    office: PurgeOffice = request.state.purge_office
    return office


async def _census(request: Request) -> Census:
    census: Census = request.state.census
    return census


async def _queue_office(request: Request) -> QueueOffice:
    office: QueueOffice = request.state.queue_office
    return office


async def _steering_office(request: Request) -> SteeringOffice:
    office: SteeringOffice = request.state.steering_office
    return office


async def _keyring(request: Request) -> Keyring | None:
    keyring: Keyring | None = request.state.keyring
    return keyring


async def _schedules(request: Request) -> ScheduleOffice:
    office: ScheduleOffice = request.state.schedules
    return office


async def _log_reader(request: Request) -> LogReader:
    reader: LogReader = request.state.log_reader
    return reader


async def _hand_out(request: Request) -> HandOut:
    hand_out: HandOut = request.state.hand_out
    return hand_out


async def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.state.metrics
    return metrics


StoreDep = Annotated[TimelyStore, Depends(_store)]
IntakeDep = Annotated[Intake, Depends(_intake)]
CatalogueDep = Annotated[CatalogueCache, Depends(_catalogue)]
WaitersDep = Annotated[Waiters, Depends(_waiters)]
SubmitterDep = Annotated[Submitter, Depends(_submitter)]
ObserverDep = Annotated[Observer, Depends(_observer)]
CancellerDep = Annotated[Canceller, Depends(_canceller)]
HastenerDep = Annotated[Hastener, Depends(_hastener)]
LiveTaskOfficeDep = Annotated[LiveTaskOffice, Depends(_live_tasks)]
DeadLetterOfficeDep = Annotated[DeadLetterOffice, Depends(_dead_letters)]
BatchIntakeDep = Annotated[BatchIntake, Depends(_batch_intake)]
BatchesDep = Annotated[Batches, Depends(_batches)]
FollowersDep = Annotated[Followers[Place, TaskEvent], Depends(_followers)]
BatchFollowersDep = Annotated[Followers[BatchPlace, BatchEvent], Depends(_batch_followers)]
ExplainerDep = Annotated[Explainer, Depends(_explainer)]
ScheduleOfficeDep = Annotated[ScheduleOffice, Depends(_schedules)]
LogReaderDep = Annotated[LogReader, Depends(_log_reader)]
HandOutDep = Annotated[HandOut, Depends(_hand_out)]
MetricsDep = Annotated[Metrics, Depends(_metrics)]
KeyOfficeDep = Annotated[KeyOffice, Depends(_key_office)]
AuditorDep = Annotated[Auditor, Depends(_auditor)]
AuditReaderDep = Annotated[AuditReader, Depends(_audit_reader)]
PurgeOfficeDep = Annotated[PurgeOffice, Depends(_purge_office)]
CensusDep = Annotated[Census, Depends(_census)]
QueueOfficeDep = Annotated[QueueOffice, Depends(_queue_office)]
SteeringOfficeDep = Annotated[SteeringOffice, Depends(_steering_office)]
KeyringDep = Annotated[Keyring | None, Depends(_keyring)]


def caller_of(request: Request) -> Caller:
    """Who calls, as the gate found out. No dependency: to resolve one costs more than to find out who calls."""
    caller: Caller = request.state.caller
    return caller
