"""What was backed up comes back, into an empty Redis and into no other."""

from pathlib import Path

import pytest

from tests.support.redis_pods import RedisPod, RedisPods


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


def test_a_backup_comes_back_with_every_key_type_and_time_to_live(tmp_path: Path, backups: Path) -> None:
    # Given servers with data of every kind, backed up
    with RedisPods(tmp_path / "first", {"replicas": 1}).running() as pods:
        pods.ready()
        _fill(pods.pods[0])
        _run(pods.pods[0], "backup.sh", backups)

    # When it is brought back to others that have nothing
    with RedisPods(tmp_path / "second").running() as pods:
        pods.ready()
        _run(pods.pods[1], "restore.sh", backups)

        # Then all of it is there, and on the replicas, too
        assert _contents(pods.settled()) == EXPECTED
        refused = pods.pods[1].run_script("restore.sh", BACKUPS=str(backups))
        assert refused.returncode == 1
        assert "Redis is not empty" in refused.stdout


def test_only_the_newest_backups_are_kept(tmp_path: Path, backups: Path) -> None:
    for hour in range(5):
        (backups / f"heavylift-20260101T0{hour}0000Z.rdb").write_text("REDIS")

    with RedisPods(tmp_path / "pods", {"replicas": 1}).running() as pods:
        pods.ready()
        _run(pods.pods[0], "backup.sh", backups, KEEP="3")

    kept = sorted(path.name for path in backups.iterdir())
    assert kept[:2] == ["heavylift-20260101T030000Z.rdb", "heavylift-20260101T040000Z.rdb"]
    assert len(kept) == 3


def test_a_backup_that_does_not_come_to_an_end_leaves_nothing(tmp_path: Path, backups: Path) -> None:
    with RedisPods(tmp_path / "pods", {"replicas": 1}).running() as pods:
        pods.ready()
        found = pods.pods[0].run_script("backup.sh", BACKUPS=str(backups), KEEP="1", BACKUP_PATIENCE="0.001")

    assert found.returncode == 1
    assert list(backups.iterdir()) == []


def _run(pod: RedisPod, script: str, backups: Path, **variables: str) -> None:
    done = pod.run_script(script, **({"BACKUPS": str(backups), "KEEP": "24"} | variables))
    assert done.returncode == 0, done.stdout + done.stderr


ODD = 'heavylift:{p0}:index:tag:it\'s "odd" \\ é\n$1'
EXPECTED = {"string": "1", "hash": {"a": "b"}, "odd": "x", "many": 250, "stream": 1, "pending": 1, "lasting": True}


def _fill(server: RedisPod) -> None:
    with server.client() as client:
        client.set("heavylift:string", 1, ex=3600)
        client.hset("heavylift:hash", mapping={"a": "b"})
        client.set(ODD, "x")
        for number in range(250):
            client.set(f"heavylift:many:{number}", number)
        client.xgroup_create("heavylift:stream", "workers", mkstream=True)
        client.xadd("heavylift:stream", {"task": "1"})
        client.xreadgroup("workers", "one", {"heavylift:stream": ">"})


def _contents(primary: RedisPod) -> dict[str, object]:
    with primary.client() as client:
        return {
            "string": client.get("heavylift:string"),
            "hash": client.hgetall("heavylift:hash"),
            "odd": client.get(ODD),
            "many": len(client.keys("heavylift:many:*")),
            "stream": client.xlen("heavylift:stream"),
            "pending": client.xpending("heavylift:stream", "workers")["pending"],
            "lasting": 0 < client.ttl("heavylift:string") <= 3600,
        }
