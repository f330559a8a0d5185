"""A schedule whose time has come makes its tasks."""

from dataclasses import dataclass, replace
from datetime import datetime

from heavylift.record import Accepted as StoreAccepted
from heavylift.record import Durability, Standing, Submission
from heavylift.schedule import KeptSchedule, Plan, plan_of, submission_of, task_id_at
from heavylift.store.calls import Fire
from heavylift.store.redis import RedisStore
from heavylift.telemetry import Accepted, Reporter, ScheduleFired
from heavylift.telemetry.traces import sending
from heavylift_scheduler.kinds import Kinds


@dataclass(frozen=True, slots=True)
class Firing:
    """Fires schedules, and tells of it."""

    store: RedisStore
    kinds: Kinds
    reporter: Reporter
    durability: Durability

    def fire(self, kept: KeptSchedule, now: datetime) -> bool:
        """Do what is due at ``now``; False when somebody else has. Raises StoreUnavailable, NotReplicated, StoreRefused."""
        assert kept.next_at is not None  # noqa: S101  it has come
        plan = plan_of(kept.schedule, kept.next_at, now)
        answers = self._carry_out(kept, plan, self._tasks(kept, plan, now))
        if answers is None:
            return False
        self._tell(kept, plan, answers, now)
        return True

    def _tasks(self, kept: KeptSchedule, plan: Plan, now: datetime) -> tuple[Submission, ...]:
        known = self.kinds.find(kept.schedule.kind) if plan.dues else None
        return tuple(submission_of(kept.schedule, task_id_at(kept, due), now, known) for due in plan.dues)

    def _carry_out(self, kept: KeptSchedule, plan: Plan, tasks: tuple[Submission, ...]) -> tuple[StoreAccepted, ...] | None:
        fire = Fire(
            kept=kept,
            due=kept.next_at,
            tasks=tasks,
            dues=plan.dues,
            following=plan.following,
            apart=plan.apart,
            missed=plan.missed,
            durability=self.durability,
        )
        if not tasks:
            return self.store.run(fire)
        first = tasks[0]
        with sending(kind=first.kind, queue=first.queue, task_id=first.id) as traceparent:
            return self.store.run(replace(fire, tasks=tuple(replace(task, traceparent=traceparent) for task in tasks)))

    def _tell(self, kept: KeptSchedule, plan: Plan, answers: tuple[StoreAccepted, ...], now: datetime) -> None:
        schedule, standings = kept.schedule, [accepted.standing for accepted in answers]
        late = now - (plan.dues[-1] if plan.dues else kept.next_at or now)
        self.reporter.report(
            ScheduleFired(
                schedule=schedule.name,
                tenant=schedule.tenant,
                kind=schedule.kind,
                queue=answers[0].queue if answers else "",
                late=late.total_seconds(),
                made=standings.count(Standing.NEW),
                taken=standings.count(Standing.EXISTING),
                missed=plan.missed,
            )
        )
        for accepted in answers:
            self.reporter.report(Accepted.of(accepted))
