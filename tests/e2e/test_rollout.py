"""Everything is replaced while it works."""

from collections.abc import Callable

import pytest

from tests.e2e.support.goals import PLANNED, allowed
from tests.e2e.support.stand import Stand
from tests.e2e.support.trial import Trial


@pytest.mark.smoke
def test_api_and_workers_are_replaced_without_a_failed_request_and_without_a_task_run_twice(
    stand: Stand, trial: Trial, record: Callable[..., None]
):
    # Given tasks that are submitted and run
    with trial.under_load():
        # When a release replaces every pod of the API and of the workers
        changed = {"api.settings.catalogueAge": 6, "worker.settings.maxTasksPerChild": 100_000}
        trial.strike(lambda: stand.release.install(stand.values | changed))

    # Then nobody has noticed
    verdict = trial.verdict()
    record("API and workers replaced by `helm upgrade`", verdict)
    assert verdict.sound, verdict
    assert verdict.failed == 0
    assert verdict.repeated == 0


def test_everything_is_replaced_redis_too_and_who_tries_once_more_does_not_notice(
    stand: Stand, trial: Trial, record: Callable[..., None]
):
    # Given tasks that are submitted and run
    with trial.under_load():
        # When a release replaces every pod
        changed = {f"{part}.podAnnotations": {"round": "two"} for part in ("api", "worker", "redis")}
        trial.strike(lambda: stand.release.install(stand.values | changed))

    # Then nobody who tried once more has noticed
    verdict = trial.verdict()
    record("API, workers and Redis replaced by `helm upgrade`", verdict, goal=PLANNED)
    assert verdict.sound, verdict
    assert verdict.forsaken == 0
    assert verdict.repeated == 0
    assert verdict.gap_accepted <= allowed(PLANNED)
