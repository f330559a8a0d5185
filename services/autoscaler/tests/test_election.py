"""Two replicas and one Lease: at no time both are certain of it, whatever clocks show and whoever sleeps."""

import random
from collections.abc import Callable
from typing import Any

from heavylift.telemetry import Reporter
from heavylift_autoscaler.cluster.api import Api
from heavylift_autoscaler.cluster.election import Election
from tests.support.kubernetes_api import NAMESPACE, KubernetesApi

DURATION = 3.0


def _election(configuration: Any, name: str, clock: Callable[[], float]) -> Election:
    reporter = Reporter()
    api = Api(configuration, NAMESPACE, timeout=2.0, reporter=reporter)
    return Election(api, reporter, name="lease", identity=name, duration=DURATION, clock=clock)


def test_never_both_are_certain_and_somebody_soon_is_whatever_stops_and_starts(configuration: Any) -> None:
    now = [0.0]
    pair = [_election(configuration, name, lambda: now[0]) for name in ("one", "two")]
    chance = random.Random(7)
    asleep, led = [0.0, 0.0], set()

    for _ in range(300):
        now[0] += 0.25
        for number, election in enumerate(pair):
            if now[0] >= asleep[number]:
                election.step()
                asleep[number] = now[0] + (chance.uniform(0.0, 2 * DURATION) if chance.random() < 0.05 else 0.0)
            assert not all(other.leads for other in pair)
            led |= {other.identity for other in pair if other.leads}

    assert led == {"one", "two"}


def test_one_that_slept_too_long_is_not_certain_although_nobody_took_its_place(configuration: Any) -> None:
    now = [0.0]
    election = _election(configuration, "one", lambda: now[0])
    election.step()
    assert election.leads

    now[0] += DURATION

    assert not election.leads


def test_what_the_clocks_of_others_show_does_not_matter(configuration: Any, api: KubernetesApi) -> None:
    """A lease that was renewed in a year to come, or long ago, is over when it was not renewed for its duration."""
    for year in ("1999", "2099"):
        now = [0.0]
        spec = {"holderIdentity": "gone", "renewTime": f"{year}-01-01T00:00:00.000000Z", "leaseDurationSeconds": 3}
        api.put("leases", {"metadata": {"name": "lease"}, "spec": spec})
        election = _election(configuration, "one", lambda now=now: now[0])  # type: ignore[misc]

        election.step()
        assert not election.leads
        now[0] += DURATION + 0.1
        election.step()

        assert election.leads


def test_a_lease_that_was_given_back_is_taken_at_once(configuration: Any) -> None:
    one, two = (_election(configuration, name, lambda: 0.0) for name in ("one", "two"))
    one.step()
    two.step()

    one.release()
    two.step()

    assert (one.leads, two.leads) == (False, True)
