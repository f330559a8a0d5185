"""From the version before to this one, in the middle of the work."""

from collections.abc import Callable

from heavylift.access import new_key
from tests.e2e.support import previous
from tests.e2e.support.goals import PLANNED, allowed
from tests.e2e.support.installing import values_of
from tests.e2e.support.stand import Stand
from tests.e2e.support.target import Target
from tests.e2e.support.trial import Trial


def test_an_upgrade_from_the_version_before_loses_no_task_in_flight(
    target: Target, another: Callable[..., Stand], record: Callable[..., None]
):
    # Given tasks that are submitted to the version before, and run there
    stand = another("before", chart=previous.bring_previous(target), tag=previous.TAG)
    if not stand.cluster.secret(
        "api", "first-key"
    ):  # of a version that asked for no key: that of this one, for who begins before it
        stand.cluster.leave_secret("before-heavylift-api-key", "before", {"first-key": new_key().text})
    with Trial(stand) as trial:
        with trial.under_load():
            # When it is upgraded, which replaces every pod
            trial.strike(lambda: stand.release.install(values_of(target.tag, stand.host)))

        # Then none is lost and none runs twice, and who tried once more did not notice
        verdict = trial.verdict()
    record("upgraded from the version before", verdict, goal=PLANNED)
    assert verdict.sound, verdict
    assert verdict.repeated == 0
    assert verdict.forsaken == 0
    assert verdict.gap_accepted <= allowed(PLANNED)
