"""What Prometheus gets."""

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from heavylift.store.redis import RedisStore
from heavylift.telemetry import metric_specs as specs
from tests.support.asgi import InProcessApi
from tests.support.consumer import claim, register, submit

OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}


async def _samples(api: InProcessApi, name: str) -> dict[tuple[str, ...], float]:
    """Values by the values of the labels, in the order of their names."""
    families = parse((await api.get("/metrics")).text)
    samples = (sample for family in families for sample in family.samples if sample.name in (name, f"{name}_total"))
    return {tuple(value for _, value in sorted(sample.labels.items())): sample.value for sample in samples}


async def test_what_is_accepted_and_what_is_refused_is_counted(api: InProcessApi) -> None:
    for _ in range(3):
        await api.submit()
    await api.submit("mail.welcome", payload={"to": "ada@example.com"})
    await api.submit(payload={})
    await api.submit("no.such.kind")
    await api.submit("another.unknown.kind")
    await api.submit_text("no JSON")

    sent = await _samples(api, specs.SENT.prometheus)
    refused = await _samples(api, specs.REFUSED.prometheus)

    assert {labels: count for labels, count in sent.items() if "images.thumbnail" in labels}.popitem()[1] == 3
    assert {labels: count for labels, count in sent.items() if "mail.welcome" in labels}.popitem()[1] == 1
    assert sum(sent.values()) == 4
    assert refused == {
        ("payload-invalid", "images.thumbnail"): 1,
        ("unknown-kind", "_unknown"): 2,
        ("not-json", "_unknown"): 1,
    }


async def test_the_queues_are_as_the_store_has_them_now(api: InProcessApi, store: RedisStore) -> None:
    submit(store, 5, queue="default")
    submit(store, 2, delay=60)
    register(store)
    claim(store, 2)

    assert await _samples(api, specs.QUEUE_MESSAGES.prometheus) == {
        ("default", "ready"): 3,
        ("default", "unacked"): 2,
        ("", "scheduled"): 2,
    }


async def test_both_formats_are_spoken_and_the_newer_leads_to_traces(api: InProcessApi) -> None:
    trace_id = (await api.submit()).json()["trace_id"]

    plain = await api.get("/metrics")
    rich = await api.client.get("/metrics", headers=OPENMETRICS)

    assert plain.headers["content-type"].startswith("text/plain")
    assert list(parse(plain.text))
    assert rich.headers["content-type"].startswith("application/openmetrics-text")
    exemplars = [s.exemplar.labels for f in parse_openmetrics(rich.text) for s in f.samples if s.exemplar]
    assert {"trace_id": trace_id} in exemplars
