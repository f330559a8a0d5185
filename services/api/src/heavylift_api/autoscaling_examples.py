"""What the autoscaler's decisions look like, for the OpenAPI document."""

from typing import Any, Final

_GROWS: Final[dict[str, Any]] = {
    "name": "default",
    "deployment": "heavylift-worker-default",
    "mode": "acting",
    "current": 2,
    "target": 5,
    "wanted": 5,
    "rule": "need",
    "reason": "scaling from 2 to 5: 90 ready tasks of 1 s would wait 45 s, 30 s were promised, first new worker in about 8 s",
    "would_wait": 45.0,
    "startup": 8.0,
    "ready": 2,
    "starting": 0,
    "leaving": 0,
    "minimum": 0,
    "maximum": 10,
    "steering": None,
    "conditions": [],
}
STEERED: Final[dict[str, Any]] = {
    "replicas": None,
    "reason": "release day",
    "by": "ada",
    "since": "2026-01-31T09:00:00.000Z",
    "until": "2026-01-31T18:00:00.000Z",
}
CONDITIONS: Final[list[Any]] = [
    {"type": "unplaced", "message": "the pod video-6f9d has no node: 0/3 nodes are available: 3 Insufficient cpu"}
]
_FROZEN: Final[dict[str, Any]] = {
    "name": "video",
    "deployment": "heavylift-worker-video",
    "mode": "frozen",
    "target": 2,
    "wanted": 4,
    "rule": "cluster",
    "reason": (
        "frozen at 2 by ada until 2026-01-31 18:00:00 UTC (release day); staying at 2: 4 are needed, but 1 pod waits for a "
        "place in the cluster already"
    ),
    "would_wait": None,
    "steering": STEERED,
    "conditions": [
        {"type": "unplaced", "message": "the pod video-6f9d has no node: 0/3 nodes are available: 3 Insufficient cpu"}
    ],
}

POOLS: Final[list[Any]] = [_GROWS, _GROWS | _FROZEN]

AUTOSCALING: Final[list[Any]] = [
    {
        "at": "2026-01-31T12:00:00.000Z",
        "leader": "heavylift-autoscaler-5c7d",
        "engine": "controller",
        "pools": POOLS,
        "unserved": {"audio": "3 tasks wait in the queue audio, which no pool of workers serves: add it to the queues of one"},
    }
]

OVERRIDES: Final[list[Any]] = [{"replicas": 8, "expires_in": 7200, "reason": "release day"}]
FREEZES: Final[list[Any]] = [{"expires_in": 3600, "reason": "moving nodes"}]
STEERED_POOLS: Final[list[Any]] = [
    {
        "pools": ["video"],
        "steering": STEERED | {"replicas": 8},
        "effect": "the autoscaler sees to it within a few seconds",
    },
    {"pools": ["default", "video"], "steering": None, "effect": "the autoscaler sees to it within a few seconds"},
]
