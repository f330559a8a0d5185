"""The simulator, and what our formula promises under it."""

import logging
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import structlog

from bench.scaling.load import LOADS, Load, Work, steady, step, wave
from bench.scaling.ours import Ours
from bench.scaling.picture import picture
from bench.scaling.recorded import recorded
from bench.scaling.report import report
from bench.scaling.score import score
from bench.scaling.tried import Result, tried
from bench.scaling.world import World
from heavylift.settings import TelemetrySettings
from heavylift.telemetry import AttemptEnded, LeaseEnded
from heavylift.telemetry.logs import Logs, configure

SEED = 7


@pytest.fixture
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


class Constant:
    """Always the same number of pods."""

    every = 1.0

    def __init__(self, pods: int, *, gentle: bool = True) -> None:
        self.name, self.gentle, self.pods = f"always {pods}", gentle, pods

    def decide(self, world: World) -> int:
        return self.pods


def _ours(load: Load) -> Result:
    ours = Ours(load)
    outcome = World(load, ours, SEED).run()
    return Result(ours, outcome, score(load, outcome))


def test_a_task_waits_for_the_pod_and_for_those_before_it() -> None:
    load = Load("", "", tuple(Work(0.0, 10.0) for _ in range(3)), length=100.0)

    outcome = World(load, Constant(1), SEED).run()

    first, second, third = outcome.waits
    assert 3 < first < 20
    assert second - first == pytest.approx(10.0)
    assert third - second == pytest.approx(10.0)
    assert outcome.pod_seconds == 100


def test_a_task_that_outlives_the_grace_is_interrupted_and_runs_again() -> None:
    load = Load("", "", (Work(0.0, 300.0),), length=1000.0)

    class Leaver(Constant):
        def decide(self, world: World) -> int:
            return 0 if 50 <= world.now < 200 else 1

    rough, gentle = (World(load, Leaver(1, gentle=gentle), SEED) for gentle in (False, True))

    assert (rough.run().interrupted, rough.ended["task"], len(rough.outcome.waits)) == (1, 1, 2)
    assert (gentle.run().interrupted, gentle.ended["task"], len(gentle.outcome.waits)) == (0, 1, 1)


def test_the_same_seed_gives_the_same_world() -> None:
    load = steady(SEED, hours=0.2)

    assert _ours(load).score == _ours(steady(SEED, hours=0.2)).score


def test_a_steady_load_is_served_without_flapping() -> None:
    result = _ours(steady(SEED, hours=1.5))

    assert result.score.turns == 0
    assert result.score.late_seconds == 0
    assert result.score.cost <= 1.1


def test_a_step_is_served_within_the_promise_at_little_more_than_it_costs() -> None:
    result = _ours(step(SEED, hours=3.0))

    assert result.score.late_seconds == 0
    assert result.score.cost <= 1.1
    assert result.score.interrupted == 0


def test_a_day_is_served_within_the_promise_at_little_more_than_it_costs() -> None:
    result = _ours(wave(SEED, hours=6.0))  # four times as steep as a real one

    assert result.score.late_seconds == 0
    assert result.score.cost <= 1.15


def test_every_load_is_drawn_from_its_seed() -> None:
    for load in LOADS:
        short = load(SEED, 0.1)
        assert short.tasks == load(SEED, 0.1).tasks
        assert list(short.tasks) == sorted(short.tasks, key=lambda task: task.at)


def test_a_recorded_load_is_read_from_a_table(tmp_path: Path) -> None:
    file = tmp_path / "friday.csv"
    file.write_text("12.5,0.8,thumb\n3,60\n")

    load = recorded(file, wait=10.0, slots=2)

    assert load.tasks == (Work(0.0, 60.0), Work(9.5, 0.8, "thumb"))
    assert (load.name, load.wait, load.slots) == ("friday", 10.0, 2)


@pytest.mark.usefixtures("_logging_as_it_was")
def test_a_recorded_load_is_read_from_the_log_of_a_worker(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure(TelemetrySettings(), service="worker")
    log, ended = Logs(), {"task_id": "1", "kind": "thumb", "queue": "q", "result": "success", "duration": 0.8}
    log(AttemptEnded(**ended, attempt=1, since_submit=2.0))
    log(AttemptEnded(**ended, attempt=2, since_submit=100.0))
    log(LeaseEnded(consumer="w1"))
    file = tmp_path / "friday.log"
    file.write_text(capsys.readouterr().out)

    first, second = recorded(file).tasks

    assert (first.at, first.seconds, first.kind) == (0.0, 0.8, "thumb")
    assert second.at == pytest.approx(1.2, abs=0.1)


def test_every_policy_is_in_the_table_and_in_the_picture() -> None:
    load = step(SEED, hours=0.1)
    results = tried(load, SEED)

    names = [result.policy.name for result in results]
    assert names == ["heavylift", "KEDA", "KEDA tuned", "HPA on CPU"]
    table = report(load, results)
    drawing = picture(load.text, load.length, load.wait, {result.policy.name: result.outcome for result in results})
    assert all(f"| {name} |" in table for name in names)
    lines = ET.fromstring(drawing).iter("{http://www.w3.org/2000/svg}polyline")  # noqa: S314  our own drawing
    assert sum(1 for _ in lines) == 3 * len(names)
