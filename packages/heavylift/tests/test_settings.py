"""What can be set, and how a wrong value is told."""

import re
import traceback
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field, ValidationError
from pydantic_settings import SettingsConfigDict

from heavylift.errors import ConfigurationInvalid
from heavylift.settings import LocalSettings, Settings, StoreSettings, TelemetrySettings, WorkerSettings

CLASSES: list[type[Settings]] = [StoreSettings, TelemetrySettings, WorkerSettings, LocalSettings]

#: Every variable with a text that it takes and what is read from it.
GOOD: dict[type[Settings], dict[str, tuple[str, Any]]] = {
    StoreSettings: {
        "HEAVYLIFT_STORE_URL": ("rediss+sentinel://me@one,two:6380/main", "rediss+sentinel://me@one,two:6380/main"),
        "HEAVYLIFT_STORE_PASSWORD_FILE": (__file__, Path(__file__)),
        "HEAVYLIFT_STORE_SENTINEL_USERNAME": ("watcher", "watcher"),
        "HEAVYLIFT_STORE_SENTINEL_PASSWORD": ("secret", "secret"),
        "HEAVYLIFT_STORE_NAMESPACE": ("team-a.prod", "team-a.prod"),
        "HEAVYLIFT_STORE_RETENTION": ("60.5", 60.5),
        "HEAVYLIFT_STORE_INDEX_LIMIT": ("0", 0),
        "HEAVYLIFT_STORE_DURABILITY": ("replica", "replica"),
        "HEAVYLIFT_STORE_REPLICA_DEADLINE": ("0.5", 0.5),
        "HEAVYLIFT_STORE_DEAD_RETENTION": ("3600", 3600.0),
        "HEAVYLIFT_STORE_DEAD_LIMIT": ("1", 1),
        "HEAVYLIFT_STORE_LOG_LINES": ("1", 1),
        "HEAVYLIFT_STORE_LOG_BYTES": ("1024", 1024),
        "HEAVYLIFT_STORE_AUDIT_LENGTH": ("100", 100),
        "HEAVYLIFT_STORE_QUEUE_LENGTH": ("1", 1),
    },
    TelemetrySettings: {
        "HEAVYLIFT_TELEMETRY_OTLP_ENDPOINT": ("http://collector:4318", "http://collector:4318"),
        "HEAVYLIFT_TELEMETRY_LOG_FORMAT": ("console", "console"),
        "HEAVYLIFT_TELEMETRY_LOG_LEVEL": ("debug", "debug"),
    },
    WorkerSettings: {
        "HEAVYLIFT_WORKER_CONCURRENCY": ("8", 8),
        "HEAVYLIFT_WORKER_THREAD_CHILDREN": ("1", 1),
        "HEAVYLIFT_WORKER_THREADS": ("32", 32),
        "HEAVYLIFT_WORKER_ASYNCIO_CHILDREN": ("0", 0),
        "HEAVYLIFT_WORKER_COROUTINES": ("5000", 5000),
        "HEAVYLIFT_WORKER_CLAIM_SIZE": ("16", 16),
        "HEAVYLIFT_WORKER_QUEUES": (" mail = 3 , images,", ("mail = 3", "images")),
        "HEAVYLIFT_WORKER_QUEUE_ORDER": ("strict", "strict"),
        "HEAVYLIFT_WORKER_PRIORITY_ORDER": ("strict", "strict"),
        "HEAVYLIFT_WORKER_TASKS": ("shop.tasks", ("shop.tasks",)),
        "HEAVYLIFT_WORKER_CELERY_APP": ("shop.app:celery", "shop.app:celery"),
        "HEAVYLIFT_WORKER_LEASE": ("0.5", 0.5),
        "HEAVYLIFT_WORKER_GRACE": ("0", 0),
        "HEAVYLIFT_WORKER_CANCEL_GRACE": ("2.5", 2.5),
        "HEAVYLIFT_WORKER_MAX_DELIVERIES": ("5", 5),
        "HEAVYLIFT_WORKER_MAX_TASKS_PER_CHILD": ("1000", 1000),
        "HEAVYLIFT_WORKER_MAX_MEMORY_PER_CHILD": ("512", 512),
        "HEAVYLIFT_WORKER_RECYCLE_ABOVE": ("256", 256),
        "HEAVYLIFT_WORKER_RECYCLE_AFTER": ("3600", 3600.0),
        "HEAVYLIFT_WORKER_TASK_LOG_LEVEL": ("off", "off"),
        "HEAVYLIFT_WORKER_TASK_LOG_REDACT": ("my.module:redact", "my.module:redact"),
    },
    LocalSettings: {
        "HEAVYLIFT_LOCAL_HOST": ("0.0.0.0", "0.0.0.0"),  # noqa: S104  read, not bound
        "HEAVYLIFT_LOCAL_PORT": ("0", 0),
        "HEAVYLIFT_LOCAL_REDIS_PORT": ("7000", 7000),
        "HEAVYLIFT_LOCAL_DIRECTORY": ("kept", "kept"),
        "HEAVYLIFT_LOCAL_REDIS_SERVER": ("valkey-server", "valkey-server"),
    },
}

BAD = [
    *((StoreSettings, "HEAVYLIFT_STORE_URL", value) for value in ("redis", "amqp://redis", "redis://a,b", "redis+sentinel://a")),
    (StoreSettings, "HEAVYLIFT_STORE_PASSWORD_FILE", "/no/such/file"),
    (StoreSettings, "HEAVYLIFT_STORE_SENTINEL_USERNAME", "watcher"),
    (StoreSettings, "HEAVYLIFT_STORE_SENTINEL_PASSWORD", "secret"),
    *((StoreSettings, "HEAVYLIFT_STORE_NAMESPACE", value) for value in ("two words", "a:b", "{x}", "x" * 65)),
    *((StoreSettings, "HEAVYLIFT_STORE_RETENTION", value) for value in ("0", "a day")),
    (StoreSettings, "HEAVYLIFT_STORE_INDEX_LIMIT", "-1"),
    (StoreSettings, "HEAVYLIFT_STORE_DURABILITY", "disk"),
    *((StoreSettings, "HEAVYLIFT_STORE_REPLICA_DEADLINE", value) for value in ("0", "31", "soon")),
    (StoreSettings, "HEAVYLIFT_STORE_DEAD_RETENTION", "0"),
    (StoreSettings, "HEAVYLIFT_STORE_DEAD_LIMIT", "0"),
    (StoreSettings, "HEAVYLIFT_STORE_LOG_LINES", "0"),
    (StoreSettings, "HEAVYLIFT_STORE_LOG_BYTES", "1023"),
    (StoreSettings, "HEAVYLIFT_STORE_QUEUE_LENGTH", "-1"),
    *((StoreSettings, "HEAVYLIFT_STORE_AUDIT_LENGTH", value) for value in ("99", "1000001")),
    (TelemetrySettings, "HEAVYLIFT_TELEMETRY_OTLP_ENDPOINT", "collector:4317"),
    (TelemetrySettings, "HEAVYLIFT_TELEMETRY_LOG_FORMAT", "xml"),
    (TelemetrySettings, "HEAVYLIFT_TELEMETRY_LOG_LEVEL", "loud"),
    *((WorkerSettings, "HEAVYLIFT_WORKER_CONCURRENCY", value) for value in ("-1", "1025", "many", "1.5")),
    (WorkerSettings, "HEAVYLIFT_WORKER_QUEUES", " , "),
    (WorkerSettings, "HEAVYLIFT_WORKER_QUEUE_ORDER", "fair"),
    (WorkerSettings, "HEAVYLIFT_WORKER_PRIORITY_ORDER", "none"),
    (WorkerSettings, "HEAVYLIFT_WORKER_LEASE", "0.4"),
    (WorkerSettings, "HEAVYLIFT_WORKER_GRACE", "-1"),
    (WorkerSettings, "HEAVYLIFT_WORKER_MAX_DELIVERIES", "0"),
    (WorkerSettings, "HEAVYLIFT_WORKER_MAX_TASKS_PER_CHILD", "-1"),
    (WorkerSettings, "HEAVYLIFT_WORKER_MAX_MEMORY_PER_CHILD", "1GiB"),
    (WorkerSettings, "HEAVYLIFT_WORKER_RECYCLE_ABOVE", "-1"),
    (WorkerSettings, "HEAVYLIFT_WORKER_RECYCLE_AFTER", "-1"),
    (WorkerSettings, "HEAVYLIFT_WORKER_TASK_LOG_LEVEL", "loud"),
    *((LocalSettings, "HEAVYLIFT_LOCAL_PORT", value) for value in ("65536", "-1", "http")),
    (LocalSettings, "HEAVYLIFT_LOCAL_REDIS_PORT", "70000"),
]


def _variable(settings: type[Settings], name: str) -> str:
    return f"{settings.model_config['env_prefix']}{name}".upper()


@pytest.mark.parametrize("settings", CLASSES)
def test_without_any_variable_there_is_a_default_for_everything(settings: type[Settings]) -> None:
    assert settings.load() == settings.model_construct()


@pytest.mark.parametrize("settings", CLASSES)
def test_every_field_is_read_from_its_variable(settings: type[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    assert {_variable(settings, name) for name in settings.model_fields} == set(GOOD[settings])
    for variable, (text, _) in GOOD[settings].items():
        monkeypatch.setenv(variable, text)

    read = settings.load()

    for name in settings.model_fields:
        value = getattr(read, name)
        plain = value.get_secret_value() if hasattr(value, "get_secret_value") else value
        assert plain == GOOD[settings][_variable(settings, name)][1], name


@pytest.mark.parametrize(("settings", "variable", "value"), BAD)
def test_a_wrong_value_is_told_with_its_variable(
    settings: type[Settings], variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(ConfigurationInvalid, match=rf"^{variable}: \w+"):
        settings.load()


def test_each_wrong_value_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEAVYLIFT_WORKER_LEASE", "0")
    monkeypatch.setenv("HEAVYLIFT_WORKER_GRACE", "soon")

    with pytest.raises(ConfigurationInvalid, match=r"^HEAVYLIFT_WORKER_LEASE: .+; HEAVYLIFT_WORKER_GRACE: .+"):
        WorkerSettings.load()


@pytest.mark.parametrize("settings", CLASSES)
def test_an_empty_variable_is_an_unset_one(settings: type[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in GOOD[settings]:
        monkeypatch.setenv(variable, "")

    assert settings.load() == settings.model_construct()


@pytest.mark.parametrize("settings", CLASSES)
def test_settings_do_not_change_once_they_are_read(settings: type[Settings]) -> None:
    name = next(iter(settings.model_fields))

    with pytest.raises(ValidationError, match="frozen"):
        setattr(settings.load(), name, "other")


@pytest.mark.parametrize("settings", CLASSES)
def test_every_field_says_its_meaning_in_sentences(settings: type[Settings]) -> None:
    for name, field in settings.model_fields.items():
        assert field.description is not None, name
        assert field.description.endswith("."), name


def test_the_password_in_a_url_is_not_shown() -> None:
    assert "hunter2" not in repr(StoreSettings(url="redis://:hunter2@redis:6379/0"))


def test_a_password_is_not_shown_by_whatever_tells_of_a_wrong_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEAVYLIFT_STORE_URL", "redis://:hunter2@one,two/0")

    with pytest.raises(ConfigurationInvalid, match=r"^HEAVYLIFT_STORE_URL: names several hosts") as told:
        StoreSettings.load()

    assert "hunter2" not in "".join(traceback.format_exception(told.value))


def test_there_is_one_place_for_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEAVYLIFT_STORE_URL", "redis://:hunter2@redis/0")
    monkeypatch.setenv("HEAVYLIFT_STORE_PASSWORD_FILE", __file__)

    with pytest.raises(ConfigurationInvalid, match=r"^HEAVYLIFT_STORE_PASSWORD_FILE: HEAVYLIFT_STORE_URL has a password, too"):
        StoreSettings.load()


class Service(Settings):
    """A service of two groups and a variable of its own, without a prefix."""

    model_config = SettingsConfigDict(env_prefix="")

    colour: str = Field("red", description="A colour.")
    store: StoreSettings = Field(default_factory=StoreSettings.load)
    worker: WorkerSettings = Field(default_factory=WorkerSettings.load)


def test_a_group_is_read_under_its_own_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLOUR", "blue")
    monkeypatch.setenv("HEAVYLIFT_STORE_RETENTION", "60")
    monkeypatch.setenv("HEAVYLIFT_WORKER_LEASE", "30")

    service = Service.load()

    assert (service.colour, service.store.retention, service.worker.lease) == ("blue", 60, 30)


def test_a_wrong_value_in_a_group_is_told_with_the_variable_of_the_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEAVYLIFT_STORE_RETENTION", "0")

    with pytest.raises(ConfigurationInvalid, match=r"^HEAVYLIFT_STORE_RETENTION: "):
        Service.load()


@pytest.mark.parametrize("variable", ["STORE", "WORKER"])
def test_somebodys_variable_with_the_name_of_a_group_is_left_alone(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "no JSON")

    assert Service.load() == Service()


def test_a_child_is_recycled_below_the_memory_at_which_it_is_ended() -> None:
    with pytest.raises(ValidationError, match="RECYCLE_ABOVE is not below MAX_MEMORY_PER_CHILD"):
        WorkerSettings(max_memory_per_child=100, recycle_above=100)


def test_queues_have_the_weight_that_they_are_given_and_else_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEAVYLIFT_WORKER_QUEUES", "default, mail = 3,bulk=1")

    assert WorkerSettings.load().queue_weights == {"default": 1, "mail": 3, "bulk": 1}


@pytest.mark.parametrize(
    ("queues", "sentence"),
    [
        ("mail=0", "the weight of the queue 'mail' is a whole number from 1 to 1000, not '0'"),
        ("mail=1001", "from 1 to 1000, not '1001'"),
        ("mail=", "not ''"),
        ("mail=much", "not 'much'"),
        ("a=1=2", "not '1=2'"),
        ("mail,mail=2", "the queue 'mail' is named twice"),
        ("=3", "'=3' names no queue; write it as name=weight"),
    ],
)
def test_queues_that_make_no_sense_are_told_in_a_sentence(queues: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEAVYLIFT_WORKER_QUEUES", queues)

    with pytest.raises(ConfigurationInvalid, match=f"^HEAVYLIFT_WORKER_QUEUES: .*{re.escape(sentence)}$"):
        WorkerSettings.load()


def test_a_worker_without_any_child_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEAVYLIFT_WORKER_CONCURRENCY", "0")
    monkeypatch.setenv("HEAVYLIFT_WORKER_ASYNCIO_CHILDREN", "0")

    with pytest.raises(ConfigurationInvalid, match="a worker has at least one child"):
        WorkerSettings.load()
