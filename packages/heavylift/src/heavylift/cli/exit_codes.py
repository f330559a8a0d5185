"""What the exit code of the command says."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How it went, for scripts. ``docs/cli.md`` shows these with their meaning."""

    DONE = 0  #: Done.
    TASK_FAILED = 1  #: A task that was waited for did not succeed, or not all that was named could be done.
    MISUSED = 2  #: The words, the settings or the payload are wrong; the same again will be refused again.
    UNREACHABLE = 3  #: Nothing answers where Heavylift should be, or not in time; the same again may help.
    NOT_FOUND = 4  #: There is no such task, kind, queue or key.
    REFUSED = 5  #: The key may not do this, or what is named is in no state for it.
    TIME_OVER = 6  #: The time to wait is over, and the task goes on.
    INTERRUPTED = 130  #: Ctrl-C.
