"""What can be set for the API: where it listens, what it lets in, and how long it waits."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from heavylift.settings import Settings, StoreSettings, TelemetrySettings


class ApiSettings(Settings):
    """The API, with the store that it writes to and the way in which it speaks of itself."""

    model_config = SettingsConfigDict(env_prefix="HEAVYLIFT_API_")

    host: str = Field(
        "127.0.0.1",
        description="Address to listen on. Loopback, because there is no password yet: let others in only behind something "
        "that asks for one.",
    )
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on. 0 takes a free one.")
    body_limit: int = Field(
        1_048_576,
        ge=1024,
        description="Bytes that the body of a request may have; more is answered with 413. Redis is not a file store: 1 MiB "
        "carries any description of work, and big inputs belong into an object store.",
    )
    batch_body_limit: int = Field(
        33_554_432,
        ge=1024,
        description="Bytes that the body of a batch may have; each of its items may have what `HEAVYLIFT_API_BODY_LIMIT` says. "
        "A request has its body in memory several times over while it is read.",
    )
    redis_deadline: float = Field(
        1.5,
        gt=0,
        le=30,
        description="Seconds that Redis has for all that one request asks of it; then the answer is 503. Below the 2 seconds "
        "in which people and load balancers begin to lose patience.",
    )
    longest_wait: float = Field(
        60.0,
        ge=0,
        description="Seconds to which `?wait` is cut. Less than the idle timeout of the proxies in front of the API: 60 is the "
        "default of ingress-nginx and of most load balancers.",
    )
    streams: int = Field(
        10_000,
        ge=0,
        description="Streams of events that are open at once in one process; beyond it a stream is answered with 503. Each costs "
        "a connection and about 40 KiB, and nothing while its task has nothing to say.",
    )
    stream_keep_alive: float = Field(
        15.0,
        gt=0,
        description="Seconds after which a stream on which nothing happens shows that it lives. Less than the idle timeout of "
        "the proxies in front of the API.",
    )
    eta_tolerance: float = Field(
        60.0,
        ge=0,
        description="Seconds by which an `eta` may be past and still count as now: the clocks of clients differ, and requests "
        "take their time.",
    )
    idempotency_retention: float = Field(
        86_400.0,
        ge=60,
        description="Seconds, from the first request on, for which a repeated request is known by its `Idempotency-Key` and "
        "answered as the first time. A day outlasts the retries of most clients.",
    )
    catalogue_age: float = Field(
        5.0,
        gt=0,
        description="Seconds after which the published catalogue is read again. An unknown kind makes the API look at once, so "
        "this only bounds how long it takes to learn of a changed kind.",
    )
    shutdown_grace: float = Field(
        10.0,
        ge=0,
        description="Seconds that open requests have left after SIGTERM. Long polls end at once, so this is for slow clients. "
        "Less than the pod's `terminationGracePeriodSeconds`.",
    )
    store: StoreSettings = Field(default_factory=StoreSettings.load, description="Where tasks are kept.")
    telemetry: TelemetrySettings = Field(default_factory=TelemetrySettings.load, description="How the API speaks of itself.")
