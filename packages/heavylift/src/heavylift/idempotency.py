"""What makes a submission safe to repeat: the key under which it comes, and what was asked for under that."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The key of a request, as the store keeps it: beside the task that the request made, from the same step on.

    ``name`` stands for the key and for everything that it counts within, such as a route; ``fingerprint`` for what was asked for.
    ``keep`` is for how many seconds, from the first request on, the store answers as it did then.
    """

    name: str
    fingerprint: str
    keep: float
