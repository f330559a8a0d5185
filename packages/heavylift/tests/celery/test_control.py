"""``celery inspect`` and ``celery control``, over Redis, to a real worker: each command tells the truth or says why not."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from heavylift.celery.app import Integration, configure
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.settings import StoreSettings, TelemetrySettings, WorkerSettings
from heavylift.state import State
from heavylift.store.calls import Read
from heavylift.store.redis import RedisStore
from tests.support.eventually import eventually
from tests.support.worker import WorkerProcess


@pytest.fixture
def worker(lasting_worker: WorkerProcess) -> WorkerProcess:
    """Two children of kind process and one of kind asyncio, whatever the test before has made of them."""
    eventually(lambda: len(lasting_worker.children()) == 3, claim="three children")
    return lasting_worker


def inspect(client: Celery, command: str, *arguments: Any, **named: Any) -> Any:
    """What the one worker answers."""
    (answer,) = (getattr(client.control.inspect(timeout=5, limit=1), command)(*arguments, **named) or {}).values()
    return answer


def control(client: Celery, command: str, **arguments: Any) -> Any:
    ((answer,),) = ([*reply.values()] for reply in client.control.broadcast(command, arguments, reply=True, timeout=5, limit=1))
    return answer


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Path]:
    """Holds back every task that waits for it until the test is over."""
    yield tmp_path / "gate"
    (tmp_path / "gate.open").touch()


def hold(client: Celery, gate: Path, number: int = 1) -> list[Any]:
    """Have tasks run that end when the gate is opened."""
    results = [client.tasks["sample.gate"].delay({"path": str(gate)}) for _ in range(number)]
    eventually(lambda: len(list(gate.parent.glob("gate.*.running"))) == number, claim=f"{number} tasks running")
    return results


def test_what_runs_is_active_with_its_arguments_and_its_pid(client: Celery, worker: WorkerProcess, gate: Path) -> None:
    (result,) = hold(client, gate)

    (running,) = inspect(client, "active")

    assert (running["id"], running["name"], running["args"]) == (result.id, "sample.gate", [{"path": str(gate)}])
    assert running["worker_pid"] in worker.children()
    assert inspect(client, "reserved") == []


def test_what_waits_for_its_time_is_scheduled(client: Celery, worker: WorkerProcess) -> None:
    result = client.signature("proj.add").apply_async((1,), {"y": 2}, countdown=60)

    (waiting,) = inspect(client, "scheduled")

    assert (waiting["request"]["id"], waiting["request"]["args"], waiting["request"]["kwargs"]) == (result.id, [1], {"y": 2})
    assert waiting["eta"] is not None
    result.revoke()


def test_what_was_called_off_is_revoked(client: Celery, worker: WorkerProcess, redis_store: RedisStore) -> None:
    result = client.signature("proj.add").apply_async((1,), countdown=60)

    said = control(client, "revoke", task_id=[result.id, "nobody"], terminate=False, signal=None)

    assert said == {"ok": f"cancelled: {result.id}; not known: nobody"}
    assert result.id in inspect(client, "revoked")
    record = redis_store.run(Read(result.id))
    assert record is not None
    assert record.state is State.CANCELLED


def test_a_task_is_found_by_its_id_wherever_it_is(client: Celery, worker: WorkerProcess, gate: Path) -> None:
    (running,) = hold(client, gate)
    done = client.signature("proj.add").delay(1, 1)
    done.get(timeout=10)

    found = inspect(client, "query_task", [running.id, done.id, "nobody"])

    assert {id_: state for id_, (state, _) in found.items()} == {running.id: "active", done.id: "succeeded"}


def test_stats_tell_what_was_done_and_what_there_is_to_do_it(client: Celery, worker: WorkerProcess) -> None:
    before = inspect(client, "stats")["total"].get("proj.add", 0)
    for n in range(5):
        client.signature("proj.add").delay(n).get(timeout=10)

    stats = eventually(
        lambda: inspect(client, "stats"), holds=lambda seen: seen["total"]["proj.add"] == before + 5, claim="five more tasks"
    )

    assert sorted(stats["pool"]["processes"]) == sorted(worker.children())
    assert stats["pool"]["kinds"] == {"process": 2, "asyncio": 1}
    assert stats["pool"]["max-concurrency"] == 1002
    assert stats["pid"] == worker.process.pid


def test_memory_is_told_of_the_guardian_and_of_each_child(client: Celery, worker: WorkerProcess) -> None:
    sample = inspect(client, "memsample")

    assert len(sample["children"]) == 3
    assert all(10 < mebibytes < 1000 for mebibytes in [sample["guardian"], *sample["children"].values()])


def test_what_celery_itself_answers_it_answers_here(client: Celery, worker: WorkerProcess) -> None:
    assert inspect(client, "ping") == {"ok": "pong"}
    report = inspect(client, "report")
    assert "celery:5" in report["ok"], report
    assert isinstance(inspect(client, "clock")["clock"], int)
    assert {"proj.add", "sample.add"} <= set(inspect(client, "registered"))
    assert inspect(client, "conf")["worker_pool"] == "heavylift.worker.pool:Pool"


def test_the_pool_grows_and_shrinks_by_its_idle_children(client: Celery, worker: WorkerProcess, gate: Path) -> None:
    # Given two children, of which one is busy
    (held,) = hold(client, gate)
    (busy,) = inspect(client, "active")

    # When the pool grows, then more children are there and run tasks
    assert control(client, "pool_grow", n=2) == {"ok": "the worker will have 2 more children of kind process"}
    eventually(lambda: len(worker.children()) == 5, claim="two more children")
    hold_more = [client.tasks["sample.gate"].delay({"path": str(gate)}) for _ in range(3)]
    eventually(lambda: len(list(gate.parent.glob("gate.*.running"))) == 4, claim="four tasks side by side")
    Path(f"{gate}.open").touch()
    assert [result.get(timeout=10) for result in [held, *hold_more]] == ["through"] * 4

    # When it shrinks, then the idle go
    Path(f"{gate}.open").unlink()
    for marker in gate.parent.glob("gate.*.running"):
        marker.unlink()
    hold(client, gate)
    (busy,) = inspect(client, "active")
    assert control(client, "pool_shrink", n=2) == {"ok": "the worker will have 2 fewer children of kind process"}
    eventually(lambda: len(worker.children()) == 3, claim="two children fewer")
    assert busy["worker_pid"] in worker.children()


@pytest.mark.parametrize(("command", "n"), [("pool_shrink", 2), ("pool_shrink", 0), ("pool_grow", 0), ("pool_grow", 10_000)])
def test_a_pool_of_no_or_of_too_many_children_is_refused(client: Celery, worker: WorkerProcess, command: str, n: int) -> None:
    (sentence,) = control(client, command, n=n).values()

    assert sentence.startswith("the worker has 2 children of kind process, and") or "can have 1 to 1024" in sentence


def test_the_pool_is_restarted_without_losing_what_runs(client: Celery, worker: WorkerProcess, gate: Path) -> None:
    before = worker.children()
    (held,) = hold(client, gate)

    assert "ok" in control(client, "pool_restart")
    eventually(lambda: len(set(worker.children()) - set(before)) == 2, claim="the successors of the idle children")
    Path(f"{gate}.open").touch()

    assert held.get(timeout=10) == "through"
    eventually(lambda: not set(before) & set(worker.children()), claim="the end of all old children")


def test_queues_are_added_and_taken_away(client: Celery, worker: WorkerProcess, redis_store: RedisStore) -> None:
    elsewhere = client.signature("proj.add").apply_async((20,), {"y": 22}, queue="other")
    assert control(client, "add_consumer", queue="other") == {"ok": "tasks will be taken from other, with weight 1"}

    assert elsewhere.get(timeout=10) == 42
    assert [queue["name"] for queue in inspect(client, "active_queues")] == ["default", "other"]

    assert control(client, "cancel_consumer", queue="other") == {"ok": "no more tasks will be taken from other"}
    assert [queue["name"] for queue in eventually(lambda: inspect(client, "active_queues"), holds=lambda seen: len(seen) == 1)]
    before = worker.children()
    eventually(lambda: not set(before) & set(worker.children()) or len(worker.children()) == 3, claim="new children")
    assert control(client, "cancel_consumer", queue="other") == {"ok": "no tasks are taken from other"}
    assert "only queue" in control(client, "cancel_consumer", queue="default")["error"]


@pytest.mark.parametrize(
    ("command", "arguments", "words"),
    [
        ("rate_limit", {"task_name": "proj.add", "rate_limit": "1/s"}, "rate limits of single workers are not kept"),
        ("autoscale", {"max": 9, "min": 3}, "pool_grow"),
        ("time_limit", {"task_name": "proj.add", "hard": 1, "soft": 1}, "apply_async(time_limit=…)"),
        ("election", {"id": "1", "topic": "t"}, "no elections"),
        ("revoke_by_stamped_headers", {"headers": {"a": ["b"]}}, "stamps are not kept"),
        ("pool_restart", {"modules": ["os"]}, "restart the worker"),
    ],
)
def test_what_has_no_meaning_here_is_refused_with_a_sentence(
    client: Celery, worker: WorkerProcess, command: str, arguments: dict[str, Any], words: str
) -> None:
    answer = control(client, command, **arguments)

    assert words in answer["error"]


def test_no_answer_shows_the_password_of_redis() -> None:
    namespace = f"test-{uuid.uuid4().hex[:12]}"
    with EmbeddedRedis() as server:
        with RedisStore.from_url(server.url) as store:
            store._client.config_set("requirepass", "open-sesame")
        url = server.url.replace("redis://", "redis://default:open-sesame@")
        with WorkerProcess(url, namespace), Celery("asks", set_as_current=False) as asks:
            configure(asks, Integration(StoreSettings(url=url, namespace=namespace), TelemetrySettings(), WorkerSettings()))
            eventually(lambda: asks.control.ping(timeout=1, limit=1), claim="an answer to a ping")
            said = [inspect(asks, command) for command in ("stats", "conf", "report")]

    assert "redis" in repr(said)
    assert "open-sesame" not in repr(said)
