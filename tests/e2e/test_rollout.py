"""Everything is replaced while it works."""

from collections.abc import Callable

import pytest

from tests.e2e.support.stand import Stand
from tests.e2e.support.trial import Trial

pytestmark = pytest.mark.smoke


def test_api_and_workers_are_replaced_without_a_failed_request_and_without_a_task_run_twice(
    stand: Stand, trial: Trial, record: Callable[..., None]
):
    # Given tasks that are submitted and run
    with trial.under_load():
        # When a release replaces every pod of the API and of the workers
        trial.strike(
            lambda: stand.release.install(
                stand.values | {"api.settings.catalogueAge": 6, "worker.settings.maxTasksPerChild": 100_000}
            )
        )

    # Then nobody has noticed
    verdict = trial.verdict()
    record(verdict)
    assert verdict.sound, verdict
    assert verdict.failed == 0
    assert verdict.repeated == 0
