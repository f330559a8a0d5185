"""Everything that can be asked of a store, one frozen value per call.

A call knows its script, its arguments and how to read the reply, and does no I/O itself. So the API (asyncio), the worker and
the Celery transport (both blocking) run the very same calls, and a store is anything with a ``run(call)``.
"""

from heavylift.store.calls.audit import AuditPage, BeginDeed, EndDeed, ReadAudit
from heavylift.store.calls.batches import (
    CalledOff,
    CancelBatch,
    CloseBatch,
    FollowBatch,
    OpenBatch,
    Opened,
    ReadBatch,
)
from heavylift.store.calls.call import Call, Limits, Reply
from heavylift.store.calls.cancel import Cancel, CancelMany
from heavylift.store.calls.claim import Claim, Source, Waiting
from heavylift.store.calls.conclude import Complete, Ended, Release, Reschedule, conclusions_of, split
from heavylift.store.calls.consumers import HandedOn, HandOn, Orders, Reap, Register, Renew
from heavylift.store.calls.dead_letters import (
    DeadFilter,
    DeadGroup,
    DeadGroups,
    DeadGroupsReply,
    DeadLetters,
    FindDead,
    Found,
    moment_from,
    moment_of,
)
from heavylift.store.calls.follow import PORTIONS, Follow, ReadLog
from heavylift.store.calls.hasten import Hasten
from heavylift.store.calls.history import ReadHistory
from heavylift.store.calls.keys import (
    AddKey,
    KeyReply,
    KeysReply,
    KeyStanding,
    NoteKeyUses,
    ReadKeys,
    RevokeKey,
    RotateKey,
)
from heavylift.store.calls.kinds import Publish, ReadCatalogue
from heavylift.store.calls.lines import LANES, stream_of, streams
from heavylift.store.calls.moved import Moved
from heavylift.store.calls.objects import FindSpareObjects, ForgetObjects, KeptObject, NoteObject, SpareObjects
from heavylift.store.calls.outlook import LookAhead, Outlook
from heavylift.store.calls.pauses import Paused, PauseQueue, QueuePause, ResumeQueue
from heavylift.store.calls.probe import Probe
from heavylift.store.calls.promote import Promote, Promoted
from heavylift.store.calls.purge import FindPurge, KeepPurge, Purged, PurgePlan, PurgeQueue
from heavylift.store.calls.queues import LimitQueue, Pulse, QueuePage, QueueState, ReadQueues
from heavylift.store.calls.read import FindTasks, IdPage, List, Page, Read, record_from
from heavylift.store.calls.remember import Memo, Recall, Recalled, Remember, effect_field
from heavylift.store.calls.replay import Discard, FormerPayloads, Replay, Replayed, ReplayEdited
from heavylift.store.calls.rest import Host, ReadHosts, Rest, host_of
from heavylift.store.calls.scaling import (
    Condition,
    PoolDecision,
    ReadScaling,
    Scaling,
    ScalingMode,
    ScalingReport,
    Steer,
    Steering,
    TellScaling,
)
from heavylift.store.calls.schedules import (
    NONE,
    DropSchedule,
    DueReply,
    DueSchedules,
    Fire,
    PutSchedule,
    ReadSchedule,
    ReadSchedules,
    ScheduleReply,
    SchedulesReply,
    ScheduleStanding,
)
from heavylift.store.calls.statistics import DeadCount, QueueStatistics, Statistics, StatisticsReply
from heavylift.store.calls.submit import FindAnswer, Submit, SubmitEach, queue_full
from heavylift.store.calls.sweep import Sweep, Swept
from heavylift.store.calls.workers import ReadWorkers, Underway, Worker, WorkerPage
from heavylift.store.calls.workload import Foreseen, Line, Runs, TellRuns, Workload, WorkloadReply

__all__ = [
    "LANES",
    "NONE",
    "PORTIONS",
    "AddKey",
    "AuditPage",
    "BeginDeed",
    "Call",
    "CalledOff",
    "Cancel",
    "CancelBatch",
    "CancelMany",
    "Claim",
    "CloseBatch",
    "Complete",
    "Condition",
    "DeadCount",
    "DeadFilter",
    "DeadGroup",
    "DeadGroups",
    "DeadGroupsReply",
    "DeadLetters",
    "Discard",
    "DropSchedule",
    "DueReply",
    "DueSchedules",
    "EndDeed",
    "Ended",
    "FindAnswer",
    "FindDead",
    "FindPurge",
    "FindSpareObjects",
    "FindTasks",
    "Fire",
    "Follow",
    "FollowBatch",
    "Foreseen",
    "ForgetObjects",
    "FormerPayloads",
    "Found",
    "HandOn",
    "HandedOn",
    "Hasten",
    "Host",
    "IdPage",
    "KeepPurge",
    "KeptObject",
    "KeyReply",
    "KeyStanding",
    "KeysReply",
    "LimitQueue",
    "Limits",
    "Line",
    "List",
    "LookAhead",
    "Memo",
    "Moved",
    "NoteKeyUses",
    "NoteObject",
    "OpenBatch",
    "Opened",
    "Orders",
    "Outlook",
    "Page",
    "PauseQueue",
    "Paused",
    "PoolDecision",
    "Probe",
    "Promote",
    "Promoted",
    "Publish",
    "Pulse",
    "PurgePlan",
    "PurgeQueue",
    "Purged",
    "PutSchedule",
    "QueuePage",
    "QueuePause",
    "QueueState",
    "QueueStatistics",
    "Read",
    "ReadAudit",
    "ReadBatch",
    "ReadCatalogue",
    "ReadHistory",
    "ReadHosts",
    "ReadKeys",
    "ReadLog",
    "ReadQueues",
    "ReadScaling",
    "ReadSchedule",
    "ReadSchedules",
    "ReadWorkers",
    "Reap",
    "Recall",
    "Recalled",
    "Register",
    "Release",
    "Remember",
    "Renew",
    "Replay",
    "ReplayEdited",
    "Replayed",
    "Reply",
    "Reschedule",
    "Rest",
    "ResumeQueue",
    "RevokeKey",
    "RotateKey",
    "Runs",
    "Scaling",
    "ScalingMode",
    "ScalingReport",
    "ScheduleReply",
    "ScheduleStanding",
    "SchedulesReply",
    "Source",
    "SpareObjects",
    "Statistics",
    "StatisticsReply",
    "Steer",
    "Steering",
    "Submit",
    "SubmitEach",
    "Sweep",
    "Swept",
    "TellRuns",
    "TellScaling",
    "Underway",
    "Waiting",
    "Worker",
    "WorkerPage",
    "Workload",
    "WorkloadReply",
    "conclusions_of",
    "effect_field",
    "host_of",
    "moment_from",
    "moment_of",
    "queue_full",
    "record_from",
    "split",
    "stream_of",
    "streams",
]
