"""The folder that keeps tasks between runs: who may use it, and what it survives."""

import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
import redis

from heavylift.errors import ConfigurationInvalid
from heavylift.local.data_folder import check_readable, sole_run, sole_server
from heavylift.local.redis_server import EmbeddedRedis
from tests.support.eventually import eventually

HOLD = """
import pathlib, sys, time
from heavylift.local.data_folder import sole_run
with sole_run(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_run_in_the_same_folder_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with (
        sole_run(tmp_path),
        pytest.raises(ConfigurationInvalid, match=f"another run uses the folder {tmp_path}; .*HEAVYLIFT_LOCAL_DIRECTORY"),
        sole_run(tmp_path),
    ):
        pass


def test_a_run_that_was_killed_leaves_the_folder_free(tmp_path: Path) -> None:
    # Given a run that holds the folder
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"held\n"

        # When it is killed, then the next one may have it
        run.kill()
        run.wait()
        with sole_run(tmp_path):
            pass


def test_a_folder_that_cannot_be_made_is_told_with_its_variable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with (
        pytest.raises(ConfigurationInvalid, match=r"cannot be used .*HEAVYLIFT_LOCAL_DIRECTORY"),
        sole_run(tmp_path / "file" / "x"),
    ):
        pass


def test_a_server_that_outlived_its_run_gives_way_and_what_it_knew_is_kept(tmp_path: Path) -> None:
    # Given the server of a last run, still there
    with EmbeddedRedis(directory=tmp_path) as old:
        with redis.Redis.from_url(old.url, decode_responses=True) as client:
            client.set("colour", "blue")

        # When the next run starts its own on the same folder, then the old one ends first, and the new one knows all
        with EmbeddedRedis(directory=tmp_path) as new, redis.Redis.from_url(new.url, decode_responses=True) as client:
            assert client.get("colour") == "blue"
            assert not old.running


def test_a_server_that_does_not_give_way_is_not_joined_on_its_file(tmp_path: Path) -> None:
    with EmbeddedRedis(directory=tmp_path) as stuck:
        os.kill(stuck.pid, signal.SIGSTOP)
        try:
            with pytest.raises(ConfigurationInvalid, match="still uses the folder"), sole_server(tmp_path, 1, within=0.1):
                pass
        finally:
            os.kill(stuck.pid, signal.SIGCONT)


def test_another_server_that_has_the_port_by_now_is_left_alone(tmp_path: Path) -> None:
    # Given a stranger on the port that the note of the last server names, and a last server that is still there
    with EmbeddedRedis() as stranger, EmbeddedRedis(directory=tmp_path) as old:
        (tmp_path / "redis.lock").write_text(str(stranger.port))

        with pytest.raises(ConfigurationInvalid, match="still uses the folder"), sole_server(tmp_path, 1, within=0.3):
            pass

        assert stranger.running
        assert old.running


def test_a_file_cut_off_by_a_power_cut_loses_its_last_command_only(tmp_path: Path) -> None:
    # Given a killed server, in whose file the last command is only half there
    with EmbeddedRedis(directory=tmp_path) as server:
        with redis.Redis.from_url(server.url) as client:
            client.set("colour", "blue")
            client.set("colour", "green")
            eventually(lambda: b"green" in newest_file(tmp_path).read_bytes(), claim="the command in the file")
        server.kill()
        file = newest_file(tmp_path)
        os.truncate(file, file.stat().st_size - 5)

        # When it is started again, then the rest is there
        server.start()
        with redis.Redis.from_url(server.url) as client:
            assert client.get("colour") == b"blue"


@pytest.mark.parametrize(
    ("version", "data", "starts"),
    [("6.2.7", "appendonlydir", False), ("7.0.15", "appendonlydir", True), ("6.2.7", "appendonly.aof", True)],
)
def test_a_server_that_cannot_see_the_data_does_not_start_empty_beside_it(
    tmp_path: Path, version: str, data: str, starts: bool
) -> None:
    server = tmp_path / "redis-server"
    server.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=00000000:0 malloc=jemalloc-5.2.1 bits=64'\n")
    server.chmod(0o755)
    (tmp_path / data).mkdir()

    with (
        nullcontext() if starts else pytest.raises(ConfigurationInvalid, match=r"Redis 7 or later .*HEAVYLIFT_LOCAL_REDIS_SERVER")
    ):
        check_readable(tmp_path, str(server))


def newest_file(directory: Path) -> Path:
    """The append-only file that is written to: one file in Redis 6.2, the last increment of several in 7."""
    files = [*directory.glob("**/*.incr.aof"), *directory.glob("appendonly.aof")]
    return max(files, key=lambda file: file.stat().st_mtime)
