"""Redis and memory, told the same things in any order, answer the same; and what Redis keeps agrees with itself."""

import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
import redis
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from heavylift.access import NewKey, Scope, new_key
from heavylift.audit import Action, Actor, AuditEntry, Deed, Door
from heavylift.audit import Outcome as Told
from heavylift.batch import BatchItem
from heavylift.batch_story import BatchTold
from heavylift.claim_check import ClaimCheck
from heavylift.errors import LeaseLost, QueueFull, StoreRefused, WorkerRests
from heavylift.idempotency import Debounce, IdempotencyKey, Unique, While
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Cancelled, Failed, Failure, Outcome, Retry, Succeeded
from heavylift.record import Accepted, Delivery, Durability, Executor, Form, Priority, Submission, new_task_id
from heavylift.schedule import KeptSchedule, Overlap, Schedule, Timing, submission_of
from heavylift.state import TERMINAL, FailureReason, State
from heavylift.store import calls
from heavylift.store.calls import LANES, Call, Ended, Limits, Memo
from heavylift.store.memory import MemoryStore
from heavylift.store.redis import RedisStore
from heavylift.story import BEGINNING, Event, EventName, LogLine, Place, log_after, tell
from tests.support.eventually import eventually

CONSUMERS = ("w1", "w2")
QUEUES = ("left", "right")
STREAMS = calls.streams(QUEUES)
WHOLE = [5] * 8  # of each stream, which is more than is ever wanted
HOUR = 3600.0
TENANTS = ("", "acme", "other")
BROKEN = Failure("ValueError", "it broke", retryable=True)
TORN = Failure("OSError", "it tore", retryable=True)
LIMITS = Limits(dead_limit=6, log_lines=4, audit_length=5)
FAILURES = [Failed(BROKEN), Failed(TORN), Failed(BROKEN, FailureReason.PERMANENT), Failed(TORN, FailureReason.TIMED_OUT)]
ENDS = [Succeeded("1"), Succeeded("2"), Cancelled(), *FAILURES]

consumers = st.sampled_from(CONSUMERS)
counts = st.integers(1, 4)
batches = st.lists(st.integers(1, 5), min_size=8, max_size=8)
ends = st.lists(st.sampled_from(ENDS), min_size=2, max_size=4)
which = st.integers(0, 1000)  # picks one of what there is by then


def maybe(values: Any) -> st.SearchStrategy[Any]:
    """One of these, or nothing."""
    return st.sampled_from([None, *values])


class Twins(RuleBasedStateMachine):
    """Two stores that are asked the same. Every answer is compared, and after every step all that both know."""

    def __init__(self, server: EmbeddedRedis) -> None:
        super().__init__()
        self._opened = ExitStack()
        self.client: Any = self._opened.enter_context(redis.Redis.from_url(server.url, decode_responses=True))
        self.redis = self._opened.enter_context(RedisStore.from_url(server.url, namespace=uuid.uuid4().hex, limits=LIMITS))
        self.memory = MemoryStore(limits=LIMITS)
        self.ids: list[str] = []
        self.batches: list[str] = []
        self.deliveries: list[Delivery] = []
        self.keys = [new_key() for _ in range(3)]
        self.deeds: list[tuple[str, str]] = []
        self.waiting: dict[str, tuple[Any, Any]] = {}
        self.lines = Counter[tuple[str, int]]()
        self.heard: defaultdict[str, dict[Place, Event]] = defaultdict(dict)

    def teardown(self) -> None:
        for key in self.client.scan_iter(match=f"{self.redis.partition.split(':')[0]}:*", count=1000):
            self.client.delete(key)
        self._opened.close()

    @initialize(outcomes=ends)
    def both_consumers_announce_themselves_and_begin(self, outcomes: list[Outcome]) -> None:
        for consumer in CONSUMERS:
            self.register(consumer)
        self.work("w1", "left", outcomes)
        self.submit(2, "right", Priority.NORMAL, None, None)
        self.claim("w2", 2, [*STREAMS], 0, WHOLE, own=False)

    @rule(
        count=counts,
        queue=st.sampled_from(QUEUES),
        priority=st.sampled_from(Priority),
        delay=st.sampled_from([None, None, None, 0.001, HOUR]),
        expires=st.sampled_from([None, None, None, -HOUR, HOUR]),
        tenant=st.sampled_from(TENANTS),
    )
    def submit(
        self, count: int, queue: str, priority: Priority, delay: float | None, expires: float | None, tenant: str = ""
    ) -> None:
        expires_at = None if expires is None else datetime.now(UTC) + timedelta(seconds=expires)
        tasks = tuple(
            Submission(
                kind="demo.work",
                payload="{}",
                queue=queue,
                priority=priority,
                delay=delay,
                expires_at=expires_at,
                tenant=tenant,
            )
            for _ in range(count)
        )
        self.ask(calls.Submit(tasks))
        self.ask(calls.Submit(tasks, Durability.REPLICA))  # known or not, without a replica it changes nothing
        self.ids += [task.id for task in tasks]
        self.let_a_millisecond_pass()

    @rule(name=st.sampled_from("ab"), asked=st.sampled_from(["this", "this", "that"]), delay=maybe([HOUR]), alone=st.booleans())
    def submit_again(self, name: str, asked: str, delay: float | None, *, alone: bool) -> None:
        """Under one of two keys, which are used for two things, and by tasks that may be known already."""
        key = IdempotencyKey(name, asked, HOUR)
        task = Submission(kind="demo.work", payload="{}", queue="left", delay=delay, idempotency_key=key)
        found = self.ask(calls.FindAnswer(key))
        for accepted in self.accepted((task if alone or not self.ids else replace(task, id=self.ids[-1]),)):
            assert found is None or found == accepted
            self.ids += [] if accepted.duplicate else [accepted.id]
        self.let_a_millisecond_pass()

    @rule(name=st.sampled_from("ab"), held_while=st.sampled_from(While), count=counts, delay=maybe([HOUR]), again=st.booleans())
    def submit_unique(self, name: str, held_while: While, count: int, delay: float | None, *, again: bool) -> None:
        """Under one of two keys, for different times, and some of them under an idempotency key."""
        unique, key = Unique(name, held_while, HOUR), IdempotencyKey("c", "this", HOUR) if again else None
        tasks = tuple(
            Submission(kind="demo.work", payload="{}", queue="left", delay=delay, unique=unique, idempotency_key=key)
            for _ in range(count)
        )
        self.ids += [accepted.id for accepted in self.accepted(tasks) if not accepted.duplicate]
        self.let_a_millisecond_pass()

    @rule(pick=which, known=st.booleans(), refer=st.booleans())
    def note_an_object(self, pick: int, *, known: bool, refer: bool) -> None:
        """For a task that there is, for one that comes with it, or for none."""
        name = f"object-{len(self.ids)}-{pick}"
        task = Submission(kind="demo.work", payload=ClaimCheck(name, 1, "00").text, queue="left")
        id_ = self.ids[pick % len(self.ids)] if known and self.ids else task.id
        self.ask(calls.NoteObject(calls.KeptObject(name, id_), 0.0))
        if refer:
            self.ids += [accepted.id for accepted in self.accepted((task,))]
        self.let_a_millisecond_pass()

    @rule(deleted=st.booleans())
    def look_for_spare_objects(self, *, deleted: bool) -> None:
        """None is spare that a record refers to, or that is of a task that lives."""
        self.let_a_millisecond_pass()
        call = calls.FindSpareObjects(again=0.0, turn=0.0)
        found, there = self.redis.run(call), self.memory.run(call)
        assert sorted(found.objects) == sorted(there.objects)
        for kept in found.objects:
            record = self.redis.run(calls.Read(kept.task_id))
            assert record is None or (record.ended and kept.name not in record.payload)
        if deleted and found.objects:
            self.ask(calls.ForgetObjects(found.objects))

    @rule(name=st.sampled_from("ab"), items=st.integers(0, 6), again=st.booleans())
    def open_batch(self, name: str, items: int, *, again: bool) -> None:
        """Some of them under one of two keys."""
        key = IdempotencyKey(f"batch {name}", "this", HOUR) if again else None
        self.batches.append(self.ask(calls.OpenBatch(new_task_id(), items, key)).id)

    @precondition(lambda self: self.batches)
    @rule(nth=which, count=counts, first=st.integers(0, 5), unique=maybe([Unique("a", While.QUEUED)]), known=st.booleans())
    def fill_batch(self, nth: int, count: int, first: int, unique: Unique | None, *, known: bool) -> None:
        batch = self.batches[-1 - nth % min(3, len(self.batches))]
        items = [BatchItem(batch, number) for number in range(first, first + count)]
        tasks = [Submission(kind="demo.work", payload="{}", queue="left", unique=unique, item=item) for item in items]
        if known and self.ids:
            tasks[0] = replace(tasks[0], id=self.ids[-1])
        self.ids += [accepted.id for accepted in self.accepted(tuple(tasks)) if not accepted.duplicate]
        self.let_a_millisecond_pass()

    @precondition(lambda self: self.batches)
    @rule(nth=which, close=st.booleans())
    def give_up_batch(self, nth: int, *, close: bool) -> None:
        batch = self.batches[-1 - nth % min(3, len(self.batches))]
        self.ask(calls.CloseBatch(batch) if close else calls.CancelBatch(batch))

    @rule(nth=which, tenant=st.sampled_from(TENANTS), lifetime=maybe([0.001, HOUR]), sole=st.booleans())
    def add_key(self, nth: int, tenant: str, lifetime: float | None, *, sole: bool) -> None:
        text = self.keys[nth % len(self.keys)]
        key = NewKey(id=text.id, digest=text.digest, name="shop", scopes=(Scope.READ,), tenant=tenant, lifetime=lifetime)
        self.ask(calls.AddKey(key, sole))
        self.let_a_millisecond_pass()
        self.let_a_millisecond_pass()  # what lives for one is over on both

    @rule(
        name=st.sampled_from("ab"),
        tenant=st.sampled_from(TENANTS),
        hours=maybe([-1.0, 1.0]),
        overlap=st.sampled_from(Overlap),
        stale=st.booleans(),
    )
    def put_schedule(self, name: str, tenant: str, hours: float | None, overlap: Overlap, *, stale: bool) -> None:
        """Some of them by a version that is known, or was."""
        schedule = Schedule(name=name, tenant=tenant, kind="demo.work", timing=Timing(every=HOUR), overlap=overlap, queue="left")
        next_at = None if hours is None else datetime.now(UTC) + timedelta(hours=hours)
        known = [None if kept is None else kept.version - stale for kept in self.kept(name, tenant)]
        self.ask(*(calls.PutSchedule(schedule, next_at, HOUR, version) for version in known))
        self.let_a_millisecond_pass()

    @rule(name=st.sampled_from("ab"), tenant=st.sampled_from(TENANTS), tasks=st.integers(0, 2), triggered=st.booleans())
    def fire(self, name: str, tenant: str, tasks: int, *, triggered: bool) -> None:
        """One time, perhaps with those that were missed, and once more what is over by then."""
        here, there = self.kept(name, tenant)
        if here is None or there is None or here.next_at is None or (triggered and not tasks):
            return
        due = None if triggered else here.next_at
        following = here.next_at + timedelta(hours=1)
        submissions = tuple(submission_of(here.schedule, new_task_id(), following, None) for _ in range(tasks))
        dues = (due,) * tasks
        fires = [
            calls.Fire(kept=kept, due=due, tasks=submissions, dues=dues, following=following, missed=tasks)
            for kept in (here, there)
        ]
        self.ids += [accepted.id for accepted in self.ask(*fires) or () if not accepted.duplicate]
        if not triggered:
            assert self.ask(*fires) is None
        self.ask(calls.DueSchedules())
        self.ask(calls.ReadSchedules(tenant))
        self.let_a_millisecond_pass()

    @rule(name=st.sampled_from("ab"), tenant=st.sampled_from(TENANTS), stale=st.booleans())
    def drop_schedule(self, name: str, tenant: str, *, stale: bool) -> None:
        known = [None if kept is None else kept.version - stale for kept in self.kept(name, tenant)]
        self.ask(*(calls.DropSchedule(tenant, name, version) for version in known))

    @rule(nth=which, reach=maybe(TENANTS), used=st.booleans())
    def change_key(self, nth: int, reach: str | None, *, used: bool) -> None:
        id_ = self.keys[nth % len(self.keys)].id
        self.ask(calls.RotateKey(id_, new_key().digest, HOUR, reach) if nth % 2 else calls.RevokeKey(id_, reach))
        if used:
            self.ask(calls.NoteKeyUses((id_, "unknown")))

    @rule(
        action=st.sampled_from([Action.CANCEL_TASK, Action.REVOKE_KEY]),
        tenant=st.sampled_from(TENANTS),
        nth=which,
        changed=maybe([0, 7]),
        reach=maybe(TENANTS),
        count=counts,
    )
    def act(self, action: Action, tenant: str, nth: int, changed: int | None, reach: str | None, count: int) -> None:
        """An operator begins something, and one of the last things that were begun is ended."""
        begin = calls.BeginDeed(Deed(Actor(Door.HTTP, "ada", "a1", tenant), action, "t1", "r1", {"rate": changed}))
        self.deeds.append((self.redis.run(begin), self.memory.run(begin)))
        here, there = self.deeds[-1 - nth % min(7, len(self.deeds))]
        self.ask(calls.EndDeed(here, Told("done", changed)), calls.EndDeed(there, Told("done", changed)))
        self.ask(calls.ReadAudit(count, reach=reach, action=action if nth % 2 else None))

    @rule(consumer=consumers, held=st.integers(0, 3))
    def register(self, consumer: str, held: int = 0) -> None:
        in_hand = tuple(delivery.id for delivery in self.deliveries[len(self.deliveries) - held :])
        self.ask(calls.Register(consumer, QUEUES, HOUR, {}, in_hand))
        self.waiting.pop(consumer, None)

    @rule(consumer=consumers)
    def wait(self, consumer: str) -> None:
        if consumer in self.waiting or not self.client.zscore(f"{self.redis.partition}:consumers", consumer):
            return
        here, there = (store.wait(consumer, STREAMS, 0.001) for store in (self.redis, self.memory))
        assert [(w.stream, w.id) for w in here] == [(w.stream, w.id) for w in there]
        self.waiting[consumer] = here, there

    @rule(
        consumer=consumers,
        count=counts,
        order=st.permutations(STREAMS),
        left_out=st.integers(0, 4),
        batches=batches,
        own=st.booleans(),
    )
    def claim(self, consumer: str, count: int, order: list[str], left_out: int, batches: list[int], *, own: bool) -> None:
        here, there = self.waiting.pop(consumer, ((), ()))
        own = own and not left_out  # a claim of one's own reads what the wait has read
        sources = tuple(calls.Source(stream, batch) for stream, batch in zip(order[left_out:], batches, strict=False))
        claims = [calls.Claim(consumer, sources, count, () if own else waiting, own) for waiting in (here, there)]
        deliveries = self.ask(*claims)
        if not isinstance(deliveries, (LeaseLost, WorkerRests)):
            self.deliveries += deliveries

    @rule(consumer=consumers, queue=st.sampled_from(QUEUES), outcomes=ends)
    def work(self, consumer: str, queue: str, outcomes: list[Outcome]) -> None:
        """From the beginning to the end; by themselves claims seldom meet a task, and ends a delivery that still holds."""
        self.submit(len(outcomes), queue, Priority.HIGH, None, None)
        self.claim(consumer, len(outcomes), [*STREAMS], 0, WHOLE, own=False)
        for delivery, outcome in zip(self.deliveries[-len(outcomes) :], outcomes, strict=False):
            self.ask(calls.Complete((Ended(delivery.id, delivery.fence, outcome),)))

    @precondition(lambda self: self.deliveries)
    @rule(nth=which, outcome=st.sampled_from(ENDS))
    def complete(self, nth: int, outcome: Outcome) -> None:
        for delivery in self.picked(nth):
            self.ask(calls.Complete((Ended(delivery.id, delivery.fence, outcome),)))

    @rule(nth=which, delay=st.sampled_from([0.0, 0.0, HOUR]), payload=st.sampled_from(["", "", "[1]"]))
    def reschedule(self, nth: int, delay: float, payload: str) -> None:
        for delivery in self.picked(nth):
            self.ask(calls.Reschedule((Ended(delivery.id, delivery.fence, Retry(delay, BROKEN, payload)),)))
            self.let_a_millisecond_pass()

    @rule(nth=which)
    def release(self, nth: int) -> None:
        for delivery in self.picked(nth):
            self.ask(calls.Release(((delivery.id, delivery.fence),)))

    @rule(nth=which, done=st.integers(0, 9))
    def progress(self, nth: int, done: int) -> None:
        for delivery in self.picked(nth):
            self.ask(calls.Remember((Memo.progress(delivery.id, delivery.fence, {"done": done}),)))

    @rule(nth=which, lines=st.integers(1, 3), again=st.booleans(), skipped=st.integers(0, 1))
    def log(self, nth: int, lines: int, skipped: int, *, again: bool) -> None:
        """Some lines, and perhaps the same once more; some before them may not have been kept."""
        for delivery in self.picked(nth):
            key = (delivery.id, delivery.fence)
            first = self.lines[key] + 1 + skipped
            self.lines[key] = first + lines - 1
            portion = [LogLine(number, 0, "info", 1, "demo", "größe", {}) for number in range(first, first + lines)]
            for _ in range(1 + again):
                self.ask(calls.Remember((Memo.log(*key, portion),)))

    @rule(nth=which, other=which, text=st.sampled_from(["1", '{"row": 7}']))
    def remember(self, nth: int, other: int, text: str) -> None:
        one, another = next(self.picked(nth), None), next(self.picked(other), None)
        if one and another:
            memos = Memo.checkpoint(one.id, one.fence, text), Memo.effect(another.id, another.fence, "mail", text)
            self.ask(calls.Remember(memos))

    @rule(nth=which)
    def recall(self, nth: int) -> None:
        for delivery in self.picked(nth):
            self.ask(calls.Recall(delivery.id, delivery.fence, "mail"))

    @rule(queue=st.sampled_from(QUEUES), attempts=counts, horizon=st.sampled_from([0.0, 2 * HOUR]))
    def look_at_the_workload(self, queue: str, attempts: int, horizon: float) -> None:
        self.ask(calls.TellRuns((calls.Runs(queue, Executor.PROCESS, "demo.work", attempts, 0.5),)))
        self.ask(calls.Workload(horizon))

    @rule(consumer=consumers, seconds=st.sampled_from([0.0, 0.001, HOUR]))
    def rest(self, consumer: str, seconds: float) -> None:
        self.ask(calls.Rest((consumer,), seconds))
        self.let_it_lapse(seconds)
        self.ask(calls.Renew((consumer,), HOUR))
        self.ask(calls.ReadHosts())

    @rule(queue=st.sampled_from((*QUEUES, "nowhere")), seconds=maybe([0.001, HOUR]), wait=st.booleans())
    def pause(self, queue: str, seconds: float | None, *, wait: bool) -> None:
        """Sometimes so briefly that the next promotion ends it, sometimes with something that was taken and not yet claimed."""
        if wait:
            self.wait("w1")
        self.ask(calls.PauseQueue(queue, seconds, "ada", "because"))
        self.let_it_lapse(seconds)

    @rule(
        name=st.sampled_from("ab"),
        seconds=st.sampled_from([HOUR, 2 * HOUR]),
        most=maybe([0.5 * HOUR]),
        payload=st.sampled_from("12"),
    )
    def submit_debounced(self, name: str, seconds: float, most: float | None, payload: str) -> None:
        task = Submission(kind="demo.work", payload=payload, queue="left", debounce=Debounce(name, seconds, most))
        for _ in range(2):
            (accepted,) = self.ask(calls.SubmitEach((task,)))
        if not isinstance(accepted, QueueFull) and accepted.id == task.id:
            self.ids.append(accepted.id)
        self.let_a_millisecond_pass()

    @rule(queue=st.sampled_from((*QUEUES, "nowhere")), length=maybe([0, 3, 6]))
    def limit(self, queue: str, length: int | None) -> None:
        self.ask(calls.LimitQueue(queue, length))

    @rule(count=counts, known=st.booleans(), onward=st.booleans(), unique=maybe([Unique("a")]), delay=maybe([HOUR]))
    def submit_each(self, count: int, unique: Unique | None, delay: float | None, *, known: bool, onward: bool) -> None:
        """Into both queues; some may be known, or are the next steps of what runs."""
        tasks = [
            Submission(kind="demo.work", payload="{}", queue=QUEUES[number % 2], delay=delay, onward=onward and number == 0)
            for number in range(count)
        ]
        tasks[-1] = replace(tasks[-1], unique=unique)
        if known and self.ids:
            tasks[0] = replace(tasks[0], id=self.ids[-1])
        answers = self.ask(calls.SubmitEach(tuple(tasks)))
        self.ids += [told.id for told in answers if not isinstance(told, QueueFull) and not told.duplicate]
        self.let_a_millisecond_pass()

    @rule(queue=st.sampled_from((*QUEUES, "nowhere")), dry=st.booleans(), reach=maybe(TENANTS), onward=st.booleans())
    def purge(self, queue: str, reach: str | None, *, dry: bool, onward: bool) -> None:
        wanted = calls.PurgeQueue(queue, None if dry else BROKEN, reach=reach)
        portion = self.ask(wanted)
        if portion and onward and portion.cursor:
            self.ask(replace(wanted, till=portion.till, cursor=portion.cursor))

    @rule(queue=st.sampled_from((*QUEUES, "nowhere")))
    def resume(self, queue: str) -> None:
        self.ask(calls.ResumeQueue(queue))

    @rule(pool=st.sampled_from("ab"), replicas=maybe([3]), seconds=maybe([0.001, HOUR]), back=st.booleans())
    def steer(self, pool: str, replicas: int | None, seconds: float | None, *, back: bool) -> None:
        self.ask(calls.Steer(pool, None if back else calls.Steering(replicas, "release", "ada"), seconds))
        self.ask(calls.TellScaling(calls.ScalingReport(pool, ())))
        self.let_it_lapse(seconds)
        self.ask(calls.ReadScaling())

    @rule()
    def renew(self) -> None:
        self.ask(calls.Renew(CONSUMERS, HOUR))

    @rule(consumer=consumers, blame=st.booleans(), known=st.booleans())
    def hand_on(self, consumer: str, blame: bool, known: bool) -> None:
        ran = self.deliveries[-1].id if known and self.deliveries else ""
        self.ask(calls.HandOn(consumer, "SIGKILL", blame, max_deaths=2, ran=ran))
        self.waiting.pop(consumer, None)

    @rule(nth=which, reach=maybe(TENANTS))
    def cancel(self, nth: int, reach: str | None) -> None:
        if self.ids:
            self.ask(calls.Cancel(self.ids[nth % len(self.ids)], reach))

    @rule(nth=which, count=counts, reach=maybe(TENANTS))
    def cancel_many(self, nth: int, count: int, reach: str | None) -> None:
        self.ask(calls.CancelMany((*self.some(nth, count), "nobody"), reach))

    @rule(nth=which, count=counts, reach=maybe(TENANTS))
    def hasten(self, nth: int, count: int, reach: str | None) -> None:
        self.ask(calls.Hasten((*self.some(nth, count), "nobody"), reach))
        self.let_a_millisecond_pass()

    @precondition(lambda self: self.some_dead(0, 1))
    @rule(nth=which, count=counts, hours=st.sampled_from([None, None, 1.0]), reach=maybe(TENANTS))
    def replay(self, nth: int, count: int, hours: float | None, reach: str | None) -> None:
        first_due = None if hours is None else datetime.now(UTC) + timedelta(hours=hours)
        self.ask(calls.Replay((*self.some_dead(nth, count), "nobody"), first_due, HOUR * (nth % 2), reach))
        self.let_a_millisecond_pass()

    @precondition(lambda self: self.some_dead(0, 1))
    @rule(
        nth=which, payload=st.sampled_from(["[2]", "[3]"]), form=st.sampled_from([Form.PAYLOAD, Form.CALL]), reach=maybe(TENANTS)
    )
    def replay_edited(self, nth: int, payload: str, form: Form, reach: str | None) -> None:
        for id_ in (*self.some_dead(nth, 1), "nobody"):
            self.ask(calls.ReplayEdited(id_, payload, form, reach))
            self.ask(calls.FormerPayloads(id_, tuple(range(6))))
        self.let_a_millisecond_pass()

    @precondition(lambda self: self.some_dead(0, 1))
    @rule(nth=which, reach=maybe(TENANTS))
    def discard(self, nth: int, reach: str | None) -> None:
        self.ask(calls.Discard((*self.some_dead(nth, 1), "nobody"), reach))

    @rule(queue=maybe(QUEUES), reason=maybe(FailureReason), error=maybe((BROKEN, TORN)), count=counts, tenant=maybe(TENANTS))
    def look_through_the_dead(
        self, queue: str | None, reason: FailureReason | None, error: Failure | None, count: int, tenant: str | None
    ) -> None:
        mark = error.fingerprint if error else None
        wanted = calls.DeadFilter(kind="demo.work", queue=queue, reason=reason, fingerprint=mark, tenant=tenant)
        self.ask(calls.FindDead(wanted, count))
        here, there = (store.run(calls.DeadLetters(wanted, count)) for store in (self.redis, self.memory))
        assert comparable(here.records) == comparable(there.records)
        assert (here.cursor is None) == (there.cursor is None)  # a cursor is a moment
        self.ask(calls.DeadGroups(wanted, 100))

    @rule()
    def sweep(self) -> None:
        self.ask(calls.Sweep())

    @rule(count=counts)
    def promote(self, count: int) -> None:
        self.ask(calls.Promote(count))

    @rule(state=st.sampled_from([None, *State]), queue=maybe(QUEUES), tenant=maybe(TENANTS), count=counts, onward=st.booleans())
    def list_page(self, state: State | None, queue: str | None, tenant: str | None, count: int, onward: bool) -> None:
        wanted = calls.List(count=count, state=state, queue=queue, tenant=tenant)
        page = self.ask(wanted)
        if onward and page.cursor is not None:
            self.ask(replace(wanted, cursor=page.cursor))
        self.ask(calls.FindTasks(replace(wanted, submitted_before=datetime.now(UTC) - timedelta(hours=1 if onward else -1))))

    @invariant()
    def both_know_the_same(self) -> None:
        self.ask(calls.List(count=1000))
        self.ask(calls.Statistics())
        self.ask(calls.ReadQueues())
        self.ask(calls.ReadWorkers(tasks=1000))
        for id_ in self.ids[-3:]:
            self.ask(calls.ReadHistory(id_))
            self.ask(calls.Follow(id_))
            self.ask(calls.ReadLog(id_))
        for id_ in self.ids[-1:]:
            self.ask(calls.LookAhead(id_))
        for batch in self.batches[-2:]:
            self.ask(calls.ReadBatch(batch))
            self.ask(calls.FollowBatch(batch))
            self.ask(calls.List(batch=batch))
        self.ask(calls.ReadKeys())
        self.ask(calls.ReadSchedules())

    @invariant()
    def who_follows_a_task_hears_all_that_is_told_to_who_comes_later(self) -> None:
        for id_ in self.ids[:8]:
            heard = self.heard[id_]
            last = max(heard, default=BEGINNING)
            told = self.redis.run(calls.Follow(id_, log_after=log_after(last)))
            if told is None:
                continue
            heard |= {event.place: event for event in tell(told, last).events}
            for event in tell(self.redis.run(calls.Follow(id_)), BEGINNING).events:
                assert event.name is EventName.DROPPED or heard.get(event.place) == event, (event, list(heard.values()), told)

    @invariant()
    def redis_agrees_with_itself(self) -> None:
        check(self.client, self.redis.partition)

    def kept(self, name: str, tenant: str) -> list[KeptSchedule | None]:
        """A schedule as either store has it."""
        asked = calls.ReadSchedule(tenant, name)
        return [next(iter(store.run(asked).schedules), None) for store in (self.redis, self.memory)]

    def picked(self, nth: int) -> Iterator[Delivery]:
        """One of the latest deliveries, which may be stale by now."""
        if recent := self.deliveries[-8:]:
            yield recent[nth % len(recent)]

    def some(self, nth: int, count: int) -> list[str]:
        """Some tasks, one after the other."""
        return self.ids[nth % max(1, len(self.ids)) :][:count]

    def some_dead(self, nth: int, count: int) -> tuple[str, ...]:
        """Some dead letters, and a task that may be anything else."""
        found: calls.Found = self.redis.run(calls.FindDead())
        return (*found.ids[nth % max(1, len(found.ids)) :][:count], *self.ids[nth % max(1, len(self.ids)) :][:1])

    def accepted(self, tasks: tuple[Submission, ...]) -> tuple[Accepted, ...]:
        """What is answered to a submission; nothing where the queue is full."""
        told = self.ask(calls.Submit(tasks))
        return () if isinstance(told, QueueFull) else told

    def ask(self, call: Call[Any], in_memory: Call[Any] | None = None) -> Any:
        here = answer(self.redis, call)
        there = answer(self.memory, in_memory or call)
        assert comparable(here) == comparable(there), call
        return here

    def let_it_lapse(self, seconds: float | None) -> None:
        """What holds for a millisecond only is over before anybody looks."""
        if seconds == 0.001:
            self.let_a_millisecond_pass()
            self.let_a_millisecond_pass()

    def let_a_millisecond_pass(self) -> None:
        """Times in Redis are whole milliseconds: what follows gets another."""
        moment = self.client.time()
        eventually(self.client.time, holds=lambda now: (now[0], now[1] // 1000) > (moment[0], moment[1] // 1000))


def answer(store: Any, call: Call[Any]) -> Any:
    try:
        return store.run(call)
    except (LeaseLost, QueueFull, StoreRefused, WorkerRests) as error:
        return error


def comparable(value: Any) -> Any:
    """A reply without what may differ: moments and ages are there or not, queues have no order among them."""
    if isinstance(value, (LeaseLost, StoreRefused, WorkerRests)):
        return type(value), str(value)
    if isinstance(value, QueueFull):
        return value.queue, value.limit, value.waiting  # when to come again depends on moments
    if isinstance(value, BatchTold):  # those that end in one step have no order among them
        return comparable(value.batch), value.total, sorted((end.id, end.state) for end in value.ends)
    if isinstance(value, calls.HandedOn):
        return value.consumer, sorted(value.requeued), sorted(value.buried), sorted(value.cancelled)
    if isinstance(value, calls.Scaling):
        value = value.report, *value.steering.items()
    if isinstance(value, calls.Found):
        return value.ids, value.cursor is None
    if isinstance(value, calls.DeadGroupsReply):
        return sorted(
            (g.kind, g.queue, g.reason, g.fingerprint, g.tenant, g.count, str(g.error)) for g in value.groups
        ), value.more
    if isinstance(value, calls.KeysReply):
        return value.version > 0, comparable(value.keys)
    if isinstance(value, calls.AuditPage):
        return value.cursor is None, comparable(value.entries)
    if isinstance(value, AuditEntry):
        value = replace(value, id="")
    if isinstance(value, calls.Purged):
        return value.count, value.cursor  # what was refused after its number was given leaves a gap in one of them
    if isinstance(value, calls.QueueState):
        value = replace(value, pulse=None)  # whose moments are not the same
    if isinstance(value, calls.DueReply):
        return value.until_next is None, sorted((kept.schedule.place, str(comparable(kept))) for kept in value.due)
    if isinstance(value, KeptSchedule):
        value = replace(value, version=0)
    if isinstance(value, calls.WorkloadReply):
        value = replace(value, runs=tuple(sorted(value.runs, key=lambda runs: (runs.queue, runs.executor, runs.kind))))
    if isinstance(value, tuple):
        return [comparable(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: comparable(getattr(value, field.name)) for field in fields(value)} | {"oldest_age": None}
    if isinstance(value, float):
        return "some seconds"
    return "some moment" if isinstance(value, datetime) else value


def check(client: Any, partition: str) -> None:
    """Each record is in the index of its state and no other, in a stream exactly when it waits or runs, and counted."""
    records = {key.rsplit(":", 1)[1]: client.hgetall(key) for key in client.scan_iter(match=f"{partition}:task:*", count=1000)}
    by_state = {state: {id_ for id_, record in records.items() if record["state"] == state} for state in State}

    for state in State:
        assert set(client.zrange(f"{partition}:index:state:{state}", 0, -1)) == by_state[state], state
    assert set(client.zrange(f"{partition}:scheduled", 0, -1)) == by_state[State.SCHEDULED]
    unstarted = {id_ for id_, r in records.items() if "expires_at" in r and r["fence"] == "0" and "ended_at" not in r}
    assert set(client.zrange(f"{partition}:expiring", 0, -1)) == unstarted
    check_streams(client, partition, records, by_state)
    check_marks(client, partition, records)
    check_counters(client, partition, records)
    check_dead(client, partition, records, by_state[State.FAILED])
    check_lives(client, partition, records)
    check_batches(client, partition, records)
    check_schedules(client, partition)


def check_streams(client: Any, partition: str, records: dict[str, Any], by_state: dict[State, set[str]]) -> None:
    pointers: Counter[str] = Counter()
    running: set[str] = set()
    for queue in QUEUES:
        for lane in LANES:
            stream = f"{partition}:queue:{queue}:process:{lane}"
            entries = dict(client.xrange(stream))
            for entry, pointer in entries.items():
                record = records[pointer["id"]]
                assert (record["queue"], record["lane"], record["entry"]) == (queue, lane, entry)
                pointers[pointer["id"]] += 1
            for pending in client.xpending_range(stream, "workers", "-", "+", 1000):
                record = records[entries[pending["message_id"]]["id"]]
                if record["state"] == State.RUNNING:
                    assert record["worker"] == pending["consumer"]
                    running.add(entries[pending["message_id"]]["id"])
    assert pointers == Counter(by_state[State.QUEUED] | by_state[State.RUNNING])
    assert running == by_state[State.RUNNING]


def check_marks(client: Any, partition: str, records: dict[str, Any]) -> None:
    """Whoever runs what was called off will hear of it, and only those who have a lease have anything to hear."""
    for id_, record in records.items():
        if record["state"] == State.RUNNING and "cancel_requested" in record:
            assert client.sismember(f"{partition}:consumer:{record['worker']}:cancelling", id_)
    marked = {key.split(":")[-2] for key in client.scan_iter(match=f"{partition}:consumer:*:cancelling", count=1000)}
    assert marked <= set(client.zrange(f"{partition}:consumers", 0, -1))


def check_counters(client: Any, partition: str, records: dict[str, Any]) -> None:
    for queue in QUEUES:
        counters = {name: int(value) for name, value in client.hgetall(f"{partition}:counters:{queue}").items()}
        mine = [record for record in records.values() if record["queue"] == queue]
        gone = counters.get("discarded", 0) + counters.get("dropped", 0)
        assert counters.get("submitted", 0) == len(mine) + gone
        for state in (State.SUCCEEDED, State.CANCELLED, State.EXPIRED):
            assert counters.get(state, 0) == sum(record["state"] == state for record in mine), state
        dead = sum(record["state"] == State.FAILED for record in mine)
        assert counters.get("failed", 0) == dead + gone + counters.get("replayed", 0)
        assert counters.get("retried", 0) >= sum(int(record["attempt"]) - 1 for record in mine)


def check_dead(client: Any, partition: str, records: dict[str, Any], failed: set[str]) -> None:
    """What failed is a dead letter, in the group of its like, and counted there; nothing else says why it failed."""
    moments = dict(client.zrange(f"{partition}:dead", 0, -1, withscores=True))
    assert set(moments) == failed
    assert len(set(moments.values())) == len(moments)
    assert len(moments) <= LIMITS.dead_limit
    assert {id_ for id_, record in records.items() if "reason" in record or "fingerprint" in record} == failed

    groups = Counter[str]()
    for id_ in failed:
        r = records[id_]
        group = json.dumps([r["kind"], r["queue"], r["reason"], r["fingerprint"], r.get("tenant", "")], separators=(",", ":"))
        assert client.zscore(f"{partition}:dead:group:{group}", id_) == moments[id_]
        groups[group] += 1
    assert dict(client.zrange(f"{partition}:dead:groups", 0, -1, withscores=True)) == groups
    for group, count in groups.items():
        assert client.zcard(f"{partition}:dead:group:{group}") == count
    counts = Counter(f"{records[id_]['reason']}:{records[id_]['queue']}" for id_ in failed)
    assert {place: int(count) for place, count in client.hgetall(f"{partition}:dead:counts").items()} == counts


def check_lives(client: Any, partition: str, records: dict[str, Any]) -> None:
    """A record that has ended well or was called off lives for its time and so does its history; no other has a time to live."""
    histories = {key.rsplit(":", 1)[1] for key in client.scan_iter(match=f"{partition}:history:*", count=1000)}
    logs = {key.rsplit(":", 1)[1] for key in client.scan_iter(match=f"{partition}:log:*", count=1000)}
    assert histories | logs <= set(records)
    for id_, record in records.items():
        keys = [f"{partition}:task:{id_}", *([f"{partition}:history:{id_}"] if id_ in histories else [])]
        keys += [f"{partition}:log:{id_}"] if id_ in logs else []
        over = record["state"] in TERMINAL - {State.FAILED}
        assert all((client.pttl(key) > 0) == over for key in keys), record


def check_batches(client: Any, partition: str, records: dict[str, Any]) -> None:
    """A batch has counted each of its tasks that are there, under the way in which it has ended."""
    for key in client.scan_iter(match=f"{partition}:batch:*", count=1000):
        counts = {name: int(value) for name, value in client.hgetall(key).items() if name not in ("ended_at", "tenant")}
        mine = {id_: record for id_, record in records.items() if record.get("batch") == key.rsplit(":", 1)[1]}
        discarded = counts.get("made", 0) - len(mine)  # those had failed
        assert discarded >= 0
        for state in TERMINAL:
            there = sum(record["state"] == state for record in mine.values())
            assert counts.get(state, 0) == there + (discarded if state is State.FAILED else 0), state
        assert set(client.zrange(f"{partition}:index:batch:{key.rsplit(':', 1)[1]}", 0, -1)) == set(mine)


def check_schedules(client: Any, partition: str) -> None:
    """Each schedule comes at the time that it says, or not at all."""
    coming = dict(client.zrange(f"{partition}:schedules", 0, -1, withscores=True))
    kept = {
        key.removeprefix(f"{partition}:schedule:"): client.hgetall(key) for key in client.scan_iter(f"{partition}:schedule:*")
    }
    assert coming == {place: float(told["next_at"] or "inf") for place, told in kept.items()}


@pytest.fixture(scope="module")
def server(_no_settings_from_outside: None) -> Iterator[EmbeddedRedis]:
    """A server of their own, because they ask it a lot."""
    with EmbeddedRedis() as server:
        yield server


@pytest.mark.timeout(360)  # it is many times as long as any other, and longer still beside others' work
def test_redis_and_memory_cannot_be_told_apart(server: EmbeddedRedis) -> None:
    profile = settings(
        max_examples=50,
        stateful_step_count=40,
        derandomize=True,  # the same steps on every machine; a nightly run may vary them
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: Twins(server), settings=profile)  # type: ignore[arg-type]  # a factory will do
