"""What schedules look like, for the OpenAPI document."""

from typing import Any, Final

REQUESTS: Final[list[Any]] = [
    {"kind": "reports.daily", "payload": {"customer": 42}, "cron": "0 9 * * MON-FRI", "timezone": "Europe/Berlin"},
    {"kind": "feeds.fetch", "payload": {"feed": "news"}, "every": 60, "overlap": "skip", "missed": "skip"},
]

TASK: Final[dict[str, Any]] = {
    "id": "019c131a-3680-7b1e-8d45-5a0f1b7c9e02",
    "due": "2026-01-31T08:00:00.000Z",
    "at": "2026-01-31T08:00:00.004Z",
    "made": True,
    "href": "/v1/tasks/019c131a-3680-7b1e-8d45-5a0f1b7c9e02",
}

TIMES: Final[dict[str, Any]] = {"made": 12, "taken": 0, "missed": 1}

SUMMARY: Final[dict[str, Any]] = {
    "name": "morning-report",
    "tenant": "shop",
    "kind": "reports.daily",
    "queue": None,
    "priority": None,
    "expires": None,
    "tags": [],
    "cron": "0 9 * * MON-FRI",
    "every": None,
    "timezone": "Europe/Berlin",
    "start": None,
    "end": None,
    "missed": "one",
    "overlap": "allow",
    "paused": False,
    "version": 1769846400000000,
    "created_at": "2026-01-12T07:30:00.000Z",
    "changed_at": "2026-01-12T07:30:00.000Z",
    "next_at": "2026-02-02T08:00:00.000Z",
    "last_at": "2026-01-31T08:00:00.000Z",
    "times": TIMES,
    "tasks": [TASK],
    "links": {
        "self": "/v1/schedules/morning-report",
        "tasks": "/v1/tasks?tag=schedule%3Amorning-report",
        "trigger": "/v1/schedules/morning-report/trigger",
    },
}

VIEW: Final[dict[str, Any]] = SUMMARY | {
    "payload": {"customer": 42},
    "redacted": False,
    "next_times": [f"2026-02-0{day}T08:00:00.000Z" for day in range(2, 7)],
}
