"""What open streams of events cost: ``python -m bench.streams --streams 10000``.

Each follows a task of its own, and nothing happens; then each task is called off, and all streams are told of the end.
"""

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import redis

from heavylift.local.processes import free_port
from heavylift.local.redis_server import EmbeddedRedis
from heavylift.record import Submission
from heavylift.store import calls
from heavylift.store.redis import RedisStore

IDLE = 30.0  #: Seconds; two rounds of keep-alives.
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]

AT_ONCE = 200  #: Connections that are made side by side.


def main() -> None:
    """Measure, and print a line for each number."""
    parser = argparse.ArgumentParser(prog="python -m bench.streams", description="What open streams of events cost.")
    parser.add_argument("--streams", type=int, default=10_000)
    count = parser.parse_args().streams
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with EmbeddedRedis() as server, RedisStore.from_url(server.url) as store, _api(server.url) as (pid, port):
        ids = [accepted.id for accepted in store.run(calls.Submit(tuple(_task() for _ in range(count))))]
        asyncio.run(_measure(ids, pid, port, store, redis.Redis.from_url(server.url)))


def _task() -> Submission:
    return Submission(kind="demo.work", payload="{}")


@contextmanager
def _api(url: str) -> Iterator[tuple[int, int]]:
    port = free_port()
    environment = {**os.environ, "HEAVYLIFT_STORE_URL": url, "HEAVYLIFT_API_PORT": str(port), "HEAVYLIFT_AUTH": "off"}
    with subprocess.Popen([sys.executable, "-m", "heavylift_api"], env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            while not _is_ready(port):
                time.sleep(0.1)
            yield process.pid, port
        finally:
            process.terminate()


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
    except httpx.HTTPError:
        return False


async def _measure(ids: list[str], pid: int, port: int, store: RedisStore, client: "redis.Redis") -> None:
    before, begun = _memory(pid), time.perf_counter()
    streams = await _open(ids, port)
    print(f"streams: {len(ids)}, opened in {time.perf_counter() - begun:.1f} s")
    await asyncio.sleep(2)
    print(f"memory of a stream: {(_memory(pid) - before) / len(ids) / 1024:.1f} KiB")
    cpu, spoken, begun = _cpu(pid), _spoken(client), time.perf_counter()
    await asyncio.sleep(IDLE)
    seconds = time.perf_counter() - begun
    print(f"idle, with keep-alives every 15 s: {100 * (_cpu(pid) - cpu) / seconds:.1f} % of a core")
    print(f"idle: {(_spoken(client) - spoken) / seconds:.1f} commands of Redis a second")
    begun = time.perf_counter()
    ending = asyncio.to_thread(lambda: [store.run(calls.Cancel(id_)) for id_ in ids])
    told, _ = await asyncio.gather(asyncio.gather(*(reader.read() for reader, _ in streams)), ending)
    assert all(b"event: end" in text for text in told)  # noqa: S101
    print(f"all tasks called off and all streams told: {time.perf_counter() - begun:.1f} s")


async def _open(ids: list[str], port: int) -> list[Stream]:
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(id_: str) -> Stream:
        async with turns:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET /v1/tasks/{id_}/events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
            await reader.readuntil(b'"queued"')
            return reader, writer  # which would close the connection if nobody held it

    return list(await asyncio.gather(*map(one, ids)))


def _memory(pid: int) -> int:
    """Resident bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def _cpu(pid: int) -> float:
    """Seconds that a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _spoken(client: "redis.Redis") -> int:
    return int(client.info("stats")["total_commands_processed"])


if __name__ == "__main__":
    main()
