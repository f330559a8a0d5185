"""A real worker against a real Redis: what becomes of tasks, whatever they do."""

import json
import os
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from heavylift.history import Fate
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Executor, Form, Record, Submission
from heavylift.state import FailureReason, State
from heavylift.store.calls import Read, ReadCatalogue, ReadHistory, Replay, Statistics, Submit
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess


@pytest.fixture(scope="module")
def namespace() -> str:
    """One for the whole file: every test looks at its own tasks only."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def lasting_worker(redis_server: EmbeddedRedis, namespace: str) -> Iterator[WorkerProcess]:
    with WorkerProcess(redis_server.url, namespace) as running:
        yield running


@pytest.fixture
def worker(lasting_worker: WorkerProcess) -> WorkerProcess:
    """A worker that the tests of this file share, alive and at its full number."""
    eventually(lambda: len(lasting_worker.children()) == 3, claim="two children of kind process and one of kind asyncio")
    return lasting_worker


@pytest.fixture
def own_namespace() -> str:
    """For tests that end, pause or kill their worker: nobody else may take its tasks."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def own_store(redis_server: EmbeddedRedis, own_namespace: str) -> Iterator[RedisStore]:
    with RedisStore.from_url(redis_server.url, namespace=own_namespace) as store:
        yield store


def submit(store: RedisStore, kind: str, payload: Any = None, **more: Any) -> str:
    submission = Submission(kind=kind, payload=json.dumps(payload if payload is not None else {}), **more)
    store.run(Submit((submission,)))
    return submission.id


def ended(store: RedisStore, task_id: str, *, within: float = 10.0) -> Record:
    record = eventually(
        lambda: store.run(Read(task_id)),
        holds=lambda seen: seen is not None and seen.ended,
        within=within,
        claim="the task's end",
    )
    assert record is not None
    return record


def lost_children(worker: WorkerProcess) -> float:
    """What the worker's metrics say of children that were killed."""
    lines = worker.metrics().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith('task_worker_process_lost_total{reason="signal"}'))


def test_a_function_runs_and_its_result_is_committed(worker: WorkerProcess, redis_store: RedisStore) -> None:
    task_id = submit(redis_store, "sample.add", {"a": 2, "b": 3})

    record = ended(redis_store, task_id)

    assert (record.state, record.result, record.fence, record.attempt) == (State.SUCCEEDED, 5, 1, 1)


def test_a_coroutine_function_runs_too(worker: WorkerProcess, redis_store: RedisStore) -> None:
    ids = [submit(redis_store, "sample.add_async", {"a": n, "b": 1}) for n in range(5)]

    assert [ended(redis_store, task_id).result for task_id in ids] == [1, 2, 3, 4, 5]


def test_a_function_without_payload_runs(worker: WorkerProcess, redis_store: RedisStore) -> None:
    assert ended(redis_store, submit(redis_store, "sample.ping")).result.startswith("pong from")


@pytest.mark.parametrize(
    ("kind", "payload", "error_type", "words"),
    [
        ("sample.raise", {}, "ValueError", "the widget is broken"),
        ("sample.refuse", {}, "PermanentError", "this will never work"),
        ("sample.not_json", {}, "ResultInvalid", "sample.not_json returned object"),
        ("sample.wrong_type", {}, "ResultInvalid", "returned str"),
        ("sample.exit", {}, "SystemExit", "3"),
        ("sample.add", {"a": "many"}, "PayloadInvalid", "a: "),
        ("sample.nobody_knows", {}, "UnknownKind", "does not know the kind 'sample.nobody_knows'"),
    ],
)
def test_whatever_a_task_does_wrong_it_ends_failed_with_a_readable_error(
    worker: WorkerProcess, redis_store: RedisStore, kind: str, payload: Any, error_type: str, words: str
) -> None:
    record = ended(redis_store, submit(redis_store, kind, payload))

    assert record.state is State.FAILED
    assert record.error["type"] == error_type
    assert words in record.error["message"]
    assert record.attempt == 1


@pytest.mark.parametrize(
    ("kind", "payload", "reason"),
    [
        ("sample.raise", {}, FailureReason.EXHAUSTED),
        ("sample.refuse", {}, FailureReason.PERMANENT),
        ("sample.add", {"a": "many"}, FailureReason.PERMANENT),
        ("sample.too_long", {"seconds": 30}, FailureReason.TIMED_OUT),
        ("sample.nobody_knows", {}, FailureReason.UNKNOWN_KIND),
    ],
)
def test_a_dead_letter_says_why_it_is_one(
    worker: WorkerProcess, redis_store: RedisStore, kind: str, payload: Any, reason: FailureReason
) -> None:
    record = ended(redis_store, submit(redis_store, kind, payload))

    assert (record.reason, len(record.fingerprint or "")) == (reason, 16)
    (past,) = redis_store.run(ReadHistory(record.id))
    assert (past.attempt, past.error_type, past.fingerprint) == (1, record.error["type"], record.fingerprint)


@pytest.mark.parametrize(("kind", "executor"), [("sample.add", Executor.PROCESS), ("sample.add_async", Executor.ASYNCIO)])
@pytest.mark.parametrize(
    "what",
    [
        {"payload": "{"},
        {"payload": "[" * 50_000},
        {"payload": "[]", "form": Form.CALL},
        {"headers": "{"},
        {"headers": '{"request": 7}'},
        {"form": "riddle"},
    ],
    ids=lambda what: " ".join(f"{name}={value[:12]}" for name, value in what.items()),
)
def test_what_cannot_be_read_is_a_dead_letter_at_once_and_harms_no_child(
    worker: WorkerProcess, redis_store: RedisStore, kind: str, executor: Executor, what: dict[str, Any]
) -> None:
    children = worker.children()
    submission = Submission(**({"kind": kind, "payload": "{}", "executor": executor, "max_attempts": 3} | what))
    redis_store.run(Submit((submission,)))

    record = ended(redis_store, submission.id)

    assert (record.state, record.reason) == (State.FAILED, FailureReason.UNDECODABLE)
    assert (record.attempt, record.fence, record.deaths, record.error["type"]) == (1, 1, 0, "Undecodable")
    assert worker.children() == children


def test_a_replayed_task_runs_again_and_may_succeed(worker: WorkerProcess, redis_store: RedisStore, tmp_path: Path) -> None:
    calls = {"path": str(tmp_path / "calls"), "times": 4}
    record = ended(redis_store, submit(redis_store, "sample.flaky", calls, max_attempts=2))
    assert (record.state, record.reason, record.attempt) == (State.FAILED, FailureReason.EXHAUSTED, 2)

    redis_store.run(Replay((record.id,)))

    again = ended(redis_store, record.id)
    assert (again.state, again.result, again.attempt, again.fence) == (State.SUCCEEDED, 4, 2, 4)
    fates = [past.fate for past in redis_store.run(ReadHistory(record.id))]
    assert fates == [Fate.RETRIED, Fate.FAILED, Fate.REPLAYED, Fate.RETRIED]


def test_after_any_failure_the_same_worker_goes_on(worker: WorkerProcess, redis_store: RedisStore) -> None:
    for kind in ("sample.raise", "sample.exit", "sample.not_json"):
        ended(redis_store, submit(redis_store, kind))
    before = worker.children()

    record = ended(redis_store, submit(redis_store, "sample.add", {"a": 1, "b": 1}))

    assert record.result == 2
    assert worker.children() == before


def test_a_temporary_error_is_tried_again_until_it_succeeds(
    worker: WorkerProcess, redis_store: RedisStore, tmp_path: Path
) -> None:
    payload = {"path": str(tmp_path / "calls"), "times": 3}
    record = ended(redis_store, submit(redis_store, "sample.flaky", payload, max_attempts=3))

    assert (record.state, record.result, record.attempt, record.fence) == (State.SUCCEEDED, 3, 3, 3)


def test_a_temporary_error_fails_the_task_after_its_last_attempt(
    worker: WorkerProcess, redis_store: RedisStore, tmp_path: Path
) -> None:
    payload = {"path": str(tmp_path / "calls"), "times": 9}
    record = ended(redis_store, submit(redis_store, "sample.flaky", payload, max_attempts=3))

    assert (record.state, record.attempt) == (State.FAILED, 3)
    assert record.error["message"] == "call 3 of 9"


def test_a_task_whose_child_is_killed_is_handed_on_at_once(
    worker: WorkerProcess, redis_store: RedisStore, tmp_path: Path
) -> None:
    record = ended(redis_store, submit(redis_store, "sample.die_once", {"path": str(tmp_path / "deaths")}), within=5)

    assert (record.state, record.deaths, record.fence) == (State.SUCCEEDED, 1, 2)
    assert record.started_at is not None
    assert record.queued_at is not None
    assert (record.started_at - record.submitted_at).total_seconds() < 1.0  # well below the lease of 2 s


def test_a_task_that_kills_every_child_is_quarantined(worker: WorkerProcess, redis_store: RedisStore, tmp_path: Path) -> None:
    deaths = tmp_path / "deaths"
    lost_before = lost_children(worker)

    record = ended(redis_store, submit(redis_store, "sample.die", {"path": str(deaths)}))

    assert record.state is State.FAILED
    assert record.error["type"] == "WorkerLost"
    assert "SIGKILL" in record.error["message"]
    assert deaths.stat().st_size == 3
    assert lost_children(worker) == lost_before + 3


def test_what_a_dead_worker_held_is_continued_by_another(
    redis_server: EmbeddedRedis, own_namespace: str, own_store: RedisStore, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    with WorkerProcess(redis_server.url, own_namespace) as first:
        task_id = submit(own_store, "sample.gate", {"path": str(gate)})
        eventually(lambda: list(tmp_path.glob("gate.*.running")), claim="the task's start")
        children = first.children()
        first.kill()
        eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), claim="the end of the orphaned children")
    gate.with_suffix(".open").touch()

    with WorkerProcess(redis_server.url, own_namespace):
        record = ended(own_store, task_id)

    assert (record.state, record.result, record.fence) == (State.SUCCEEDED, "through", 2)


def test_a_task_longer_than_its_lease_runs_once(worker: WorkerProcess, redis_store: RedisStore) -> None:
    record = ended(redis_store, submit(redis_store, "sample.sleep", {"seconds": 4.5}))  # the lease is 2 s

    assert (record.state, record.fence) == (State.SUCCEEDED, 1)


def test_a_stopping_worker_finishes_what_runs_and_leaves_the_rest(
    redis_server: EmbeddedRedis, own_namespace: str, own_store: RedisStore, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    with WorkerProcess(redis_server.url, own_namespace) as worker:
        running = [submit(own_store, "sample.gate", {"path": str(gate)}) for _ in range(2)]
        eventually(lambda: len(list(tmp_path.glob("gate.*.running"))) == 2, claim="both tasks running")
        waiting = submit(own_store, "sample.add", {"a": 1, "b": 1})

        worker.process.send_signal(signal.SIGTERM)
        eventually(lambda: worker.probe("/readyz") == 503, claim="the worker says that it is stopping")
        gate.with_suffix(".open").touch()
        code = worker.process.wait(timeout=3)

    assert code == 0
    assert [ended(own_store, task_id).state for task_id in running] == [State.SUCCEEDED] * 2
    left = own_store.run(Read(waiting))
    assert left is not None
    assert left.state is State.QUEUED


def test_what_outlasts_the_grace_goes_back_to_its_queue_unblamed(
    redis_server: EmbeddedRedis, own_namespace: str, own_store: RedisStore, tmp_path: Path
) -> None:
    with WorkerProcess(redis_server.url, own_namespace, HEAVYLIFT_WORKER_GRACE="0.3") as worker:
        task_id = submit(own_store, "sample.gate", {"path": str(tmp_path / "gate")})
        eventually(lambda: list(tmp_path.glob("gate.*.running")), claim="the task's start")

        worker.terminate(within=5)

    record = own_store.run(Read(task_id))
    assert record is not None
    assert (record.state, record.deaths) == (State.QUEUED, 0)


def test_an_idle_worker_stops_at_once(redis_server: EmbeddedRedis, own_namespace: str) -> None:
    with WorkerProcess(redis_server.url, own_namespace) as worker:
        assert worker.terminate(within=2) == 0


def test_a_child_is_replaced_after_the_number_of_tasks_that_was_set(
    redis_server: EmbeddedRedis, own_namespace: str, own_store: RedisStore
) -> None:
    settings = {"HEAVYLIFT_WORKER_CONCURRENCY": "1", "HEAVYLIFT_WORKER_MAX_TASKS_PER_CHILD": "2"}
    with WorkerProcess(redis_server.url, own_namespace, **settings):
        pids = [ended(own_store, submit(own_store, "sample.ping")).result for _ in range(6)]

    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [2, 2, 2]


def test_delayed_tasks_start_when_they_are_due(worker: WorkerProcess, redis_store: RedisStore) -> None:
    record = ended(redis_store, submit(redis_store, "sample.add", {"a": 1, "b": 1}, delay=0.5))

    assert record.started_at is not None
    assert record.due_at is not None
    lateness = (record.started_at - record.due_at).total_seconds()
    assert 0 <= lateness < 0.3


def test_the_worker_publishes_its_kinds(worker: WorkerProcess, redis_store: RedisStore) -> None:
    kinds = eventually(lambda: redis_store.run(ReadCatalogue()), claim="a published catalogue")

    assert kinds["sample.add"].payload_schema["required"] == ["a", "b"]
    assert kinds["sample.add"].result_schema == {"type": "integer"}
    assert kinds["sample.add"].description == "Add two numbers."


def test_two_workers_run_each_of_many_tasks_once(redis_server: EmbeddedRedis, own_namespace: str, own_store: RedisStore) -> None:
    with WorkerProcess(redis_server.url, own_namespace), WorkerProcess(redis_server.url, own_namespace):
        ids = [submit(own_store, "sample.add", {"a": n, "b": 0}) for n in range(300)]
        records = [ended(own_store, task_id) for task_id in ids]

    assert [record.result for record in records] == list(range(300))
    assert {record.fence for record in records} == {1}


def test_a_worker_outlives_the_restart_of_redis(own_namespace: str, tmp_path: Path) -> None:
    server = EmbeddedRedis(directory=tmp_path / "redis").start()
    try:
        with (
            RedisStore.from_url(server.url, namespace=own_namespace) as store,
            WorkerProcess(server.url, own_namespace) as worker,
        ):
            gate = tmp_path / "gate"
            across = submit(store, "sample.gate", {"path": str(gate)})
            eventually(lambda: list(tmp_path.glob("gate.*.running")), claim="the task's start")
            before = worker.children()

            server.stop()
            eventually(lambda: worker.probe("/readyz") == 503, within=10, claim="the worker says that Redis is away")
            gate.with_suffix(".open").touch()
            server.start()

            assert ended(store, across).fence == 1
            assert ended(store, submit(store, "sample.add", {"a": 1, "b": 1})).result == 2
            assert worker.children() == before
    finally:
        server.stop()


def test_a_pause_of_redis_longer_than_the_lease_takes_nothing_from_those_who_live(own_namespace: str, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with (
        EmbeddedRedis() as server,
        RedisStore.from_url(server.url, namespace=own_namespace, timeout=30) as store,
        WorkerProcess(server.url, own_namespace) as worker,  # its lease is 2 s
    ):
        ids = [submit(store, "sample.gate", {"path": str(gate)}) for _ in range(2)]
        eventually(lambda: len(list(tmp_path.glob("gate.*.running"))) == 2, claim="both tasks running")

        os.kill(server.pid, signal.SIGSTOP)
        try:
            time.sleep(5)  # the pause is the fault itself
        finally:
            os.kill(server.pid, signal.SIGCONT)
        eventually(lambda: worker.probe("/readyz") == 200, within=15, claim="the worker's readiness")
        gate.with_suffix(".open").touch()

        records = [ended(store, task_id) for task_id in ids]
    assert {(record.state, record.fence, record.deaths) for record in records} == {(State.SUCCEEDED, 1, 0)}


def test_a_worker_stops_although_its_redis_is_gone_for_good(own_namespace: str) -> None:
    with EmbeddedRedis() as server, WorkerProcess(server.url, own_namespace) as worker:
        server.kill()
        eventually(lambda: worker.probe("/readyz") == 503, claim="the worker says that Redis is away")
        eventually(lambda: "is made anew" in worker.log(), claim="the loss of the connection for control commands")

        assert worker.terminate(within=12) == 0


def test_a_paused_worker_cannot_overwrite_what_its_successor_did(
    redis_server: EmbeddedRedis, own_namespace: str, own_store: RedisStore, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    with WorkerProcess(redis_server.url, own_namespace, HEAVYLIFT_WORKER_CONCURRENCY="1") as stale:
        task_id = submit(own_store, "sample.gate", {"path": str(gate)})
        eventually(lambda: list(tmp_path.glob("gate.*.running")), claim="the task's start")
        paused = [stale.process.pid, *stale.children()]
        for pid in paused:
            os.kill(pid, signal.SIGSTOP)
        try:
            with WorkerProcess(redis_server.url, own_namespace, HEAVYLIFT_WORKER_CONCURRENCY="1"):
                eventually(lambda: len(list(tmp_path.glob("gate.*.running"))) == 2, claim="the successor's start")
                gate.with_suffix(".open").touch()
                record = ended(own_store, task_id)
        finally:
            for pid in paused:
                os.kill(pid, signal.SIGCONT)
        eventually(
            lambda: "another worker holds the task by now" in stale.log(), claim="the stale worker learns that it lost the task"
        )

    assert own_store.run(Read(task_id)) == record
    assert record.fence == 2
    statistics = own_store.run(Statistics())
    assert [queue.succeeded for queue in statistics.queues] == [1]
