"""A task of ten minutes, beside which everything changes."""

from collections.abc import Callable
from typing import Any, Final

from tests.e2e.support.entrance import Entrance
from tests.e2e.support.stand import Stand
from tests.support.eventually import eventually

SECONDS: Final = 600.0

#: Pods that may take as long to stop as the task lasts, and are given up as soon as they are not needed.
PATIENT: Final[dict[str, Any]] = {
    "autoscaling.engine": "controller",
    "worker.settings.concurrency": 2,
    "worker.settings.threadChildren": 0,
    "worker.settings.asyncioChildren": 0,
    "worker.settings.grace": SECONDS + 60,
    "worker.scaling": {"minReplicas": 1, "maxReplicas": 3, "wait": 5, "calm": 5},
    "redis.replicas": 1,
    "api.replicas": 1,
}


def test_a_task_of_ten_minutes_survives_scale_ins_and_a_rollout(another: Callable[..., Stand], measured: Callable[..., None]):
    stand = another("patient", settings=PATIENT)
    pool = f"{stand.release.name}-heavylift-worker-default"
    with stand.connect() as entrance:
        # Given a task that runs for ten minutes
        long = _submit(entrance, stand, SECONDS)
        eventually(lambda: entrance.read(long)["state"], holds="running".__eq__, within=60, claim="the long task to run")
        (worker,) = stand.at_work(entrance)

        # When its pool grows and is taken back to its minimum, twice
        for _ in range(2):
            for _ in range(30):
                _submit(entrance, stand, 2.0)
            eventually(lambda: stand.cluster.replicas(pool), holds=(2).__le__, within=60, claim="more pods")
            eventually(lambda: stand.cluster.replicas(pool), holds=(1).__eq__, within=240, claim="no more pods than the minimum")

        # And a release replaces its pods, so that the one which runs it is told to stop
        stand.release.install(stand.values | {"worker.podAnnotations": {"round": "two"}})
        leaving = [p.metadata.name for p in stand.cluster.pods(stand.release.name, "worker") if p.metadata.deletion_timestamp]
        assert worker in leaving

        # Then it ends, after its one run
        ended = eventually(
            lambda: entrance.read(long, wait=20), holds=lambda task: task["ended_at"], within=SECONDS, claim="its end"
        )
    (run,) = [run for run in stand.testify().runs if run.held.task == long]
    measured(seconds=(run.ended or run.began) - run.began)
    assert (ended["state"], ended["attempt"], ended["deaths"]) == ("succeeded", 1, 0)
    assert run.ended is not None
    assert run.ended - run.began >= SECONDS


def _submit(entrance: Entrance, stand: Stand, seconds: float) -> str:
    payload = {"token": "patient", "journal": stand.journal_url, "seconds": seconds}
    (request,) = entrance.submit("chaos.work", payload, "patient").requests
    assert request.task, request.said
    return request.task
