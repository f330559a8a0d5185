"""Passwords of the chart's Redis are changed pod by pod, under load, and one that is missing lets nobody in."""

from pathlib import Path

import pytest
import redis

from tests.support.eventually import eventually
from tests.support.redis_pods import USERS, RedisPods
from tests.support.redis_writer import RedisWriter


def test_passwords_are_changed_pod_by_pod_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    with RedisPods(tmp_path).running() as pods:
        pods.settled()
        old = {user: pods.password(user) for user in USERS}
        with RedisWriter(pods) as writer:
            writer.goes_on()

            # When each server learns of new passwords, then uses them, then forgets the old ones, one after the other each time
            for user in USERS:
                pods.give(f"{user}-also", f"new {old[user]}")
            _roll(pods)
            for user in USERS:
                pods.give(user, f"new {old[user]}")
                pods.give(f"{user}-also", old[user])
            _roll(pods)
            for user in USERS:
                pods.give(f"{user}-also", None)
            _roll(pods)
            writer.goes_on()

        # Then writers stood still for no more than a planned stop takes, and the old passwords are worth nothing
        primary = pods.settled()
        assert writer.lost(primary.client()) == set()
        assert writer.gap < 20, writer.gap
        for user in USERS[:2]:
            with (
                redis.Redis(primary.address, username=user, password=old[user]) as client,
                pytest.raises(redis.AuthenticationError),
            ):
                client.ping()


def _roll(pods: RedisPods) -> None:
    """What a StatefulSet does: from the last pod to the first, each when the one before is ready."""
    for pod in reversed(pods.pods):
        if pod.role() == "master":
            pods.settled()  # for which its hook would wait, ten seconds longer
        pod.delete()
        pod.start()
        eventually(pod.readiness, holds=lambda said: said == "", within=30, claim=f"the readiness of pod {pod.ordinal}")


def test_a_user_without_a_password_is_waited_for_and_let_in_by_none(tmp_path: Path) -> None:
    # Given a Secret in which one is empty and one is missing
    pods = RedisPods(tmp_path, {"replicas": 1})
    pods.give("api", "")
    pods.give("worker", None)
    with pods.running():
        server = pods.pods[0]
        told = "not started yet: the Secret with the passwords has none for: api worker"
        eventually(server.readiness, holds=lambda said: said == told, within=20, claim="the word for whom it waits")
        assert server.run_script("alive.sh", "redis").returncode == 0, "a restart would help nobody"

        # When the Secret is mended
        pods.give("api", "one")
        pods.give("worker", "another")

        # Then it starts by itself
        pods.ready()
        assert server.client("api").ping()
