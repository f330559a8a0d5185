"""The kernel's own count of the processes that it ended for want of memory."""

from pathlib import Path

import pytest

from heavylift.worker.oom import OomWatch, find_counter, read_counter

EVENTS = "low 0\nhigh 3\nmax 12\noom 5\noom_kill {}\noom_group_kill 0\n"
CONTROL = "oom_kill_disable 0\nunder_oom 0\noom_kill {}\n"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Count:
    now = 4  # what happened before we began to look is nobody's death

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def count() -> Count:
    return Count()


@pytest.fixture
def watch(count: Count, clock: Clock) -> OomWatch:
    return OomWatch(count, clock=clock)


def tick(watch: OomWatch, clock: Clock, *, seconds: float) -> None:
    until = clock.now + seconds
    while clock.now < until:
        clock.now += 0.5
        watch.look()


def test_a_kill_is_the_kernels_when_its_count_has_grown(watch: OomWatch, count: Count) -> None:
    assert not watch.struck()

    count.now += 1

    assert watch.struck()


def test_one_step_of_the_count_is_one_death(watch: OomWatch, count: Count) -> None:
    count.now += 2

    assert [watch.struck() for _ in range(3)] == [True, True, False]


def test_the_news_of_a_death_may_come_some_seconds_after_the_count_has_grown(watch: OomWatch, count: Count, clock: Clock) -> None:
    tick(watch, clock, seconds=20)
    count.now += 1
    tick(watch, clock, seconds=3)

    assert watch.struck()


def test_a_process_that_a_task_had_started_long_ago_is_not_taken_for_a_child(watch: OomWatch, count: Count, clock: Clock) -> None:
    tick(watch, clock, seconds=20)
    count.now += 1
    tick(watch, clock, seconds=20)

    assert not watch.struck()


@pytest.mark.parametrize(
    ("membership", "file", "text"),
    [
        ("0::/\n", "memory.events", EVENTS),  # version 2 in a container with a namespace of its own
        ("0::/kubepods/pod1/c1\n", "kubepods/pod1/c1/memory.events", EVENTS),
        ("0::/kubepods/pod1/c1\n", "memory.events", EVENTS),  # the path of the host, the mount of the container
        ("4:memory:/kubepods/pod1\n0::/\n", "memory/kubepods/pod1/memory.oom_control", CONTROL),
        ("4:memory:/kubepods/pod1\n0::/\n", "memory/memory.oom_control", CONTROL),
    ],
)
def test_the_count_is_found_in_either_version_of_cgroups(tmp_path: Path, membership: str, file: str, text: str) -> None:
    cgroups = tmp_path / "cgroup"
    (cgroups / file).parent.mkdir(parents=True)
    (cgroups / file).write_text(text.format(17))
    (tmp_path / "self").write_text(membership)

    found = find_counter(cgroups, tmp_path / "self")

    assert found == cgroups / file
    assert read_counter(found) == 17
    watch = OomWatch.of_this_process(cgroups, tmp_path / "self")
    assert not watch.struck()
    (cgroups / file).write_text(text.format(18))
    assert watch.struck()


@pytest.mark.parametrize("membership", ["", "0::/\n", "5:devices:/\n"])
def test_where_no_cgroup_counts_nothing_is_ever_an_oom_kill(tmp_path: Path, membership: str) -> None:
    (tmp_path / "self").write_text(membership)

    watch = OomWatch.of_this_process(tmp_path, tmp_path / "self")
    watch.look()

    assert not watch.struck()
