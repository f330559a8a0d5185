"""What Redis may say instead of doing what it was asked: what it means for us, and what mends it, in one table."""

import re
from dataclasses import dataclass
from typing import Final

from redis.exceptions import AuthenticationError, RedisError, ResponseError

from heavylift.errors import LeaseLost, PrimaryAwaited, StoreRefused, StoreUnavailable, WorkerRests
from heavylift.store.sentinels import PrimaryDown


@dataclass(frozen=True, slots=True)
class Trouble:
    """A row: StoreUnavailable passes by itself, StoreRefused stays until somebody mends it.

    ``elsewhere``: it may be another server that takes the call, so no connection made before is to be used again.
    """

    error: type[StoreUnavailable | StoreRefused]
    sentence: str
    elsewhere: bool = False


TROUBLES: Final[dict[str, Trouble]] = {
    "READONLY": Trouble(
        StoreUnavailable,
        "this Redis is a replica and takes no writes; its primary is looked for again (HEAVYLIFT_STORE_URL is to name the "
        "primary, or the sentinels with redis+sentinel://)",
        elsewhere=True,
    ),
    "MASTERDOWN": Trouble(
        StoreUnavailable, "this Redis is a replica that has lost its primary; the primary is looked for again", elsewhere=True
    ),
    "UNBLOCKED": Trouble(StoreUnavailable, "Redis has just become a replica; its primary is looked for again", elsewhere=True),
    "LOADING": Trouble(StoreUnavailable, "Redis has started and is still reading its data from disk"),
    "BUSY": Trouble(StoreUnavailable, "Redis is busy with a script that does not end; SCRIPT KILL ends it"),
    "CLUSTERDOWN": Trouble(StoreUnavailable, "the Redis Cluster is down: mend the nodes that miss, with CLUSTER INFO"),
    "NOREPLICAS": Trouble(
        StoreRefused,
        "Redis has fewer replicas than min-replicas-to-write asks for: bring them back, or lower that",
        elsewhere=True,
    ),
    "REPLICALESS": Trouble(
        StoreRefused,
        "Redis has no replica, so nothing can be made durable there: attach one, or ask for durability memory (see "
        "HEAVYLIFT_STORE_DURABILITY)",
    ),
    "OOM": Trouble(StoreRefused, "Redis is full: raise its maxmemory, or lower HEAVYLIFT_STORE_RETENTION"),
    "MISCONF": Trouble(StoreRefused, "Redis cannot write to its disk: make room there and read its log"),
    "NOAUTH": Trouble(
        StoreRefused,
        "Redis asks for a password: put it into HEAVYLIFT_STORE_URL, or name its file with HEAVYLIFT_STORE_PASSWORD_FILE",
        elsewhere=True,
    ),
    "WRONGPASS": Trouble(
        StoreRefused,
        "Redis does not know this user name and password: mend HEAVYLIFT_STORE_URL, or the file of HEAVYLIFT_STORE_PASSWORD_FILE",
        elsewhere=True,
    ),
    "NOPERM": Trouble(
        StoreRefused,
        "Redis does not allow its user what Heavylift does: give it +@all ~<namespace>:* &<namespace>:* with ACL SETUSER",
    ),
    "MAXCLIENTS": Trouble(StoreUnavailable, "Redis has as many connections as it takes: raise its maxclients"),
}

#: Redis 6.2 wraps what a command in a script was answered: "Error running script (…): @user_script: 7: -OOM command not …".
_WRAPPED: Final = re.compile(r"(?:^|: )-([A-Z]+) ")
_FIRST_WORD: Final = re.compile(r"[A-Z]+(?= |$)")

#: What has no word of its own.
_PHRASES: Final = {
    "max number of clients reached": "MAXCLIENTS",
    "The user executing the script": "NOPERM",
    "ACL failure in script": "NOPERM",
}


#: What scripts of ours answer a consumer that may not claim.
_REFUSALS: Final[dict[str, type[LeaseLost | WorkerRests]]] = {"LEASELOST": LeaseLost, "RESTS": WorkerRests}


def translated(error: RedisError | OSError) -> StoreUnavailable | StoreRefused | LeaseLost | WorkerRests:
    """Our error for one of redis-py, a sentence that names what mends it."""
    if (word := _word(error)) in TROUBLES:
        return trouble(word)
    if isinstance(error, PrimaryDown) or isinstance(error.__cause__, PrimaryDown):  # redis-py wraps what befalls one who connects
        return PrimaryAwaited(f"Redis is away for a moment: {error}")
    if isinstance(error, AuthenticationError):
        return StoreRefused(f"Redis cannot be asked: {error}")
    if not isinstance(error, ResponseError):
        return StoreUnavailable(f"Redis cannot be reached or does not answer: {error}")
    return _REFUSALS[word]() if word in _REFUSALS else StoreRefused(f"Redis refused the call: {error}")


def trouble(word: str) -> StoreUnavailable | StoreRefused:
    """Our error for what Redis calls so."""
    row = TROUBLES[word]
    return row.error(f"{row.sentence} ({word})")


def is_elsewhere(error: RedisError | OSError) -> bool:
    """Whether another server may take the call that this one refused."""
    word = _word(error)
    return word in TROUBLES and TROUBLES[word].elsewhere


def is_full(error: RedisError) -> bool:
    """Whether Redis is full."""
    return _word(error) == "OOM"


def _word(error: RedisError | OSError) -> str:
    """What Redis calls the trouble, wherever its version and redis-py have put that."""
    if (status := getattr(error, "status_code", None)) in TROUBLES:
        return str(status)
    text = str(error)
    found = _WRAPPED.search(text) or _FIRST_WORD.match(text)
    said = found[found.lastindex or 0] if found else ""
    known = said in TROUBLES or said in _REFUSALS
    return said if known else next((row for phrase, row in _PHRASES.items() if phrase in text), "")
