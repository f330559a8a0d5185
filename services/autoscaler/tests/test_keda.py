"""KEDA is told the number that was recommended, if it shows the token; and told no number where none is known."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from heavylift.errors import ConfigurationInvalid
from heavylift_autoscaler.keda import KedaServer

KNOWN: dict[str, int | None] = {"default": 5, "idle": 0, "unknown": None}
BEARER = b"Bearer secret"


@pytest.fixture
def token(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text("secret\n")
    return file


@pytest.fixture
def server(token: Path) -> Iterator[KedaServer]:
    server = KedaServer("127.0.0.1", 0, token, lambda pool: KNOWN[pool])
    server.start()
    yield server
    server.stop()


def _ask(server: KedaServer, path: str, authorization: bytes = BEARER) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{server.port}{path}", headers=[(b"Authorization", authorization)])


@pytest.mark.parametrize(("pool", "pods"), [("default", 5), ("idle", 0)])
def test_who_has_the_token_is_told_the_number(server: KedaServer, pool: str, pods: int):
    answer = _ask(server, f"/pools/{pool}")

    assert (answer.status_code, answer.json()) == (200, {"pods": pods})


@pytest.mark.parametrize("shown", [b"", b"Bearer", b"Bearer another", b"Bearer secre", "Bearer sécret".encode(), b"secret"])
def test_who_has_not_is_told_nothing(server: KedaServer, shown: bytes):
    answer = _ask(server, "/pools/default", shown)

    assert answer.status_code == 401
    assert "pods" not in answer.json()


def test_a_token_that_is_changed_counts_at_once_and_an_empty_one_lets_nobody_in(server: KedaServer, token: Path):
    token.write_text("new")
    assert _ask(server, "/pools/default").status_code == 401
    assert _ask(server, "/pools/default", b"Bearer new").status_code == 200

    token.write_text("")
    assert _ask(server, "/pools/default", b"Bearer").status_code == 401


def test_what_is_not_known_is_no_number(server: KedaServer):
    answer = _ask(server, "/pools/unknown")

    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "how many pods unknown should have is not known now; keep those that there are"


def test_a_pool_that_is_not_there_is_named(server: KedaServer):
    answer = _ask(server, "/pools/gpu")

    assert answer.status_code == 404
    assert "there is no pool gpu" in answer.json()["detail"]
    assert _ask(server, "/").status_code == 404


def test_a_port_that_is_taken_is_told_with_its_variable(server: KedaServer, token: Path):
    with pytest.raises(ConfigurationInvalid, match="HEAVYLIFT_AUTOSCALER_KEDA_PORT"):
        KedaServer("127.0.0.1", server.port, token, lambda pool: KNOWN[pool])
