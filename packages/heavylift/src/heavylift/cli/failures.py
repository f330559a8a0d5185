"""Errors as people are told of them, and the exit code of each. Loaded when there is one."""

from typing import Final

from heavylift import errors
from heavylift.cli.exit_codes import ExitCode
from heavylift.client import errors as refusals

_CODES: Final[tuple[tuple[type[errors.HeavyliftError], ExitCode], ...]] = (
    (refusals.TaskUnsuccessful, ExitCode.TASK_FAILED),
    (refusals.WaitOver, ExitCode.TIME_OVER),
    (errors.TaskNotFound, ExitCode.NOT_FOUND),
    (errors.UnknownKind, ExitCode.NOT_FOUND),
    (refusals.BatchUnknown, ExitCode.NOT_FOUND),
    (refusals.KeyUnknown, ExitCode.NOT_FOUND),
    (refusals.Unauthenticated, ExitCode.REFUSED),
    (refusals.ScopeMissing, ExitCode.REFUSED),
    (refusals.TaskEnded, ExitCode.REFUSED),
    (refusals.NotDead, ExitCode.REFUSED),
    (refusals.IdTaken, ExitCode.REFUSED),
    (refusals.KeyReused, ExitCode.REFUSED),
    (refusals.AnswerUnreadable, ExitCode.UNREACHABLE),
)

#: Of a refusal that has no class of its own, by the status of the answer.
_STATUSES: Final = {404: ExitCode.NOT_FOUND, **dict.fromkeys((401, 403, 409, 412), ExitCode.REFUSED)}


def code_of(error: errors.HeavyliftError) -> ExitCode:
    """What the command exits with: whatever may be better later counts as out of reach, all that is left as misuse."""
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    if isinstance(error, refusals.Refused) and error.said.status in _STATUSES:
        return _STATUSES[error.said.status]
    return ExitCode.UNREACHABLE if error.retryable or _broke(error) else ExitCode.MISUSED


def sentence(error: errors.HeavyliftError) -> str:
    """What went wrong; with the address, or the id under which the log of the API says more, where that is what helps."""
    if isinstance(error, refusals.Unreachable | refusals.AnswerUnreadable):
        from heavylift.cli.connection import asked

        return f"{asked()}: {error}; --url or HEAVYLIFT_URL says where Heavylift is, and heavylift dev starts one here"
    if _broke(error) and isinstance(error, refusals.Refused):
        return f"{error} (request id {error.said.request_id})"
    return str(error)


def _broke(error: errors.HeavyliftError) -> bool:
    return isinstance(error, refusals.Refused) and error.said.status == 500


def asks_for_key(error: errors.HeavyliftError) -> bool:
    """Whether nobody has said who calls, and somebody is to."""
    return isinstance(error, refusals.Unauthenticated)
