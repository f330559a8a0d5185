"""Everything that can be set for the autoscaler."""

import json
from itertools import combinations
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, FilePath, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from heavylift.record import Executor
from heavylift.settings import Settings, StoreSettings, TelemetrySettings
from heavylift_autoscaler.promise import Promise


class Pool(BaseModel):
    """Workers of one Deployment, the queues that they serve, and how long a task in them may wait.

    ``slots``: tasks that one pod runs side by side, by kind of child. ``wait``: seconds. ``minimum``, ``maximum``: pods.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    deployment: str = Field(min_length=1)
    queues: tuple[str, ...] = ("default",)
    slots: dict[Executor, int] = Field(default_factory=lambda: {Executor.PROCESS: 2, Executor.ASYNCIO: 1000})
    minimum: int = 0
    maximum: int = 10
    wait: float = 30.0
    utilisation: float = 0.8
    calm: float = 300.0
    tolerance: float = 0.1

    @property
    def promise(self) -> Promise:
        """The same as the recommender knows it. Raises ValueError with a sentence."""
        return Promise(**self.model_dump(exclude={"name", "deployment"}))

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        _ = self.promise
        return self

    def quarrel(self, other: "Pool") -> str:
        """Why the two cannot be scaled side by side, and what to do, or ''."""
        if self.name == other.name:
            return f"two pools are named {self.name}: give each a name of its own"
        if self.deployment == other.deployment:
            return f"the pools {self.name} and {other.name} both scale {self.deployment}: give each a Deployment of its own"
        shared = sorted(set(self.queues) & set(other.queues))
        if not shared:
            return ""
        return (
            f"the pools {self.name} and {other.name} both serve the queue {shared[0]}, and each would scale for all of its "
            "tasks: give the queue to one of the two"
        )


class AutoscalerSettings(Settings):
    """Which pools of workers there are, and who changes their size."""

    model_config = SettingsConfigDict(env_prefix="HEAVYLIFT_AUTOSCALER_")

    pools: Annotated[tuple[Pool, ...], NoDecode] = Field(
        (),
        description="The pools, as a JSON array of objects: `name`, `deployment`, `queues` (of names), `slots` (tasks that a "
        'pod runs side by side, by kind of child: `{"process": 2, "asyncio": 1000}`), `minimum` and `maximum` (pods), `wait` '
        "(seconds that a task may wait before it is started), and, seldom, `utilisation`, `calm` and `tolerance`, of which "
        "docs/scaling.md tells. The first kind of child in `slots` also runs what no other does.",
    )
    engine: Literal["controller", "keda", "none"] = Field(
        "controller",
        description="Who changes the number of pods: `controller` is this program; with `keda` it recommends and KEDA changes; "
        "with `none` it recommends and nobody does.",
    )
    dry_run: bool = Field(False, description="Decide, tell and change nothing.")
    frozen: bool = Field(False, description="Leave every pool as it is, whatever waits, until this is taken back.")
    namespace: str = Field(
        "", description="Namespace of the Deployments. Unset, that of the pod that this runs in, or of the kubeconfig."
    )
    pod_selector: str = Field(
        "app.kubernetes.io/component=worker",
        description="Labels of the pods to watch, as Kubernetes writes a selector. Those of all pools have to be among them.",
    )
    lease: str = Field(
        "heavylift-autoscaler",
        pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$",
        description="Name of the Lease by which several replicas agree which of them acts.",
    )
    lease_duration: float = Field(
        3.0,
        ge=2,
        le=60,
        description="Seconds after which another replica takes the place of one that has died. Less than that lets a slow API "
        "server cost the leader its place.",
    )
    identity: str = Field("", description="Name of this replica in the Lease. Unset, its host name with something random.")
    tick: float = Field(1.0, ge=0.1, le=5, description="Seconds between two decisions.")
    request_timeout: float = Field(2.0, gt=0, le=30, description="Seconds that the API server has for an answer.")
    kubeconfig: FilePath | None = Field(
        None, description="Path of a kubeconfig, to run outside of the cluster. Unset, the service account of the pod is used."
    )

    @field_validator("pools", mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as error:
            raise ValueError(f"is no JSON ({error}); write an array of objects") from None

    @field_validator("pools")
    @classmethod
    def _do_not_quarrel(cls, pools: tuple[Pool, ...]) -> tuple[Pool, ...]:
        quarrels = filter(None, (one.quarrel(other) for one, other in combinations(pools, 2)))
        if quarrel := next(quarrels, ""):
            raise ValueError(quarrel)
        return pools


class ProbeSettings(Settings):
    """Where the autoscaler answers Kubernetes and Prometheus."""

    model_config = SettingsConfigDict(env_prefix="HEAVYLIFT_AUTOSCALER_HTTP_")

    host: str = Field(
        "127.0.0.1",
        description="Address of `/livez`, `/readyz` and `/metrics`. In a pod `0.0.0.0`, so that the kubelet reaches it.",
    )
    port: int = Field(9102, ge=0, le=65535, description="Port of `/livez`, `/readyz` and `/metrics`. 0 takes a free one.")


class KedaSettings(Settings):
    """Where KEDA asks how many pods there should be, when it is the engine."""

    model_config = SettingsConfigDict(env_prefix="HEAVYLIFT_AUTOSCALER_KEDA_")

    host: str = Field("127.0.0.1", description="Address of `/pools/NAME`. In a pod `0.0.0.0`, so that KEDA reaches it.")
    port: int = Field(9103, ge=0, le=65535, description="Port of `/pools/NAME`. 0 takes a free one.")
    token_file: FilePath | None = Field(
        None, description="File with the token that KEDA shows, read for each question. The engine `keda` needs one."
    )


class AutoscalerServiceSettings(Settings):
    """The autoscaler: its parts, each with variables of its own."""

    autoscaler: AutoscalerSettings = Field(default_factory=AutoscalerSettings.load)
    http: ProbeSettings = Field(default_factory=ProbeSettings.load)
    keda: KedaSettings = Field(default_factory=KedaSettings.load)
    store: StoreSettings = Field(default_factory=StoreSettings.load)
    telemetry: TelemetrySettings = Field(default_factory=TelemetrySettings.load)
