"""Faults of Redis: connections break, it dies and comes back with its file, it says nothing for a while."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from heavylift.errors import HeavyliftError, StoreRefused, StoreUnavailable
from heavylift.store.calls import Probe
from tests.chaos.harm import Harm
from tests.chaos.rest import count
from tests.chaos.scene import Scene


@contextmanager
def connections_dropped(scene: Scene) -> Iterator[Harm]:
    """CLIENT KILL of every client: workers' children and guardians, submitters."""
    running = scene.await_running()
    harm = Harm("connections-dropped", scene.journal.now())
    with redis.Redis.from_url(scene.server.primary_url) as client:
        closed = sum(client.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes") for kind in ("normal", "pubsub"))
    harm.proof = f"{closed} connections were closed while {running} tasks ran" if closed and running else ""
    yield harm


@contextmanager
def redis_kill(scene: Scene) -> Iterator[Harm]:
    """SIGKILL of Redis; it comes back with what its append-only file holds."""
    running = scene.await_running()
    harm = Harm("redis-kill", scene.journal.now(), proof=f"{running} tasks ran")
    scene.one.kill()
    try:
        yield harm
        time.sleep(scene.chance.uniform(0, 1.5))  # the time that it takes somebody to start it again
    finally:
        scene.one.start()
        harm.until = scene.journal.now()


@contextmanager
def redis_hang(scene: Scene) -> Iterator[Harm]:
    """SIGSTOP of Redis for up to ``scene.hang`` seconds: connections stay open and nobody answers."""
    scene.await_at_work()  # nothing new begins to run in the silence, so whoever strikes then needs a victim that has begun
    running = scene.await_running()
    harm = Harm("redis-hang", scene.journal.now())
    os.kill(scene.one.pid, signal.SIGSTOP)
    try:
        harm.proof = f"{running} tasks ran and nothing answered" if running and not _answers(scene) else ""
        yield harm
        time.sleep(scene.chance.uniform(0.2, 1.0) * scene.hang)  # the silence itself
    finally:
        os.kill(scene.one.pid, signal.SIGCONT)
        harm.until = scene.journal.now()


@contextmanager
def redis_full(scene: Scene) -> Iterator[Harm]:
    """Redis has more than its ``maxmemory`` for a while: nothing new is taken in, and what is there goes on to its end."""
    scene.await_running()
    harm = Harm("redis-full", scene.journal.now())
    with redis.Redis.from_url(scene.one.url) as client:
        before = count(scene.store).ended
        client.config_set("maxmemory", "100kb")
        try:
            refused = _refuses(scene, StoreRefused)
            yield harm
            time.sleep(scene.chance.uniform(0.3, 1.5))
            ended = count(scene.store).ended - before
            harm.proof = f"{ended} tasks ended while none was taken in" if refused and ended else ""
        finally:
            client.config_set("maxmemory", "0")
            harm.until = scene.journal.now()


@contextmanager
def redis_readonly(scene: Scene) -> Iterator[Harm]:
    """Redis is a replica for a while, of nobody: it answers, and takes no writes."""
    running = scene.await_running()
    harm = Harm("redis-readonly", scene.journal.now())
    with redis.Redis.from_url(scene.one.url) as client:
        client.execute_command("REPLICAOF", "127.0.0.1", "1")
        try:
            harm.proof = f"{running} tasks ran and no write was taken" if _refuses(scene, StoreUnavailable) else ""
            yield harm
            time.sleep(scene.chance.uniform(0.2, 1.0))
        finally:
            client.execute_command("REPLICAOF", "NO", "ONE")
            harm.until = scene.journal.now()


def _refuses(scene: Scene, how: type[HeavyliftError]) -> bool:
    try:
        scene.store.run(Probe())
    except how:
        return True
    return False


def _answers(scene: Scene) -> bool:
    try:
        with redis.Redis.from_url(scene.one.url, socket_timeout=0.2, retry=Retry(NoBackoff(), 0)) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
