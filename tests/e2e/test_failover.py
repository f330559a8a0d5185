"""Redis loses its primary."""

from collections.abc import Callable

import pytest

from tests.e2e.support.goals import PRIMARY_LOST, allowed
from tests.e2e.support.stand import Stand
from tests.e2e.support.trial import Trial

pytestmark = pytest.mark.smoke


def test_nothing_is_lost_when_the_pod_of_the_primary_is_killed(stand: Stand, trial: Trial, record: Callable[..., None]):
    # Given tasks that are submitted and run
    with trial.under_load():
        primary = stand.redis_primary()

        # When the primary's pod is gone without a word
        trial.strike(lambda: stand.cluster.kill_pod(primary))

    # Then every acknowledged task has ended well, once, and the pause was short
    verdict = trial.verdict()
    record("pod of the primary killed", verdict, goal=PRIMARY_LOST)
    assert verdict.sound, verdict
    assert verdict.gap_accepted <= allowed(PRIMARY_LOST)
