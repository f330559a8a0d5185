"""Background work that is never lost.

What an application needs to write tasks is here; everything else is imported from the module that names it.
"""

from heavylift.errors import PermanentError, TemporaryError
from heavylift.record import Priority
from heavylift.registry import task
from heavylift.retry import NEVER, RetryPolicy

__all__ = ["NEVER", "PermanentError", "Priority", "RetryPolicy", "TemporaryError", "task"]
