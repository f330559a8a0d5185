"""What is done with many tasks, for the OpenAPI document."""

from typing import Any, Final

from heavylift_api.examples import ID

CANCELS: Final[list[Any]] = [
    {"kind": "images.thumbnail", "submitted_before": "2026-01-31T12:00:00Z", "dry_run": True},
    {"tag": "customer-42", "state": "queued"},
    {"all": True, "limit": 1000},
]
RETRIES: Final[list[Any]] = [{"queue": "mail", "dry_run": True}, {"batch": ID}]
OUTCOMES: Final[list[Any]] = [
    {"matched": 37, "changed": 0, "states": {}, "dry_run": True, "more": False, "sample": [ID]},
    {
        "matched": 37,
        "changed": 37,
        "states": {"cancelled": 35, "running": 2},
        "dry_run": False,
        "more": False,
        "sample": [ID],
    },
]
