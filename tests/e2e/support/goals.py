"""How long a fault may be felt, in seconds."""

from typing import Final

#: What a machine adds on which nodes, clients and everything else share a few cores.
ALLOWANCE: Final = 3.0

PRIMARY_LOST: Final = 8.0 + ALLOWANCE  #: Until tasks are accepted again; the sentinels wait for five of these.
PLANNED: Final = 2.0 + ALLOWANCE  #: Until tasks are accepted again when a primary is told to go.
NODE_LOST: Final = 30.0  #: Until the tasks of a node have begun elsewhere, and new ones are accepted.
