"""The command, said to a whole Heavylift: Redis, an API and a worker, each in a process of its own."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from heavylift import cli
from heavylift.local.redis_server import EmbeddedRedis
from tests.support.api import ApiProcess
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def json_lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Say = Callable[..., Said]


@pytest.fixture(scope="module")
def heavylift_url(redis_server: EmbeddedRedis) -> Iterator[str]:
    """An API with a worker behind it. It ends with the module: others count what their own Redis is asked."""
    namespace = f"test-{uuid.uuid4().hex[:12]}"
    tasks = "tests.support.sample_tasks,tests.support.logging_tasks,tests.support.context_tasks"
    with ApiProcess(redis_server.url, namespace) as api, WorkerProcess(redis_server.url, namespace, HEAVYLIFT_WORKER_TASKS=tasks):
        eventually(lambda: api.probe("/v1/catalogue/sample.add") == 200, within=30, claim="the kinds are published")
        yield api.base


@pytest.fixture
def say(heavylift_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Say something to ``heavylift``, which finds the API in the environment."""
    monkeypatch.setenv("HEAVYLIFT_URL", heavylift_url)
    monkeypatch.setenv("COLUMNS", "100")

    def run(*words: str) -> Said:
        code = cli.main(list(words))
        return Said(code, *capsys.readouterr())

    return run
