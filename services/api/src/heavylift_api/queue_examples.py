"""What requests and answers about queues look like, for the OpenAPI document."""

from typing import Any, Final

PAUSE: Final[dict[str, Any]] = {
    "since": "2026-01-31T11:58:00.000Z",
    "until": "2026-01-31T12:58:00.000Z",
    "by": "a1b2c3d4e5f6",
    "reason": "the mail server is being moved",
}

PAUSE_REQUESTS: Final[list[Any]] = [{"reason": "the mail server is being moved", "expires_in": 3600}, {}]

LIMIT_REQUESTS: Final[list[Any]] = [{"length": 10_000}, {"length": 0}]

PURGE_REQUESTS: Final[list[Any]] = [{}, {"token": "Ksf2bVq0Yw1nTt8mRZ5pLd3e"}]

PURGES: Final[list[Any]] = [
    {
        "queue": "mail",
        "waiting": 429,
        "cancelled": 0,
        "more": True,
        "token": "Ksf2bVq0Yw1nTt8mRZ5pLd3e",
        "expires_at": "2026-01-31T12:05:00.000Z",
    },
    {"queue": "mail", "waiting": 429, "cancelled": 421, "more": False, "token": None, "expires_at": None},
]

RATE: Final[dict[str, Any]] = {"came": 12.5, "ended": 0.0, "over": 8.2}

QUEUE: Final[dict[str, Any]] = {
    "name": "mail",
    "ready": 412,
    "running": 3,
    "scheduled": 17,
    "oldest_age": 118.4,
    "workers": 8,
    "limit": 10_000,
    "pause": PAUSE,
    "rate": RATE,
    "links": {
        "self": "/v1/queues/mail",
        "tasks": "/v1/tasks?queue=mail",
        "pause": "/v1/queues/mail/pause",
        "resume": "/v1/queues/mail/resume",
        "limit": "/v1/queues/mail/limit",
        "purge": "/v1/queues/mail/purge",
    },
}

PAGES: Final[list[Any]] = [{"queues": [QUEUE], "cursor": "mail", "next": "/v1/queues?limit=1&cursor=mail"}]
