"""States and the arrows between them."""

import itertools

import pytest

from heavylift.state import TERMINAL, TRANSITIONS, Cause, State, may_move


def test_only_the_arrows_of_the_table_may_be_followed() -> None:
    followed = {(origin, target) for origin, target in itertools.product(State, State) if may_move(origin, target)}

    assert followed == set(TRANSITIONS)


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_from_an_end_nothing_leads_on_but_a_replay_of_what_failed(state: State) -> None:
    causes = {cause for (origin, _), by in TRANSITIONS.items() if origin is state for cause in by}

    assert causes == ({Cause.REPLAYED} if state is State.FAILED else set())


@pytest.mark.parametrize("state", sorted(set(State) - TERMINAL))
def test_every_live_state_can_come_to_every_end(state: State) -> None:
    reached, frontier = {state}, {state}
    while frontier:
        frontier = {target for origin in frontier for target in State if may_move(origin, target)} - reached
        reached |= frontier

    assert reached >= TERMINAL


def test_no_state_moves_to_itself() -> None:
    assert not any(may_move(state, state) for state in State)


def test_every_cause_moves_something() -> None:
    assert {cause for causes in TRANSITIONS.values() for cause in causes} == set(Cause)


def test_states_read_as_they_are_shown() -> None:
    assert [str(state) for state in State] == ["scheduled", "queued", "running", "succeeded", "failed", "cancelled", "expired"]
