"""Where Redis is, read from a URL. What is told of a wrong one repeats nothing of it, since any part may be a password."""

import re
from dataclasses import dataclass, field
from typing import Any, Final, Self
from urllib.parse import parse_qsl, unquote

from heavylift.errors import ConfigurationInvalid

SCHEMES: Final = ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel")
REDIS_PORT: Final = 6379
SENTINEL_PORT: Final = 26379

#: What a URL with TLS may say after its question mark, besides ``db``, and the values that count; none are given for paths.
TLS_OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "ssl_ca_certs": (),
    "ssl_ca_path": (),
    "ssl_certfile": (),
    "ssl_keyfile": (),
    "ssl_cert_reqs": ("required", "optional", "none"),
    "ssl_check_hostname": ("true", "false"),
}

_HOST: Final = re.compile(r"[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9_.-]+)?\]")
_NUMBER: Final = re.compile(r"[0-9]{1,5}")
_ENCODE: Final = "percent-encode what is special in a user name or a password, such as %40 for @, %2F for / and %3F for ?"


@dataclass(frozen=True, slots=True)
class Address:
    """Where Redis is.

    ``hosts`` are those of Redis, or of its sentinels where ``service`` names what they watch; there are none where ``path`` is
    that of a socket. ``options`` are those of TLS, as redis-py names them.
    """

    tls: bool = False
    hosts: tuple[tuple[str, int], ...] = ()
    path: str = ""
    service: str = ""
    db: int = 0
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a URL of one of ``SCHEMES``. Raises ConfigurationInvalid with a sentence that says what to change."""
        scheme, rest = _scheme(url)
        place, _, query = rest.partition("?")
        credentials, _, place = place.rpartition("@")
        username, password = _credentials(credentials)
        tls = scheme.startswith("rediss")
        options = _options(query, tls=tls)
        where = _where(scheme, place) | ({"db": _database(options.pop("db"))} if "db" in options else {})
        return cls(**where, tls=tls, username=username, password=password, options=tuple(options.items()))

    def __str__(self) -> str:
        """For people: without user name and password."""
        if self.path:
            return f"unix://{self.path}?db={self.db}"
        scheme = ("rediss" if self.tls else "redis") + ("+sentinel" if self.service else "")
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"{scheme}://{hosts}/{f'{self.service}/' if self.service else ''}{self.db}"


def _scheme(url: str) -> tuple[str, str]:
    scheme, divided, rest = url.partition("://")
    if not divided or scheme not in SCHEMES:
        raise ConfigurationInvalid(f"begins with {', '.join(f'{known}://' for known in SCHEMES[:-1])} or {SCHEMES[-1]}://")
    if any(character.isspace() for character in rest):
        raise ConfigurationInvalid("has a space or a line break in it; take it out, or write it as %20 or %0A")
    if "#" in rest:
        raise ConfigurationInvalid("has a # in it; write it as %23")
    return scheme, rest


def _credentials(text: str) -> tuple[str | None, str | None]:
    if any(sign in text for sign in "@/"):
        raise ConfigurationInvalid(f"has more than one @, or a / before it; {_ENCODE}")
    username, _, password = text.partition(":")
    return unquote(username) or None, unquote(password) or None


def _options(query: str, *, tls: bool) -> dict[str, str]:
    if "@" in query:
        raise ConfigurationInvalid(f"has an @ after its ?; {_ENCODE}")
    known = {"db": (), **(TLS_OPTIONS if tls else {})}
    options = dict(parse_qsl(query, keep_blank_values=True))
    if not known.keys() >= options.keys():
        raise ConfigurationInvalid(f"may say after its ? only {', '.join(known)}; leave out the rest")
    for name, value in options.items():
        if known[name] and value not in known[name]:
            raise ConfigurationInvalid(f"says of {name} something else than {', '.join(known[name])}")
    return options


def _where(scheme: str, place: str) -> dict[str, Any]:
    authority, _, path = place.partition("/")
    if scheme == "unix":
        return {"path": _socket(authority, path)}
    if not scheme.endswith("+sentinel"):
        return {"hosts": _one_host(authority), "db": _database(path or "0")}
    service, _, number = path.partition("/")
    return {"hosts": _sentinels(authority, service), "service": unquote(service), "db": _database(number or "0")}


def _socket(authority: str, path: str) -> str:
    if authority or not path:
        raise ConfigurationInvalid("names no socket; write unix:///path/of/the/socket?db=0")
    return f"/{unquote(path)}"


def _sentinels(authority: str, service: str) -> tuple[tuple[str, int], ...]:
    if not service:
        raise ConfigurationInvalid(
            "names no service; write what the sentinels call it, as in redis+sentinel://one:26379,two:26379,three:26379/mymaster"
        )
    return tuple(_host(host, SENTINEL_PORT) for host in authority.split(","))


def _one_host(authority: str) -> tuple[tuple[str, int], ...]:
    if "," in authority:
        raise ConfigurationInvalid("names several hosts; for sentinels it begins with redis+sentinel:// or rediss+sentinel://")
    return (_host(authority, REDIS_PORT),)


def _host(text: str, usual_port: int) -> tuple[str, int]:
    found = _HOST.match(text)
    if found is None:
        raise ConfigurationInvalid(f"names no host where one belongs; {_ENCODE}")
    host, rest = found[0].strip("[]"), text[found.end() :]
    if not rest:
        return host, usual_port
    port = rest.removeprefix(":")
    if not rest.startswith(":") or not _NUMBER.fullmatch(port) or not 0 < int(port) <= 65535:
        raise ConfigurationInvalid(f"has a port that is no number from 1 to 65535; {_ENCODE}")
    return host, int(port)


def _database(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ConfigurationInvalid("ends with the number of the database, such as /0, or with nothing")
    return int(text)
