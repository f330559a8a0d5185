"""The pods of a pool, as the cluster has them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """How many pods were ordered, and what has become of them.

    ``ordered``: the number that the deployment is set to. ``ready``: those that take tasks.
    ``leaving``: those that finish what they run and take nothing more; they do not count in ``ordered``.
    ``starting``: those that have a node and will be ready in about ``ready_in`` seconds.
    ``unplaced``: those that no node has room for, or that the quota forbids. ``failing``: those that do not get ready, because
    their image cannot be had, they crash at their start, or they take several times as long as others. Neither will change
    for ordering more, and neither counts as ``starting``.
    ``startup``: seconds from the order of a pod to its first task, as learnt from earlier ones.
    """

    ordered: int
    ready: int
    leaving: int = 0
    starting: int = 0
    ready_in: float = 0.0
    unplaced: int = 0
    failing: int = 0
    startup: float = 10.0
