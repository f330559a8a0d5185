"""Which transport a URL asks for."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import SecretStr

from heavylift.address import SCHEMES
from heavylift.client.operations import Operations
from heavylift.client.shells import AsyncCarrier, Carrier
from heavylift.errors import ConfigurationInvalid
from heavylift.record import Durability
from heavylift.settings import ClientSettings, StoreSettings
from heavylift.store.client import PARTITION


@dataclass(frozen=True, slots=True)
class Connection:
    """What there is to ask, and who carries it out. ``address`` is for people, and tells no secret."""

    address: str
    operations: Operations
    carrier: Callable[[], Carrier]
    async_carrier: Callable[[], AsyncCarrier]


def connect(url: str | None, key: str | None, timeout: float) -> Connection:
    """How to get to ``url``; what is None is read from the settings. Raises ConfigurationInvalid."""
    settings = ClientSettings.load() if url is None or key is None else None
    url = settings.url.get_secret_value() if url is None and settings else url or ""
    key = settings.shown_key() if key is None and settings else key
    if timeout <= 0:
        raise ConfigurationInvalid("the timeout of a client is a number of seconds above 0")
    if url.startswith(("http://", "https://")):
        return _over_http(url, key, timeout)
    if url.startswith(tuple(f"{scheme}://" for scheme in SCHEMES)):
        return _to_redis(url, timeout)
    raise ConfigurationInvalid(
        f"the URL of a client begins with http:// or https://, or with that of Redis: {', '.join(SCHEMES)}"
    )


def _over_http(url: str, key: str | None, timeout: float) -> Connection:
    try:
        from heavylift.client.http.asynchronous import AsyncHttpCarrier
        from heavylift.client.http.blocking import HttpCarrier
    except ImportError as error:
        raise ConfigurationInvalid(f"the client needs {error.name}: pip install 'heavylift[client]'") from error
    from heavylift.client.http.exchange import Terms
    from heavylift.client.http.operations import HttpOperations
    from heavylift.client.http.site import Site

    site = Site.of(url, key, timeout)
    return Connection(site.url, HttpOperations(Terms(timeout)), lambda: HttpCarrier(site), lambda: AsyncHttpCarrier(site))


def _to_redis(url: str, timeout: float) -> Connection:
    try:
        from heavylift.client.direct.operations import DirectOperations
    except ImportError as error:
        raise ConfigurationInvalid(f"the client needs {error.name}: pip install 'heavylift[client]'") from error
    from heavylift.client.direct.asynchronous import AsyncDirectCarrier
    from heavylift.client.direct.blocking import DirectCarrier
    from heavylift.store.async_redis import AsyncRedisStore
    from heavylift.store.redis import RedisStore

    settings = StoreSettings.load().model_copy(update={"url": SecretStr(url)})
    operations = DirectOperations(f"{settings.namespace}:{PARTITION}", Durability(settings.durability), timeout)
    return Connection(
        str(settings.address),
        operations,
        lambda: DirectCarrier(RedisStore.of(settings)),
        lambda: AsyncDirectCarrier(AsyncRedisStore.of(settings)),
    )
