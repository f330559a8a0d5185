"""What can be set for the API: where it listens, what it lets in, and how long it waits."""

from typing import Literal

from pydantic import DirectoryPath, Field, FilePath
from pydantic_settings import SettingsConfigDict

from heavylift.access import is_loopback, read_key
from heavylift.errors import ConfigurationInvalid
from heavylift.settings import ObjectSettings, Settings, StoreSettings, TelemetrySettings


class AccessSettings(Settings):
    """Whether the API asks who calls. On a machine that nobody else reaches it need not."""

    model_config = SettingsConfigDict(env_prefix="HEAVYLIFT_")

    auth: Literal["on", "off"] = Field(
        "on",
        description="`off` lets anybody do anything, and is refused unless the API listens on loopback only. `heavylift dev` "
        "says it for itself there.",
    )


class ApiSettings(Settings):
    """The API, with the store that it writes to and the way in which it speaks of itself."""

    model_config = SettingsConfigDict(env_prefix="HEAVYLIFT_API_")

    host: str = Field(
        "127.0.0.1",
        description="Address to listen on. Loopback, because what goes over the wire is not encrypted: let others in behind "
        "something that ends TLS.",
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
    large_bodies: int = Field(
        8,
        ge=1,
        description="Bodies over the usual limit that are taken in at once, where `HEAVYLIFT_OBJECTS_URL` is set. Each is "
        "in a file meanwhile; the next wait, for `HEAVYLIFT_OBJECTS_DEADLINE` at most.",
    )
    reader_memory: int = Field(
        256,
        ge=64,
        description="MiB for the process that reads such a body, one at a time; a body that takes more is refused with 413. Text "
        "takes about four times its bytes, a list of numbers ten times. Beside what the API itself takes it is to fit into "
        "the pod's memory limit.",
    )
    spool: DirectoryPath | None = Field(
        None, description="Folder for such bodies while they are taken in. Unset: the system's own for such files."
    )
    hand_out: Literal["stream", "link"] = Field(
        "stream",
        description="How a payload or a result is given out that is kept as an object: `stream`, through the API; `link`, by "
        "a redirect to the object store, with an address that is good for a while, where the store can make one.",
    )
    link_age: float = Field(
        300.0, ge=1, le=604_800, description="Seconds for which such an address is good. Whoever has it may read the object."
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
    connections: int = Field(
        12_000,
        ge=1,
        description="Connections that are open at once in one process; beyond it requests are answered with 503, but for probes. "
        "More than `HEAVYLIFT_API_STREAMS`, as each stream is one. The process asks the system for as many descriptors.",
    )
    client_patience: float = Field(
        20.0,
        gt=0,
        description="Seconds that a client has for the head of a request, and for its body unless that comes at 1 KiB a second "
        "or faster; and within which it must take something of its answer. Then the connection ends.",
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
    key_age: float = Field(
        3.0,
        ge=0.3,
        le=60,
        description="Seconds within which a key that was revoked or rotated is refused everywhere. A process asks Redis three "
        "times in so long whether any key has changed, and lets nobody in by what it knew before.",
    )
    first_key_file: FilePath | None = Field(
        None,
        description="Path of a file with a key (`heavylift keys generate` makes one) that may do everything and with which the "
        "others are made. Unset: one is made up and told once at the first start, on standard error.",
    )
    shutdown_grace: float = Field(
        10.0,
        ge=0,
        description="Seconds that open requests have left after SIGTERM. Long polls end at once, so this is for slow clients. "
        "Less than the pod's `terminationGracePeriodSeconds`.",
    )
    access: AccessSettings = Field(default_factory=AccessSettings.load, description="Whether a key is asked for.")
    objects: ObjectSettings = Field(
        default_factory=ObjectSettings.load, description="Where payloads and results are kept that are too large for Redis."
    )
    store: StoreSettings = Field(default_factory=StoreSettings.load, description="Where tasks are kept.")
    telemetry: TelemetrySettings = Field(default_factory=TelemetrySettings.load, description="How the API speaks of itself.")

    @property
    def largest_submission(self) -> int:
        """Bytes that the body of one submission may have."""
        return self.body_limit if self.objects.url is None else self.body_limit + self.objects.largest

    def check_access(self) -> None:
        """Raise ConfigurationInvalid where anybody could reach an API that asks for no key, or the first key is none."""
        if self.access.auth == "off" and not is_loopback(self.host):
            raise ConfigurationInvalid(
                f"HEAVYLIFT_AUTH is off and HEAVYLIFT_API_HOST is {self.host}, where others could reach it; take 127.0.0.1, "
                "or leave HEAVYLIFT_AUTH out"
            )
        if self.first_key_file is not None and read_key(self.first_key_file.read_text().strip()) is None:
            raise ConfigurationInvalid(
                f"HEAVYLIFT_API_FIRST_KEY_FILE: there is no key in {self.first_key_file}; make one with `heavylift keys generate`"
            )
