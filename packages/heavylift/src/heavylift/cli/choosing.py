"""Which tasks are meant: by their ids, by a filter, or all."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any

import typer

from heavylift.cli.completing import kinds, queues
from heavylift.cli.options import Since, Until
from heavylift.client.dead_letters import Which
from heavylift.client.filters import WhichTasks
from heavylift.errors import ConfigurationInvalid
from heavylift.state import FailureReason, State

Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="Tasks by their ids; without any, a filter says which.")]
All = Annotated[bool, typer.Option("--all", help="All of them, where no filter is given.")]

_Kind = Annotated[str | None, typer.Option(metavar="NAME", help="Only those of this kind.", autocompletion=kinds)]
_Queue = Annotated[str | None, typer.Option(metavar="NAME", help="Only those of this queue.", autocompletion=queues)]
_Tenant = Annotated[str | None, typer.Option(metavar="NAME", help="Only those of this tenant; for administrators of none.")]


@dataclass(frozen=True, slots=True)
class TaskChoice:
    """A filter of tasks."""

    state: Annotated[State | None, typer.Option(metavar="STATE", help="Only those in this state.")] = None
    kind: _Kind = None
    queue: _Queue = None
    tag: Annotated[str | None, typer.Option(metavar="TEXT", help="Only those with this tag.")] = None
    batch: Annotated[str | None, typer.Option(metavar="ID", help="Only those of this batch.")] = None
    since: Since = None
    until: Until = None
    tenant: _Tenant = None

    @property
    def which(self) -> WhichTasks:
        """As a client takes it."""
        return WhichTasks(
            state=self.state,
            kind=self.kind,
            queue=self.queue,
            tag=self.tag,
            batch=self.batch,
            submitted_after=self.since,
            submitted_before=self.until,
            tenant=self.tenant,
        )


@dataclass(frozen=True, slots=True)
class LetterChoice:
    """A filter of dead letters."""

    kind: _Kind = None
    queue: _Queue = None
    reason: Annotated[FailureReason | None, typer.Option(metavar="REASON", help="Only those that failed for this reason.")] = None
    fingerprint: Annotated[str | None, typer.Option(metavar="TEXT", help="Only those of this fault; `groups` shows it.")] = None
    since: Since = None
    until: Until = None
    tenant: _Tenant = None

    @property
    def which(self) -> Which:
        """As a client takes it."""
        return Which(
            kind=self.kind,
            queue=self.queue,
            reason=self.reason,
            fingerprint=self.fingerprint,
            since=self.since,
            until=self.until,
            tenant=self.tenant,
        )


Choice = TaskChoice | LetterChoice


def given(choice: Choice) -> dict[str, Any]:
    """What is given of a filter."""
    values = {each.name: getattr(choice, each.name) for each in fields(choice)}
    return {name: value for name, value in values.items() if value is not None}


def check_choice(ids: Sequence[str] | None, choice: Choice, *, everything: bool) -> None:
    """Nothing must not mean everything, and a filter beside ids would seem to narrow them. Raises ConfigurationInvalid."""
    if bool(ids) + bool(given(choice)) + everything != 1:
        names = ", ".join(f"--{each.name}" for each in fields(choice))
        raise ConfigurationInvalid(f"say which, in one way: by their ids; by {names}; or --all")
