"""What our parts inside Celery know of our settings."""

from dataclasses import dataclass, field

from celery import Celery

from heavylift.celery.transport import SCHEME, register_scheme
from heavylift.errors import ConfigurationInvalid
from heavylift.settings import ObjectSettings, StoreSettings, TelemetrySettings, WorkerSettings


@dataclass(frozen=True, slots=True)
class Integration:
    """What our parts inside Celery need of our settings; an app carries it as ``app.heavylift``."""

    store: StoreSettings
    telemetry: TelemetrySettings
    worker: WorkerSettings
    objects: ObjectSettings = field(default_factory=ObjectSettings.load)

    @classmethod
    def load(cls) -> "Integration":
        """Of the environment. Raises ConfigurationInvalid."""
        return cls(StoreSettings.load(), TelemetrySettings.load(), WorkerSettings.load(), ObjectSettings.load())


def integration_of(app: Celery) -> Integration:
    """What the app carries, or else the environment's. Raises ConfigurationInvalid when the app says something else itself."""
    integration: Integration | None = getattr(app, "heavylift", None)
    if integration is None:
        integration = Integration.load()
        register_scheme()
        _check_broker(app, integration.store)
        app.heavylift = integration
    return integration


def _check_broker(app: Celery, store: StoreSettings) -> None:
    said = app.conf.broker_url
    if said and not said.startswith(f"{SCHEME}://") and said != store.url.get_secret_value():
        raise ConfigurationInvalid(
            "the app names a broker_url of its own, and its tasks are where HEAVYLIFT_STORE_URL says: set that variable and "
            "leave broker_url away, or let heavylift.celery.app.configure(app) make all settings"
        )
