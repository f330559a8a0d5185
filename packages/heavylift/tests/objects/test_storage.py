"""Objects by name, in a store that speaks S3 and in a folder."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from heavylift.errors import ConfigurationInvalid, ObjectsUnavailable
from heavylift.objects import Storage
from heavylift.settings import ObjectSettings
from tests.support.object_stores import S3Server

LONG = bytes(range(256)) * 4096 * 12  #: 12 MiB: three parts of an upload.


@pytest.fixture(params=["s3", "folder"])
def storage(request: pytest.FixtureRequest, namespace: str, tmp_path: Path) -> Storage:
    """Each sort of store, empty."""
    if request.param == "s3":
        return Storage(request.getfixturevalue("s3_server").settings(namespace))
    return Storage(ObjectSettings(url=f"file://{tmp_path}/not/there/yet"))


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Somebody takes connections there, and says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield listener.getsockname()[1]


async def test_what_was_put_is_got_until_it_is_deleted(storage: Storage) -> None:
    await storage.put("2026-01-01/task.payload.ab.cd", b'{"a":1}')
    assert await storage.get("2026-01-01/task.payload.ab.cd", 100) == b'{"a":1}'

    await storage.delete(["2026-01-01/task.payload.ab.cd", "2026-01-01/never.was"])

    assert await storage.get("2026-01-01/task.payload.ab.cd", 100) is None
    assert await storage.open("2026-01-01/task.payload.ab.cd") is None


async def test_a_file_goes_there_in_parts_and_comes_back_in_pieces(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(LONG)

    await storage.put("long", tmp_path / "body")

    pieces = await storage.open("long")
    assert pieces is not None
    assert b"".join([piece async for piece in pieces]) == LONG


async def test_of_what_is_longer_than_it_should_be_not_all_is_read(storage: Storage) -> None:
    await storage.put("long", LONG)

    got = await storage.get("long", 1000)

    assert got is not None
    assert 1000 < len(got) < len(LONG)


async def test_a_link_opens_one_object_for_whoever_has_it(s3_server: S3Server, namespace: str) -> None:
    storage = Storage(s3_server.settings(namespace))
    await storage.put("report", b'"for you"')

    link = await storage.link("report", 60.0)

    assert link is not None
    assert "X-Amz-Expires=60" in link
    async with httpx.AsyncClient() as client:
        assert (await client.get(link)).content == b'"for you"'


async def test_a_folder_makes_no_links(tmp_path: Path) -> None:
    assert await Storage(ObjectSettings(url=f"file://{tmp_path}")).link("report", 60.0) is None


async def test_a_store_that_says_nothing_is_given_up_at_the_deadline(silent_port: int, s3_server: S3Server) -> None:
    storage = Storage(s3_server.settings("x", endpoint=f"http://127.0.0.1:{silent_port}", deadline=0.5))
    began = time.monotonic()

    with pytest.raises(ObjectsUnavailable, match="the object store did not give report"):
        await storage.get("report", 100)

    assert time.monotonic() - began < 2.0


async def test_a_store_that_is_not_there_is_asked_again_until_it_is(namespace: str) -> None:
    with S3Server() as server:
        storage = Storage(server.settings(namespace, deadline=20.0))
        await storage.put("report", b"1")
        server.stop()
        with pytest.raises(ObjectsUnavailable, match="the object store did not answer"):
            await storage.probe(0.5)
        server.start()  # empty: it forgets, and answers

        assert await storage.get("report", 100) is None


async def test_credentials_that_are_changed_count_at_the_next_question(
    s3_server: S3Server, namespace: str, tmp_path: Path
) -> None:
    (tmp_path / "access_key_id").write_text("before")
    (tmp_path / "secret_access_key").write_text("secret")
    storage = Storage(s3_server.settings(namespace, credentials=tmp_path))
    assert "Credential=before%2F" in str(await storage.link("report", 60.0))

    (tmp_path / "access_key_id").write_text("after")

    assert "Credential=after%2F" in str(await storage.link("report", 60.0))


async def test_credentials_that_cannot_be_read_are_no_object_that_is_gone(
    s3_server: S3Server, namespace: str, tmp_path: Path
) -> None:
    (tmp_path / "keys").mkdir()
    storage = Storage(s3_server.settings(namespace, credentials=tmp_path / "keys"))
    (tmp_path / "keys").rmdir()

    with pytest.raises(ObjectsUnavailable, match="credentials"):
        await storage.get("report", 100)


def test_without_a_place_there_is_no_storage() -> None:
    with pytest.raises(ConfigurationInvalid, match="HEAVYLIFT_OBJECTS_URL"):
        Storage(ObjectSettings())
