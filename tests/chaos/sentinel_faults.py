"""Faults of a primary that sentinels watch: it dies, it hangs, or it hands over. Who comes back begins empty, as a replica."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.chaos.harm import Harm
from tests.chaos.scene import Scene
from tests.support.redis_node import Node


@contextmanager
def sentinel_kill(scene: Scene) -> Iterator[Harm]:
    """SIGKILL of the primary."""
    running = scene.await_running()
    harm = Harm("sentinel-kill", scene.journal.now(), takes_back=True)
    node = scene.watched.kill_primary()
    yield harm
    _await_successor(scene, harm, node, running)
    scene.watched.revive(node)


@contextmanager
def sentinel_hang(scene: Scene) -> Iterator[Harm]:
    """SIGSTOP of the primary until another has taken over, then SIGCONT: for a while there are two that believe to be it."""
    running = scene.await_running()
    harm = Harm("sentinel-hang", scene.journal.now(), takes_back=True)
    with scene.watched.hanging_primary() as node:
        yield harm
        _await_successor(scene, harm, node, running)
        time.sleep(scene.chance.uniform(0, 0.2) * scene.hang)
    time.sleep(scene.chance.uniform(0, 2.0))  # the time in which nobody has told the old one yet
    node.end(signal.SIGKILL)
    harm.until = scene.journal.now()
    scene.watched.revive(node)


@contextmanager
def sentinel_planned(scene: Scene) -> Iterator[Harm]:
    """The primary's pod is asked to leave: writes are held, another takes over, and then it ends."""
    running = scene.await_running()
    harm = Harm("sentinel-planned", scene.journal.now(), takes_back=True)
    node = scene.watched.fail_over()
    yield harm
    _await_successor(scene, harm, node, running)
    scene.watched.revive(node)


def _await_successor(scene: Scene, harm: Harm, node: Node, running: int) -> None:
    successor = scene.watched.successor(node)
    harm.until = scene.journal.now()
    harm.proof = f"{running} tasks ran, and {successor.port} took over from {node.port}"
