"""For how long a fault may be felt, in seconds."""

from typing import Final

PRIMARY_LOST: Final = 8.0  #: Until tasks are accepted again; the sentinels wait for five of these.
PLANNED: Final = 2.0  #: Until tasks are accepted again when a primary is told to go.
NODE_LOST: Final = 30.0  #: Until tasks are accepted again, and those that ran on the node have begun elsewhere.


def allowed(goal: float) -> float:
    """The goal and what is granted besides, as nodes, clients and whatever else the machine does share its cores."""
    return 1.5 * goal + 2.0
