"""Who may come in on one machine."""

import os
from pathlib import Path

import pytest

from heavylift.access import read_key
from heavylift.local.entry import entry


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_loopback_anybody_may(host: str, tmp_path: Path) -> None:
    assert entry(host, tmp_path, {}) == {"HEAVYLIFT_AUTH": "off"}


@pytest.mark.parametrize(("host", "said"), [("10.0.0.1", {}), ("127.0.0.1", {"HEAVYLIFT_AUTH": "on"})])
def test_elsewhere_or_where_it_is_wanted_a_key_is_asked_for_that_stays_the_same(
    host: str, said: dict[str, str], tmp_path: Path
) -> None:
    told = entry(host, tmp_path, said)
    file = Path(told["HEAVYLIFT_API_FIRST_KEY_FILE"])

    assert told["HEAVYLIFT_AUTH"] == "on"
    assert (file.stat().st_mode & 0o777, file.stat().st_uid) == (0o600, os.getuid())
    key = read_key(file.read_text().strip())
    assert key is not None
    entry(host, tmp_path, said)
    assert file.read_text().strip() == key.text


def test_a_file_that_somebody_names_is_the_one(tmp_path: Path) -> None:
    said = {"HEAVYLIFT_AUTH": "on", "HEAVYLIFT_API_FIRST_KEY_FILE": "/etc/key"}

    assert "HEAVYLIFT_API_FIRST_KEY_FILE" not in entry("127.0.0.1", tmp_path, said)
    assert list(tmp_path.iterdir()) == []
