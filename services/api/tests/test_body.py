"""What is sent as a submission and is none."""

import json
from typing import Any

import pytest

from heavylift.store.redis import RedisStore
from tests.support.asgi import InProcessApi, refused
from tests.support.problems import problem


@refused
@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "Expecting value"),
        (b"kind=demo.anything", "Expecting value"),
        (b'{"kind": "demo.anything"', "Expecting '}'"),
        (b'{"kind": "demo.anything",}', "property name"),
        (b'{"kind": "demo.anything"} {}', "Extra data"),
        (b'{"kind": "demo.anything" "payload": 1}', "Expecting '}'"),
        (b'{"kind"; "demo.anything"}', "Expecting ':'"),
        (b"{kind: 1}", "property name"),
        (b'{"kind": "demo.\nanything"}', "control character"),
        (b'{"kind": "demo.anything", "payload": "\x00"}', "control character"),
        (b'{"kind": "demo.anything", "payload": NaN}', "NaN is no JSON number"),
        (b'{"kind": "demo.anything", "payload": [-Infinity]}', "-Infinity is no JSON number"),
        (b'{"kind": "demo.anything", "payload": 1e999}', "too large: 1e999"),
        (b'{"kind": "demo.anything", "payload": %s}' % (b"9" * 5000), "more than 4300 digits"),
        (b'\xef\xbb\xbf{"kind": "demo.anything"}', "BOM"),
        (b'{"kind": "demo.anything", "payload": "\xff"}', "byte 38"),
        (b'{"kind": "demo.anything", "payload": "\xed\xa0\x80"}', "not UTF-8"),
        ('{"kind": "demo.anything"}'.encode("utf-16"), "not UTF-8"),
        (b'{"kind": "demo.anything", "payload": %s' % (b"[" * 100_000), "deeper than 128"),
        (b'{"kind": "demo.anything", "payload": %s%s}' % (b"[" * 100_000, b"]" * 100_000), "deeper than 128"),
        (b'{"a": ' * 100_000, "deeper than 128"),
        (b'{"kind": "demo.anything", "payload": %s0%s}' % (b'{"a":' * 128, b"}" * 128), "deeper than 128"),
        (b"[" * 100_000, "deeper than 128"),
    ],
    ids=lambda value: repr(value[:48]) if isinstance(value, bytes) else None,
)
async def test_what_is_not_json_is_told_so(refusing: InProcessApi, body: bytes, word: str) -> None:
    assert word in problem(await refusing.submit_text(body), 400, "not-json")["detail"]


@refused
@pytest.mark.parametrize("body", ["[]", '"text"', "null", "1", "true", '[{"kind": "demo.anything"}]'])
async def test_json_that_is_no_object_is_told_so(refusing: InProcessApi, body: str) -> None:
    assert '{"kind": ' in problem(await refusing.submit_text(body), 422, "request-invalid", "body")["detail"]


@refused
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"kind": "demo.anything", "kind": "mail.welcome"}', "kind"),
        ('{"kind": "demo.anything", "payload": 1, "payload": 2}', "payload"),
        (r'{"kind": "demo.anything", "k\u0069nd": "demo.anything"}', "kind"),
        ('{"kind": "demo.anything", "payload": {"width": 1, "width": 2}}', "payload.width"),
        ('{"kind": "demo.anything", "payload": [{"a": {"b": 1, "b": 1}}]}', "payload.b"),
    ],
)
async def test_a_name_that_is_given_twice_is_told(refusing: InProcessApi, body: str, field: str) -> None:
    assert "twice" in problem(await refusing.submit_text(body), 422, "request-invalid", field)["detail"]


@refused
@pytest.mark.parametrize(
    ("body", "field"),
    [
        (r'{"kind": "demo.anything", "payload": "\u0000"}', "payload"),
        (r'{"kind": "demo.anything", "payload": {"a\u0000": 1}}', "payload"),
        (r'{"kind": "demo.anything", "payload": "\\\u0000"}', "payload"),
        (r'{"kind": "demo\u0000"}', "kind"),
        (r'{"kind": "demo.anything", "payload": "\ud800"}', "payload"),
        (r'{"kind": "demo.anything", "payload": {"\udfff": 1}}', "payload"),
        (r'{"kind": "demo.anything", "payload": "\ude00\ud83d"}', "payload"),
        (r'{"kind": "demo.anything", "tags": ["\uD83D"]}', "tags"),
        (r'{"kind": "\udc00"}', "kind"),
        (r'{"kind": "demo.anything", "\ud800": 1}', "body"),
    ],
)
async def test_text_that_cannot_be_carried_is_told_with_its_field(refusing: InProcessApi, body: str, field: str) -> None:
    problem(await refusing.submit_text(body), 422, "request-invalid", field)


@pytest.mark.parametrize(
    "payload",
    [
        r'"\ud83d\ude00"',
        r'"\\u0000"',
        r'"\\ud800"',
        "9" * 4300,
        "-" + "9" * 300,
        "[0.1000000000000000055511151231257827, 1E2, -0.0, 1e-999]",
        '{"z":1,  "a":\t2, "m":{"y":1,"b":2}}',
        "[" * 127 + "]" * 127,  # and the body around it
        "null",
        '"ä\u2028"',
    ],
    ids=lambda payload: payload[:32],
)
async def test_a_payload_is_kept_to_the_letter(api: InProcessApi, store: RedisStore, payload: str) -> None:
    answer = await api.submit_text(f'{{"payload" : {payload} , "kind":"demo.anything"}}')

    assert answer.status_code == 202, answer.text
    (text,) = _payloads(store)
    assert text == payload
    assert (await api.get(answer.headers["location"])).json()["payload"] == json.loads(payload)


@refused
@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "json"],
)
async def test_a_body_that_is_not_declared_as_json_is_refused(refusing: InProcessApi, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}

    answer = await refusing.client.post("/v1/tasks", content=b'{"kind": "demo.anything"}', headers=headers)

    assert "application/json" in problem(answer, 415, "media-type-wrong")["detail"]


@refused
@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", '"latin1"', "utf-7", "", "x" * 5000])
@pytest.mark.parametrize("path", ["/v1/tasks", "/v1/batches"])
async def test_a_body_that_is_declared_in_other_characters_is_refused(refusing: InProcessApi, path: str, charset: str) -> None:
    headers = {"Content-Type": f"application/json; charset={charset}"}

    answer = await refusing.client.post(path, content=b'{"kind": "demo.anything"}', headers=headers)

    assert "UTF-8" in problem(answer, 415, "media-type-wrong")["detail"]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "APPLICATION/JSON; charset=utf-8",
        "application/json ;charset=utf-8",
        'application/json; charset="UTF8"',
        "application/vnd.acme+json",
    ],
)
async def test_json_may_be_declared_in_every_way_that_means_it(api: InProcessApi, content_type: str) -> None:
    answer = await api.submit_text('{"kind": "demo.anything"}', **{"Content-Type": content_type})

    assert answer.status_code == 202


async def test_a_refused_body_records_nothing(api: InProcessApi, store: RedisStore) -> None:
    await api.submit_text('{"kind": "demo.anything", "payload": 1, "payload": 2}')

    assert _payloads(store) == []


def _payloads(store: RedisStore) -> list[Any]:
    client = store._client
    return [client.hget(key, "payload") for key in client.keys(f"{store.partition}:task:*")]
