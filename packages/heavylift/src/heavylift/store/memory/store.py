"""The two stores in memory: which function answers which call."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

from heavylift.errors import HeavyliftError
from heavylift.store import calls
from heavylift.store.calls import Call, Limits, Waiting
from heavylift.store.memory.audit import begin_deed, end_deed, read_audit
from heavylift.store.memory.batches import cancel_batch, close_batch, follow_batch, open_batch, read_batch
from heavylift.store.memory.cancel import cancel, cancel_many
from heavylift.store.memory.claim import claim, wait
from heavylift.store.memory.conclude import complete, release, reschedule
from heavylift.store.memory.consumers import hand_on, reap, register, renew
from heavylift.store.memory.dead_letters import find, groups, page_of_dead
from heavylift.store.memory.follow import follow, read_log
from heavylift.store.memory.hasten import hasten
from heavylift.store.memory.keys import add_key, note_key_uses, read_keys, revoke_key, rotate_key
from heavylift.store.memory.kinds import catalogue, publish
from heavylift.store.memory.objects import find_spare_objects, forget_objects, note_object
from heavylift.store.memory.outlook import look_ahead
from heavylift.store.memory.pauses import pause, resume
from heavylift.store.memory.probe import probe
from heavylift.store.memory.promote import promote
from heavylift.store.memory.purge import find_purge, keep_purge, purge
from heavylift.store.memory.queues import limit_queue, read_queues
from heavylift.store.memory.read import find_tasks, history_of, page_of, read
from heavylift.store.memory.remember import recall, remember
from heavylift.store.memory.replay import discard, former_payloads, replay, replay_edited
from heavylift.store.memory.rest import read_hosts, rest
from heavylift.store.memory.scaling import read_scaling, steer, tell_scaling
from heavylift.store.memory.schedules import (
    drop_schedule,
    due_schedules,
    fire,
    put_schedule,
    read_schedule,
    read_schedules,
)
from heavylift.store.memory.statistics import statistics
from heavylift.store.memory.submit import find_answer, submit, submit_each
from heavylift.store.memory.sweep import sweep
from heavylift.store.memory.tables import Tables
from heavylift.store.memory.workers import read_workers
from heavylift.store.memory.workload import tell_runs, workload

Reply = TypeVar("Reply")

_ANSWERS: Final[dict[type[Call[Any]], Callable[[Tables, Any], Any]]] = {
    calls.Submit: submit,
    calls.SubmitEach: submit_each,
    calls.FindAnswer: find_answer,
    calls.OpenBatch: open_batch,
    calls.ReadBatch: read_batch,
    calls.FollowBatch: follow_batch,
    calls.CloseBatch: close_batch,
    calls.CancelBatch: cancel_batch,
    calls.Register: register,
    calls.Claim: claim,
    calls.Renew: renew,
    calls.Complete: complete,
    calls.Reschedule: reschedule,
    calls.Release: release,
    calls.HandOn: hand_on,
    calls.Reap: reap,
    calls.Promote: promote,
    calls.Cancel: cancel,
    calls.CancelMany: cancel_many,
    calls.Hasten: hasten,
    calls.Remember: remember,
    calls.Recall: recall,
    calls.Read: read,
    calls.Follow: follow,
    calls.LookAhead: look_ahead,
    calls.ReadLog: read_log,
    calls.List: page_of,
    calls.FindTasks: find_tasks,
    calls.ReadHistory: history_of,
    calls.DeadLetters: page_of_dead,
    calls.FindDead: find,
    calls.DeadGroups: groups,
    calls.Replay: replay,
    calls.ReplayEdited: replay_edited,
    calls.FormerPayloads: former_payloads,
    calls.Discard: discard,
    calls.Sweep: sweep,
    calls.NoteObject: note_object,
    calls.FindSpareObjects: find_spare_objects,
    calls.ForgetObjects: forget_objects,
    calls.Publish: publish,
    calls.ReadCatalogue: catalogue,
    calls.ReadQueues: read_queues,
    calls.LimitQueue: limit_queue,
    calls.PurgeQueue: purge,
    calls.KeepPurge: keep_purge,
    calls.FindPurge: find_purge,
    calls.PauseQueue: pause,
    calls.ResumeQueue: resume,
    calls.ReadWorkers: read_workers,
    calls.Statistics: statistics,
    calls.Workload: workload,
    calls.TellRuns: tell_runs,
    calls.Rest: rest,
    calls.ReadHosts: read_hosts,
    calls.TellScaling: tell_scaling,
    calls.ReadScaling: read_scaling,
    calls.Steer: steer,
    calls.PutSchedule: put_schedule,
    calls.DropSchedule: drop_schedule,
    calls.ReadSchedule: read_schedule,
    calls.ReadSchedules: read_schedules,
    calls.DueSchedules: due_schedules,
    calls.Fire: fire,
    calls.Probe: probe,
    calls.AddKey: add_key,
    calls.RotateKey: rotate_key,
    calls.RevokeKey: revoke_key,
    calls.ReadKeys: read_keys,
    calls.NoteKeyUses: note_key_uses,
    calls.BeginDeed: begin_deed,
    calls.EndDeed: end_deed,
    calls.ReadAudit: read_audit,
}


class MemoryStore:
    """A store in memory with the calls of the Redis stores. ``now`` is its clock."""

    def __init__(self, *, now: Callable[[], datetime] | None = None, limits: Limits | None = None) -> None:
        clock = now or (lambda: datetime.now(UTC))
        self._tables = Tables(clock, limits or Limits(), no_reap_before=clock())
        self._lock = threading.RLock()

    @property
    def limits(self) -> Limits:
        """How much it keeps."""
        return self._tables.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._tables.limits = limits

    def run(self, call: Call[Reply]) -> Reply:
        """Ask one thing. Raises LeaseLost."""
        with self._lock:
            self._tables.forget()
            return cast("Reply", _ANSWERS[type(call)](self._tables, call))

    def run_all(self, several: Sequence[Call[Any]]) -> list[Any]:
        """Ask several things in order. An error of one is returned in its place."""
        replies: list[Any] = []
        for call in several:
            try:
                replies.append(self.run(call))
            except HeavyliftError as error:
                replies.append(error)
        return replies

    def wait(self, consumer: str, streams: Sequence[str], timeout: float) -> tuple[Waiting, ...]:  # noqa: ARG002
        """Take the first entry of each stream for this consumer, without waiting: here nobody else could bring one."""
        with self._lock:
            return wait(self._tables, consumer, streams)


class AsyncMemoryStore:
    """The memory store for asyncio code."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()

    async def run(self, call: Call[Reply]) -> Reply:
        """Ask one thing. Raises LeaseLost."""
        return self.store.run(call)
