import dataclasses
import json
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heavylift.telemetry.events import EVENTS, Event, Started, from_plain, to_plain

_finite = st.floats(allow_nan=False, allow_infinity=False)
_VALUES = {
    str: st.text(),
    int: st.integers(),
    bool: st.booleans(),
    float: _finite,
    float | None: st.none() | _finite,
    str | None: st.none() | st.text(),
    tuple[str, ...]: st.lists(st.text()).map(tuple),
    tuple[float, ...]: st.lists(st.floats(0, 1e9)).map(tuple),
}


def _events(kind: type[Event]) -> st.SearchStrategy[Event]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: _VALUES[hints[field.name]] for field in dataclasses.fields(kind)})


any_event = st.one_of([_events(kind) for kind in EVENTS.values()])


@given(any_event)
def test_an_event_comes_back_from_the_wire_as_it_went(event: Event) -> None:
    assert from_plain(json.loads(json.dumps(to_plain(event)))) == event


@given(any_event)
def test_an_event_on_the_wire_begins_with_its_name(event: Event) -> None:
    assert json.loads(json.dumps(to_plain(event)))[0] == event.name


def test_every_event_can_cross_the_wire() -> None:
    assert {kind.name for kind in Event.__subclasses__()} == set(EVENTS)


@pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)
def test_an_event_cannot_be_changed_after_the_fact(kind: type[Event]) -> None:
    names = [field.name for field in dataclasses.fields(kind)]
    event = kind(**dict.fromkeys(names, 0))

    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(event, names[0], 1)


def test_a_wait_is_never_negative_even_if_clocks_disagree() -> None:
    started = Started(task_id="1", kind="k", queue="q", attempt=1, queued_at=10.0, started_at=9.0)

    assert started.wait == 0.0
