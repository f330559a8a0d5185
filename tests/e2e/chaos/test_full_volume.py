"""The volume of Redis has no room."""

from collections.abc import Callable, Iterator

import pytest

from tests.e2e.support.cluster import Cluster
from tests.e2e.support.stand import Stand
from tests.e2e.support.target import Target
from tests.e2e.support.trial import Trial
from tests.e2e.support.volumes import SIZE, small_volumes
from tests.support.eventually import eventually

MEMORY = "20mb"  # as much of the small volume as the chart allows


@pytest.fixture
def small_class(target: Target) -> Iterator[str]:
    with small_volumes(target, Cluster("default")) as name:
        yield name


def test_a_full_volume_is_told_loses_nothing_and_is_forgotten_when_there_is_room(
    small_class: str, another: Callable[..., Stand], record: Callable[..., None]
):
    # Given tasks that are submitted and run, and a primary on a small volume
    small = {"redis.persistence.storageClassName": small_class, "redis.persistence.size": SIZE, "redis.maxMemory": MEMORY}
    stand = another("small", settings=small)
    with Trial(stand) as trial:
        with trial.under_load():
            primary = stand.redis_primary()

            # When the volume is full
            trial.strike(lambda: stand.fill_volume(primary))

            # Then who submits and who looks at the pod is told why
            trial.await_refusal("Redis cannot write to its disk")
            eventually(
                lambda: stand.cluster.complaints(primary),
                holds=lambda told: any("is the volume full?" in one for one in told),
                within=60,
                claim="the reason for which the pod is not ready",
            )

            # And when there is room again, everything goes on by itself
            stand.empty_volume(primary)
        verdict = trial.verdict()
    record("volume of the primary full, and emptied", verdict)
    assert verdict.sound, verdict
