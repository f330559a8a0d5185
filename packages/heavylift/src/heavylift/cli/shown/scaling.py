"""How scaling is told to a person at a terminal."""

from typing import Any, Final

from heavylift.cli.fitting import Column
from heavylift.cli.tables import Cell, Row, say_table
from heavylift.cli.terminal import say
from heavylift.cli.text import age, moment, one_line, paragraph
from heavylift.client.values import Pool, ScalingState

_COLUMNS: Final = (Column("POOL", whole=True), Column("PODS"), Column("TARGET"), Column("MODE", spare=1))


def say_scaling(state: ScalingState) -> None:
    """A line for each pool, and below what somebody should know."""
    if state.at is None:
        say("There is no autoscaler here, or it has decided nothing yet.")
        return
    say(f"Decided {age(state.at)} by {state.leader or 'nobody'}.\n")
    if state.pools:
        say_table(_COLUMNS, [_row(pool) for pool in state.pools])
        say("")
    for line in _remarks(state):
        say(paragraph(line))


def _row(pool: Pool) -> Row:
    changes = "" if pool.current == pool.target else "yellow"
    return pool.name, _pods(pool), Cell(str(pool.target), changes), pool.mode


def _pods(pool: Pool) -> str:
    parts = {"starting": pool.starting, "leaving": pool.leaving}
    return ", ".join([f"{pool.current}", *(f"{count} {name}" for name, count in parts.items() if count)])


def _remarks(state: ScalingState) -> list[str]:
    steered = [(pool.name, pool.steering) for pool in state.pools if pool.steering is not None]
    return [
        *(f"{pool.name}: {pool.reason}." for pool in state.pools),
        *(
            f"{name} is held by {by.by}: {by.reason}" + (f" (until {moment(by.until)})" if by.until else "")
            for name, by in steered
        ),
        *(f"{pool.name}: {condition.message}" for pool in state.pools for condition in pool.conditions),
        *(f"queue {queue}: {sentence}" for queue, sentence in state.unserved.items()),
    ]


def say_steered(steered: dict[str, Any]) -> None:
    """What comes of what was asked for."""
    say(one_line(f"{', '.join(steered['pools'])}: {steered['effect']}"))
