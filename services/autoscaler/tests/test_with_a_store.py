"""The recommender and a real store understand each other."""

from heavylift.record import Executor, Submission
from heavylift.store.calls import Claim, Register, Runs, Submit, TellRuns, Workload
from heavylift.store.redis import RedisStore
from heavylift_autoscaler.fleet import Fleet
from heavylift_autoscaler.promise import Promise
from heavylift_autoscaler.recommender import Recommender


def _submit(store: RedisStore, number: int, delay: float | None = None) -> None:
    store.run(Submit(tuple(Submission(kind="demo.work", payload="{}", delay=delay) for _ in range(number))))


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
