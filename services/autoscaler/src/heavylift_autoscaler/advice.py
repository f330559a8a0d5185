"""The engine `keda`: this program recommends, and KEDA comes and asks."""

from collections.abc import Iterator
from contextlib import contextmanager

from heavylift.errors import ConfigurationInvalid
from heavylift.store.redis import RedisStore
from heavylift_autoscaler.keda import KedaServer
from heavylift_autoscaler.settings import AutoscalerServiceSettings
from heavylift_autoscaler.told import Told


@contextmanager
def advice(settings: AutoscalerServiceSettings) -> Iterator[KedaServer | None]:
    """Answer KEDA inside, when it is the engine; None when it is not. Raises ConfigurationInvalid without a token or a port."""
    if settings.autoscaler.engine != "keda":
        yield None
        return
    with RedisStore.of(settings.store, timeout=1.0) as store:  # a second without an answer is a look without one
        told = Told(store, [pool.name for pool in settings.autoscaler.pools], tick=settings.autoscaler.tick)
        server = _server(settings, told)
        told.start()
        server.start()
        try:
            yield server
        finally:
            server.stop()
            told.stop()


def _server(settings: AutoscalerServiceSettings, told: Told) -> KedaServer:
    keda = settings.keda
    if keda.token_file is None:
        raise ConfigurationInvalid(
            "KEDA would be let in without a token; name its file with HEAVYLIFT_AUTOSCALER_KEDA_TOKEN_FILE"
        )
    return KedaServer(keda.host, keda.port, keda.token_file, told.recommended)
