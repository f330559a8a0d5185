"""What is done at a terminal past the API comes into the audit log, too."""

import os
import pwd
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from heavylift.audit import Action, Actor, Deed, Door, Outcome
from heavylift.errors import StoreRefused, StoreUnavailable
from heavylift.store.calls import BeginDeed, EndDeed
from heavylift.store.redis import RedisStore

FAILED: Final = Outcome("failed")  #: Of what ended with a sentence in the place of an answer.


@contextmanager
def witnessed(store: RedisStore, action: Action, targets: Sequence[str], **details: Any) -> Iterator[dict[str, Outcome]]:
    """What is done inside is written down before and after, an entry for each target.

    Who has more to say of one than that it is done puts that into what this yields, by target. What cannot be written down is not
    done: raises StoreUnavailable, StoreRefused then.
    """
    actor = Actor(Door.TERMINAL, _user())
    told = {name: value for name, value in details.items() if value is not None}
    ids = [store.run(BeginDeed(Deed(actor, action, target, details=told))) for target in targets]
    outcomes = dict.fromkeys(targets, FAILED)
    try:
        done = dict.fromkeys(targets, Outcome())
        yield done
        outcomes = done
    finally:
        with suppress(StoreUnavailable, StoreRefused):  # the deeds stay as those that were begun
            for id_, target in zip(ids, targets, strict=True):
                store.run(EndDeed(id_, outcomes[target]))


def _user() -> str:
    """Who sits there, as the system knows it: the environment may say anything. In a container there may be no name."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = f"uid {os.getuid()}"
    return f"{name}@{socket.gethostname()}"
