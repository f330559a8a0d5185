"""The recommender and a real store understand each other."""

from datetime import timedelta

from heavylift.record import Executor, Submission
from heavylift.schedule import Schedule, Timing
from heavylift.store.calls import Claim, PutSchedule, Register, Runs, Submit, TellRuns, Workload
from heavylift.store.redis import RedisStore
from heavylift_autoscaler.fleet import Fleet
from heavylift_autoscaler.promise import Promise
from heavylift_autoscaler.recommender import Recommender
from tests.support.scheduler_stage import now_of


def _submit(store: RedisStore, number: int, delay: float | None = None) -> None:
    store.run(Submit(tuple(Submission(kind="demo.work", payload="{}", delay=delay) for _ in range(number))))


def test_what_schedules_will_bring_within_the_start_up_of_a_pod_is_prepared_for(redis_store: RedisStore) -> None:
    redis_store.run(Register("w1", ("default",), 60.0, {}))
    redis_store.run(TellRuns((Runs("default", Executor.PROCESS, "demo.work", 10_000, 80_000.0),)))
    at = (now_of(redis_store) + timedelta(seconds=20)).replace(microsecond=0)
    for number in range(12):
        schedule = Schedule(name=f"each-{number}", kind="demo.work", timing=Timing(every=86_400, start=at))
        redis_store.run(PutSchedule(schedule, at, 86_400.0))
    recommender = Recommender(Promise(wait=10.0, maximum=50))

    recommender.learn(1.0, redis_store.run(Workload(5.0)))
    early = recommender.recommend(1.0, Fleet(ordered=0, ready=0, startup=5.0))
    recommender.learn(2.0, redis_store.run(Workload(30.0)))
    said = recommender.recommend(2.0, Fleet(ordered=0, ready=0, startup=30.0))

    assert early.pods == 0
    assert said.pods > 0
    clock = f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"
    assert "12 due tasks of 8 s, 12 " in said.reason
    assert f"scheduled at {clock}" in said.reason


def test_what_waits_what_is_due_and_how_long_it_takes_make_the_number_and_its_reason(redis_store: RedisStore) -> None:
    redis_store.run(Register("w1", ("default",), 60.0, {}))
    redis_store.run(TellRuns((Runs("default", Executor.PROCESS, "demo.work", 10_000, 8_000.0),)))
    _submit(redis_store, 342)
    _submit(redis_store, 60, delay=5.0)
    _submit(redis_store, 1000, delay=3600.0)
    redis_store.run(Claim.of("w1", ("default",), 2))
    fleet = Fleet(ordered=2, ready=2, startup=8.0)
    recommender = Recommender(Promise(wait=30.0, maximum=50))

    recommender.learn(1.0, redis_store.run(Workload(fleet.startup)))
    said = recommender.recommend(1.0, fleet)

    assert said.pods == 19
    assert said.reason == "scaling from 2 to 19: 340 ready and 60 due tasks of 0.8 s would wait 160 s, 30 s were promised"
