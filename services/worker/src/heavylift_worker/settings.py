"""Everything that can be set for the worker service."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from heavylift.settings import ObjectSettings, Settings, StoreSettings, TelemetrySettings, WorkerSettings


class ProbeSettings(Settings):
    """Where the worker answers Kubernetes and Prometheus."""

    model_config = SettingsConfigDict(env_prefix="HEAVYLIFT_WORKER_HTTP_")

    host: str = Field(
        "127.0.0.1",
        description="Address of `/livez`, `/readyz` and `/metrics`. In a pod `0.0.0.0`, so that the kubelet reaches it.",
    )
    port: int = Field(9100, ge=0, le=65535, description="Port of `/livez`, `/readyz` and `/metrics`. 0 takes a free one.")


class WorkerServiceSettings(Settings):
    """The worker service: its parts, each with variables of its own."""

    worker: WorkerSettings = Field(default_factory=WorkerSettings.load)
    http: ProbeSettings = Field(default_factory=ProbeSettings.load)
    store: StoreSettings = Field(default_factory=StoreSettings.load)
    objects: ObjectSettings = Field(default_factory=ObjectSettings.load)
    telemetry: TelemetrySettings = Field(default_factory=TelemetrySettings.load)
