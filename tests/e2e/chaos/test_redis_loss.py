"""Redis hangs, is replaced as planned, and is gone altogether."""

from collections.abc import Callable

from tests.e2e.support.goals import PLANNED, PRIMARY_LOST, allowed
from tests.e2e.support.stand import Stand
from tests.e2e.support.trial import Trial

HANG = 20  #: Seconds for which the primary says nothing: more than the sentinels wait.


def test_nothing_is_lost_when_the_primary_hangs(stand: Stand, trial: Trial, record: Callable[..., None]):
    # Given tasks that are submitted and run
    with trial.under_load():
        primary = stand.redis_primary()

        # When the primary says nothing for longer than the sentinels wait, and then wants to go on
        trial.strike(lambda: stand.hang_redis(primary, HANG))

    verdict = trial.verdict()
    record("primary hangs for 20 s", verdict, goal=PRIMARY_LOST)
    assert verdict.sound, verdict
    assert verdict.gap_accepted <= allowed(PRIMARY_LOST)


def test_redis_is_replaced_pod_by_pod_and_who_tries_once_more_does_not_notice(
    stand: Stand, trial: Trial, record: Callable[..., None]
):
    # Given tasks that are submitted and run
    with trial.under_load():
        # When every pod of Redis is replaced, the primary's among them
        trial.strike(lambda: stand.cluster.restart("stateful_set", f"{stand.release.name}-redis"))
        stand.cluster.await_rolled_out()

    # Then who tried once more did not notice
    verdict = trial.verdict()
    record("Redis replaced pod by pod", verdict, goal=PLANNED)
    assert verdict.sound, verdict
    assert verdict.forsaken == 0
    assert verdict.gap_accepted <= allowed(PLANNED)


def test_nothing_that_was_acknowledged_is_lost_when_all_of_redis_goes_at_once(
    stand: Stand, trial: Trial, record: Callable[..., None]
):
    # Given tasks that are submitted and run
    with trial.under_load():
        # When no pod of Redis is left
        trial.strike(lambda: [stand.cluster.kill_pod(pod) for pod in stand.pods("redis")])

    # Then what their volumes held is there again
    verdict = trial.verdict()
    record("all pods of Redis killed at once", verdict)
    assert verdict.sound, verdict
