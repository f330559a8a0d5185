"""Whatever is sent: never an error of ours, and every answer is as described: ``tests.support.asgi`` holds each against it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.support.asgi import JSON, InProcessApi
from tests.support.kinds import KINDS

#: One API for all examples of a test: what the one before left in the store is what the next one finds.
THOROUGH = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

TEXTS = st.text(st.characters(exclude_categories=()), max_size=20)  # halves of surrogate pairs and NUL included
NUMBERS = st.one_of(st.integers(), st.floats(), st.integers(min_value=-(10**60), max_value=10**60), st.booleans())
VALUES = st.recursive(
    st.one_of(st.none(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)
PLAIN = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**60), 10**60),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text('aä😀\\"'),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text("ab"), inner, max_size=4)),
    max_leaves=12,
)
NAMES = st.sampled_from([*(kind.name for kind in KINDS), *["demo.anything"] * 5])
SOON = st.floats(0, 3e7).map(lambda seconds: (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat())
ETAS = st.one_of(SOON, SOON, st.datetimes().map(lambda moment: moment.isoformat() + "Z"), st.datetimes().map(str), VALUES)


def _likely(sensible: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Mostly what a field may be, and sometimes anything."""
    return st.one_of(*[sensible] * 9, VALUES)


SUBMISSIONS = st.fixed_dictionaries(
    {"kind": _likely(NAMES)},
    optional={
        "payload": _likely(st.one_of(PLAIN, VALUES, st.fixed_dictionaries({"source": TEXTS, "width": st.integers()}))),
        "queue": _likely(st.from_regex(r"[A-Za-z0-9_.-]{1,64}", fullmatch=True)),
        "priority": _likely(st.sampled_from(["high", "normal", "low"])),
        "expires": _likely(st.floats(5e7, 6e7)),
        "tags": _likely(
            st.lists(st.text(st.characters(min_codepoint=32, exclude_categories=["C"]), min_size=1, max_size=10), max_size=4)
        ),
    },
)


#: When to start, which is asked for in one way only, and something that is not known.
MORE = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"delay": _likely(st.floats(0, 1e6))}),
    st.fixed_dictionaries({"eta": ETAS}),
    st.fixed_dictionaries({"delay": VALUES, "eta": VALUES}),
    st.dictionaries(TEXTS, VALUES, max_size=1),
)


@THOROUGH
@given(submission=st.builds(dict.__or__, SUBMISSIONS, MORE), ascii_only=st.booleans())
async def test_no_submission_is_an_error_of_ours(api: InProcessApi, submission: dict[str, Any], ascii_only: bool) -> None:
    text = json.dumps(submission, ensure_ascii=ascii_only)  # NaN and Infinity, which are no JSON, included

    answer = await api.submit_text(text.encode(errors="surrogatepass"))

    assert answer.status_code in {202, 400, 404, 422}, answer.text
    if answer.status_code == 202:
        record = (await api.get(answer.headers["location"])).json()
        assert record["payload"] == json.loads(json.dumps(submission.get("payload", {})))


@THOROUGH
@given(
    body=st.one_of(st.binary(max_size=200), SUBMISSIONS.map(json.dumps).map(str.encode)),
    at=st.integers(0),
    piece=st.binary(max_size=4),
)
async def test_no_body_is_an_error_of_ours(api: InProcessApi, body: bytes, at: int, piece: bytes) -> None:
    """Any bytes, and submissions with a piece of any bytes in them."""
    place = at % (len(body) + 1)

    answer = await api.submit_text(body[:place] + piece + body[place + len(piece) :])

    assert answer.status_code in {202, 400, 404, 422}, answer.text


@THOROUGH
@given(
    query=st.dictionaries(
        st.one_of(st.sampled_from(["state", "kind", "queue", "tag", "limit", "cursor"]), st.text(max_size=8)),
        st.one_of(
            st.sampled_from(["queued", "failed", "default", "images.thumbnail", "1", "200", "MTox"]),
            st.text(max_size=30),
            st.integers().map(str),
        ),
        max_size=6,
    )
)
async def test_no_query_is_an_error_of_ours(api: InProcessApi, query: dict[str, str]) -> None:
    answer = await api.get("/v1/tasks", **query)

    assert answer.status_code in {200, 400, 422}, answer.text


FILTERS = {
    "kind": st.one_of(NAMES, TEXTS),
    "queue": TEXTS,
    "reason": st.sampled_from(["exhausted", "permanent", "boredom"]),
    "fingerprint": st.sampled_from(["0123456789abcdef", "x"]),
    "since": ETAS,
    "until": ETAS,
    "limit": st.integers(),
}


@THOROUGH
@given(query=st.fixed_dictionaries({}, optional=FILTERS | {"cursor": st.sampled_from(["MTox", "x"])}))
async def test_no_filter_of_dead_letters_is_an_error_of_ours(api: InProcessApi, query: dict[str, Any]) -> None:
    spoken = {name: str(value).encode(errors="replace").decode() for name, value in query.items()}

    for path in ("/v1/dead-letters", "/v1/dead-letters/groups"):
        answer = await api.get(path, **spoken)
        assert answer.status_code in {200, 400, 422}, answer.text


@THOROUGH
@given(
    body=st.fixed_dictionaries(
        {},
        optional={name: _likely(values) for name, values in FILTERS.items()} | {"rate": VALUES, "dry_run": VALUES, "all": VALUES},
    ),
    path=st.sampled_from(["replay", "discard"]),
)
async def test_no_request_for_many_is_an_error_of_ours(api: InProcessApi, body: dict[str, Any], path: str) -> None:
    text = json.dumps(body).encode(errors="surrogatepass")

    answer = await api.client.post(f"/v1/dead-letters/{path}", content=text, headers=JSON)

    assert answer.status_code in {200, 400, 422}, answer.text


@THOROUGH
@given(id_=st.text(min_size=1, max_size=40), wait=st.one_of(st.none(), st.floats(max_value=0.01), st.text(max_size=5)))
async def test_no_id_and_no_wait_is_an_error_of_ours(api: InProcessApi, id_: str, wait: Any) -> None:
    answer = await api.get(f"/v1/tasks/{quote(id_, safe='')}", **({} if wait is None else {"wait": wait}))

    assert answer.status_code in {200, 404, 422}, answer.text


@THOROUGH
@given(
    headers=st.dictionaries(
        st.sampled_from(["content-type", "x-request-id", "traceparent", "accept", "content-length"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60),
    )
)
async def test_no_header_is_an_error_of_ours(api: InProcessApi, headers: dict[str, str]) -> None:
    answer = await api.submit_text('{"kind": "demo.anything"}', **headers)

    assert answer.status_code in {202, 413, 415}, answer.text
