"""One address leads to the primary, to nobody else, and soon to the next one; nothing acknowledged by it is lost."""

from collections.abc import Iterator

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.support.eventually import eventually
from tests.support.redis_haproxy import RedisHaproxy
from tests.support.redis_pods import RedisPod, RedisPods
from tests.support.redis_writer import RedisWriter


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisPods]:
    with RedisPods(tmp_path_factory.mktemp("pods"), {"haproxy": {"enabled": True}}).running() as pods:
        yield pods


@pytest.fixture
def pods(group: RedisPods) -> RedisPods:
    """Three pods: a primary, and two that follow it."""
    group.heal()
    group.settled()
    return group


@pytest.fixture
def primary(pods: RedisPods) -> RedisPod:
    found = pods.primary()
    assert found is not None
    return found


@pytest.fixture
def haproxy(pods: RedisPods, primary: RedisPod) -> Iterator[RedisHaproxy]:
    with RedisHaproxy(pods).running() as haproxy:
        haproxy.leads_to(primary.ordinal)
        yield haproxy


def test_a_primary_that_hangs_is_left_at_once_and_not_returned_to(
    pods: RedisPods, primary: RedisPod, haproxy: RedisHaproxy
) -> None:
    with RedisWriter(pods, haproxy.address) as writer:
        writer.goes_on()

        # When the primary neither answers nor closes connections, and later calls itself the primary again
        with primary.hung():
            successor = pods.replaced(primary)
            haproxy.leads_to(successor.ordinal)
            writer.goes_on()
        assert pods.settled() is successor
        writer.goes_on()

    # Then the writer was led to the successor and stayed there
    assert writer.gap < 20
    assert writer.lost(successor.client()) == set()


def test_a_planned_stop_loses_nothing_and_holds_writers_up_for_a_moment(
    pods: RedisPods, primary: RedisPod, haproxy: RedisHaproxy
) -> None:
    with RedisWriter(pods, haproxy.address) as writer:
        writer.goes_on()

        primary.delete()
        writer.goes_on()

    successor = pods.replaced(primary)
    haproxy.leads_to(successor.ordinal)
    assert writer.lost(successor.client()) == set()
    assert writer.gap < 20


def test_who_is_sent_away_by_a_primary_that_hands_over_is_led_to_the_next_one_at_once(
    pods: RedisPods, primary: RedisPod, haproxy: RedisHaproxy
) -> None:
    with haproxy.client("api", patience=20) as client:
        client.ping()
        hook = primary.begin_to_hand_over()

        # Given somebody who waits for writes that are held back, until he is sent away
        with pytest.raises(redis.exceptions.ConnectionError, match="closed"):
            eventually(lambda: client.rpush("heavylift:test:led", 1), holds=lambda _: False, within=20)

        # When he comes again, then it is another server that takes his write
        client.rpush("heavylift:test:led", 2)
        assert pods.replaced(primary).client().lrange("heavylift:test:led", -1, -1) == ["2"]
    assert hook.wait(timeout=5) == 0
    primary.kill()


def test_a_server_that_only_says_that_it_is_the_primary_is_not_led_to(pods: RedisPods, primary: RedisPod) -> None:
    # Given a replica, before the primary in every list, that was made one behind the backs of the sentinels
    if primary.ordinal == 0:
        primary.delete()
        pods.heal()
        primary = pods.settled()
    pretender = pods.pods[0]
    with pods.nobody_corrected():
        pretender.client().execute_command("REPLICAOF NO ONE")

        # When somebody new looks who is the primary, and writes to whomever he is led to
        with RedisHaproxy(pods, 2).running() as newcomer, RedisWriter(pods, newcomer.address) as writer:
            newcomer.leads_to(primary.ordinal)
            writer.goes_on()

        # Then that is the one that the sentinels name
        assert pretender.role() == "master"
        assert not pretender.client().exists(writer.key)
        assert writer.lost(primary.client()) == set()


def test_without_sentinels_to_ask_it_leads_nowhere_and_says_so(pods: RedisPods, primary: RedisPod, haproxy: RedisHaproxy) -> None:
    for pod in pods.pods:
        pod.kill("sentinel")

    nobody = "503 no server says that it is the primary and is named by a majority of the sentinels"
    eventually(haproxy.readiness, holds=lambda said: said == nobody, within=10, claim="the word that there is no primary")
    with (
        redis.Redis(haproxy.address, username="api", password=pods.password("api"), retry=Retry(NoBackoff(), 0)) as client,
        pytest.raises(redis.ConnectionError),
    ):
        client.ping()

    for pod in pods.pods:
        pod.start_container("sentinel")
    haproxy.leads_to(primary.ordinal)


def test_who_only_asks_for_the_primary_may_do_nothing_else(pods: RedisPods, primary: RedisPod) -> None:
    for command in ("GET heavylift:a", "SET heavylift:a 1", "CONFIG GET dir", "INFO", "SUBSCRIBE a"):
        with primary.client("haproxy") as client, pytest.raises(redis.exceptions.NoPermissionError):
            client.execute_command(*command.split(" "))
    for command in ("SENTINEL FAILOVER heavylift", "SENTINEL MASTERS", "SUBSCRIBE a"):
        with primary.sentinel("haproxy") as client, pytest.raises(redis.exceptions.NoPermissionError):
            client.execute_command(*command.split(" "))


def test_its_password_is_not_in_the_arguments_of_its_process(haproxy: RedisHaproxy) -> None:
    assert "$1" not in haproxy.arguments()
