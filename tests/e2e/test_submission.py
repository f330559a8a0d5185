"""From `helm install` to a result, as somebody beyond the cluster sees it."""

import pytest

from tests.e2e.support.stand import Stand

pytestmark = pytest.mark.smoke


def test_a_task_that_is_submitted_over_the_ingress_comes_back_with_its_result(stand: Stand):
    with stand.connect() as entrance:
        # When somebody submits a task
        (request,) = entrance.submit("demo.add", {"a": 2, "b": 3}).requests
        assert request.task, request.said

        # Then it is done
        task = entrance.read(request.task, wait=20)
        assert (task["state"], task["result"]) == ("succeeded", 5)


def test_events_come_through_the_ingress_as_they_happen_and_not_at_the_end(stand: Stand):
    with stand.connect() as entrance:
        (request,) = entrance.submit("demo.sleep", {"seconds": 3}).requests
        assert request.task, request.said

        came = list(entrance.follow(request.task))

    names = [name for _, name in came]
    assert names[0] == "state"
    assert names[-1] == "end"
    assert names.count("progress") >= 3
    first_progress, end = next(at for at, name in came if name == "progress"), came[-1][0]
    assert end - first_progress > 1.5, "whoever gathers what he passes on gives all of it away at the end"


def test_a_package_of_somebodys_own_in_an_image_from_the_workers_runs_like_those_that_are_shipped(stand: Stand):
    with stand.connect() as entrance:
        (request,) = entrance.submit("shop.invoice", {"number": 7, "cents": 1999}).requests
        assert request.task, request.said

        task = entrance.read(request.task, wait=20)
        assert task["state"] == "succeeded"
        assert task["result"].startswith("<svg")


def test_a_payload_that_does_not_fit_is_refused_by_the_name_of_its_field(stand: Stand):
    with stand.connect() as entrance:
        submission = entrance.submit("shop.invoice", {"number": 0, "cents": 1999})

    assert submission.requests[0].said.startswith("422")
    assert "payload.number" in submission.requests[0].said


def test_the_charts_own_test_passes(stand: Stand):
    assert "Succeeded" in stand.release.test()
