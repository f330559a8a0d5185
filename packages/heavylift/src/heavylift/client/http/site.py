"""Where the API is, and what is shown there."""

import re
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Final
from urllib.parse import urlsplit

from heavylift.access import read_key
from heavylift.errors import ConfigurationInvalid

_URL: Final = re.compile(r"https?://[^\s@?#]+")


@dataclass(frozen=True, slots=True)
class Site:
    """An address of the API, and the key that is shown there. ``timeout`` in seconds is that of a request with all its tries."""

    url: str
    key: str | None = field(default=None, repr=False)
    timeout: float = 10.0

    @classmethod
    def of(cls, url: str, key: str | None, timeout: float) -> "Site":
        """Raises ConfigurationInvalid, with a sentence that repeats nothing secret."""
        if not _URL.fullmatch(url) or not urlsplit(url).hostname:
            raise ConfigurationInvalid(
                "the URL of the API is like https://heavylift.example.com, without user name, password, ? and #; "
                "who calls is told by key=… or HEAVYLIFT_KEY"
            )
        if key is not None and read_key(key) is None:
            raise ConfigurationInvalid("the key is none of Heavylift's: they are like hl_…_…, and a part of it may be missing")
        return cls(url.rstrip("/").removesuffix("/v1"), key, timeout)

    def headers(self) -> dict[str, str]:
        """What goes with every request."""
        shown = {} if self.key is None else {"Authorization": f"Bearer {self.key}"}
        return {"User-Agent": f"heavylift-python/{version('heavylift')}", "Accept": "application/json"} | shown
