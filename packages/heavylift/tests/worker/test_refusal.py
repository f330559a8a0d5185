"""What cannot work is said before anything has begun."""

from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from celery.concurrency.thread import TaskPool
from click import ClickException

from heavylift.celery.app import BACKEND, CONSUMER, POOL, TRANSPORT, configure
from heavylift.celery.integration import integration_of
from heavylift.errors import ConfigurationInvalid
from heavylift.settings import WorkerSettings
from heavylift.worker.pool import Pool
from heavylift.worker.refusal import Refusal, check_app, check_companions, check_weight, in_one_sentence

OURS = {"broker_transport": TRANSPORT, "result_backend": BACKEND, "worker_pool": POOL, "worker_consumer": CONSUMER}


def app(**settings: Any) -> Celery:
    made = Celery("theirs", set_as_current=False)
    made.conf.update(settings)
    return made


def test_an_application_that_is_put_on_heavylift_is_taken() -> None:
    configured = app()
    configure(configured)

    check_app(configured)
    check_app(app(**OURS))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            OURS | {"worker_consumer": "celery.worker.consumer:Consumer"},
            f"worker_pool to {POOL!r} and worker_consumer to {CONSUMER!r}",
        ),
        (OURS | {"broker_transport": None, "broker_url": "redis://h/0"}, f"set broker_transport to {TRANSPORT!r}"),
        (OURS | {"broker_transport": None, "broker_url": "amqp://h/"}, "the app sends them by kombu.transport.pyamqp"),
    ],
)
def test_an_application_whose_tasks_go_elsewhere_is_refused_with_the_settings_to_make(
    settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refusal) as refused:
        check_app(app(**settings))

    assert words in str(refused.value)


def test_an_application_that_names_another_broker_than_its_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEAVYLIFT_STORE_URL", "redis://here:6379/0")
    assert integration_of(app(**OURS, broker_url="redis://here:6379/0")).store.url.get_secret_value() == "redis://here:6379/0"

    with pytest.raises(ConfigurationInvalid, match="names a broker_url of its own"):
        integration_of(app(**OURS, broker_url="redis://elsewhere:6379/0"))


def test_a_stock_pool_beside_our_consumer_is_refused_with_both_settings() -> None:
    with pytest.raises(Refusal) as refused:
        check_companions(SimpleNamespace(autoscale=None), TaskPool(limit=1, app=app()))

    assert POOL in str(refused.value)
    assert CONSUMER in str(refused.value)


def test_an_option_that_would_do_nothing_is_refused() -> None:
    pool = Pool(1, app=app(**OURS))
    check_companions(SimpleNamespace(autoscale=None), pool)

    with pytest.raises(Refusal, match="--autoscale has no effect here"):
        check_companions(SimpleNamespace(autoscale=[4, 1]), pool)


@pytest.mark.parametrize("name", ["max_memory_per_child", "recycle_above"])
def test_a_memory_limit_that_every_child_exceeds_from_its_birth_is_refused(name: str) -> None:
    check_weight(WorkerSettings(**{name: 75}), 74.2)  # type: ignore[arg-type]

    with pytest.raises(Refusal, match=f"HEAVYLIFT_WORKER_{name.upper()} is 74 MiB, and a child that has done nothing has 74"):
        check_weight(WorkerSettings(**{name: 74}), 74.2)  # type: ignore[arg-type]


def test_a_refusal_is_an_error_of_ours_and_one_line_under_the_command_celery() -> None:
    with pytest.raises(Refusal) as refused, in_one_sentence():
        raise ConfigurationInvalid("no")

    assert isinstance(refused.value, ConfigurationInvalid | ClickException)
    assert (str(refused.value), refused.value.format_message()) == ("no", "no")


@pytest.mark.parametrize(
    ("options", "tasks", "above"),
    [
        ({}, 0, 0),
        ({"maxtasksperchild": 50, "max_memory_per_child": 8 * 1024 * 1024}, 50, 8 * 1024),
    ],
)
def test_what_celery_calls_by_another_name_counts_too(options: dict[str, int], tasks: int, above: int) -> None:
    settings = Pool(1, app=app(**OURS), **options).guardian_settings

    assert (settings.max_tasks_per_child, settings.recycle_above) == (tasks, above)


def test_our_own_settings_go_before_celerys() -> None:
    mine = app(**OURS)
    integration = integration_of(mine)
    mine.heavylift = SimpleNamespace(worker=WorkerSettings(max_tasks_per_child=7), store=integration.store)

    assert Pool(1, app=mine, maxtasksperchild=50).guardian_settings.max_tasks_per_child == 7
