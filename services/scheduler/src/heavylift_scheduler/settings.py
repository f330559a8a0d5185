"""Everything that can be set for the scheduler."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from heavylift.settings import Settings, StoreSettings, TelemetrySettings


class ProbeSettings(Settings):
    """Where the scheduler answers Kubernetes and Prometheus."""

    model_config = SettingsConfigDict(env_prefix="HEAVYLIFT_SCHEDULER_HTTP_")

    host: str = Field(
        "127.0.0.1",
        description="Address of `/livez`, `/readyz` and `/metrics`. In a pod `0.0.0.0`, so that the kubelet reaches it.",
    )
    port: int = Field(9104, ge=0, le=65535, description="Port of `/livez`, `/readyz` and `/metrics`. 0 takes a free one.")


class SchedulerServiceSettings(Settings):
    """The scheduler: its parts, each with variables of its own."""

    http: ProbeSettings = Field(default_factory=ProbeSettings.load)
    store: StoreSettings = Field(default_factory=StoreSettings.load)
    telemetry: TelemetrySettings = Field(default_factory=TelemetrySettings.load)
