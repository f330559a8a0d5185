"""Whatever goes wrong is answered as a problem."""

import pytest
import structlog

from heavylift_api import errors
from heavylift_api.errors import TABLE, problem_type
from tests.support.asgi import InProcessApi, refused
from tests.support.problems import problem


@refused
@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/nothing", "/v1/tasks/a/b", "/v1/tasks/", "/v1/catalogue/", "/v1/tasks//", "/TASKS"]
)
async def test_an_address_with_nothing_is_told_and_never_redirected(refusing: InProcessApi, path: str) -> None:
    problem(await refusing.get(path), 404, "route-unknown")


@refused
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/tasks", "GET, POST"),
        ("DELETE", "/v1/tasks", "GET, POST"),
        ("POST", "/v1/tasks/some-id", "GET"),
        ("POST", "/v1/catalogue", "GET"),
        ("PATCH", "/livez", "GET"),
        ("POST", "/metrics", "GET"),
        ("DELETE", "/v1/dead-letters/replay", "POST"),  # which the address of one dead letter would fit, too
        ("DELETE", "/v1/dead-letters/groups", "GET"),
    ],
)
async def test_a_method_that_an_address_does_not_know_is_told_with_those_that_it_does(
    refusing: InProcessApi, method: str, path: str, allowed: str
) -> None:
    answer = await refusing.client.request(method, path)

    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == allowed


async def test_what_nobody_foresaw_is_a_problem_that_tells_nothing_of_the_inside(
    api: InProcessApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heavylift_api.observe.task_summary", lambda _: 1 / 0)
    await api.submit()

    with structlog.testing.capture_logs() as lines:
        answer = await api.client.get("/v1/tasks", headers={"X-Request-Id": "the-crash"})

    assert [line["event"] for line in lines] == ["http.crashed", "http.request"]
    assert lines[0]["exc_info"]
    told = problem(answer, 500, "internal")
    assert "division" not in answer.text
    assert "request id" in told["detail"]
    assert answer.headers["x-request-id"] == "the-crash"


def test_every_error_of_the_api_has_a_row_of_its_own_or_of_what_it_is_made_of() -> None:
    raised = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.HeavyliftError)]

    unmapped = [kind.__name__ for kind in raised if problem_type(kind.__new__(kind)) is errors.INTERNAL]

    assert unmapped == ["HeavyliftError", "Faulty"], "the bases, which nobody raises"


def test_the_names_of_problems_are_unique() -> None:
    names = [row.name for row in TABLE.values()]

    assert len(set(names)) == len(names)
