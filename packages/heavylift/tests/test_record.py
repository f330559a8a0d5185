"""Ids, times, and what is asked for when nothing is said."""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heavylift.record import Form, Priority, Submission, from_ms, new_task_id, read_json, to_ms


def test_ids_are_uuids_of_version_seven_in_the_order_of_their_making() -> None:
    ids = [new_task_id() for _ in range(1000)]

    assert {uuid.UUID(id_).version for id_ in ids} == {7}
    assert len(set(ids)) == 1000
    assert ids == sorted(ids)


def test_an_id_tells_when_it_was_made() -> None:
    made = from_ms(uuid.UUID(new_task_id()).int >> 80)

    assert abs(datetime.now(UTC) - made) < timedelta(seconds=5)


def test_every_submission_has_an_id_of_its_own_and_modest_wishes() -> None:
    one, other = (Submission(kind="demo.work", payload="{}") for _ in range(2))

    assert one.id != other.id
    assert (one.queue, one.priority, one.form, one.max_attempts) == ("default", Priority.NORMAL, Form.PAYLOAD, 1)
    assert (one.delay, one.eta, one.expires_at, one.tags) == (None, None, None, ())


@given(st.integers(min_value=0, max_value=253_402_300_799_999))
def test_a_count_of_milliseconds_survives_being_a_time(milliseconds: int) -> None:
    assert to_ms(from_ms(milliseconds)) == milliseconds
    assert from_ms(milliseconds).tzinfo is UTC


@pytest.mark.parametrize("hours", [-11, 0, 5.5, 14])
def test_the_same_moment_is_the_same_count_in_every_time_zone(hours: float) -> None:
    moment = datetime(2026, 7, 14, 12, 0, tzinfo=UTC)

    assert to_ms(moment.astimezone(timezone(timedelta(hours=hours)))) == to_ms(moment)


def test_json_that_is_nested_too_deep_to_be_followed_is_its_own_text() -> None:
    deep = "[" * 100_000 + "]" * 100_000

    assert read_json(deep) == deep
    assert read_json('{"a": [1]}') == {"a": [1]}
