"""What requests and answers look like, for the OpenAPI document. One story: a photograph becomes a thumbnail."""

from typing import Any, Final

ID: Final = "01976b0e-5d7c-7c2a-9a51-0d3f6a1e8b42"
TRACE_ID: Final = "4bf92f3577b34da6a3ce929d0e0e4736"

ACCEPTED: Final[list[Any]] = [
    {
        "id": ID,
        "kind": "images.thumbnail",
        "queue": "default",
        "state": "queued",
        "submitted_at": "2026-01-31T12:00:00.000Z",
        "trace_id": TRACE_ID,
        "href": f"/v1/tasks/{ID}",
        "existing": False,
        "debounced": False,
    }
]

PROGRESS: Final[dict[str, Any]] = {"done": 40.0, "total": 100.0, "message": "row 40 of 100"}

SUMMARY: Final[dict[str, Any]] = {
    "id": ID,
    "kind": "images.thumbnail",
    "state": "succeeded",
    "queue": "default",
    "priority": "normal",
    "tags": ["customer-42"],
    "tenant": "shop",
    "attempt": 1,
    "max_attempts": 3,
    "deaths": 0,
    "submitted_at": "2026-01-31T12:00:00.000Z",
    "due_at": None,
    "queued_at": "2026-01-31T12:00:00.000Z",
    "started_at": "2026-01-31T12:00:00.003Z",
    "ended_at": "2026-01-31T12:00:00.251Z",
    "expires_at": None,
    "worker": "worker-7f9c/1",
    "cancel_requested": False,
    "progress": None,
    "error": None,
    "reason": None,
    "fingerprint": None,
    "batch": None,
    "trace_id": TRACE_ID,
    "links": {
        "self": f"/v1/tasks/{ID}",
        "wait": f"/v1/tasks/{ID}?wait=30",
        "events": f"/v1/tasks/{ID}/events",
        "kind": "/v1/catalogue/images.thumbnail",
        "attempts": f"/v1/tasks/{ID}/attempts",
        "why": f"/v1/tasks/{ID}/why",
        "logs": f"/v1/tasks/{ID}/logs",
    },
}

_VIEW: Final[dict[str, Any]] = SUMMARY | {
    "form": "payload",
    "payload": {"source": "photo.jpg", "width": 320},
    "payload_object": None,
    "result": {"path": "thumbnail.jpg"},
    "result_object": None,
    "redacted": False,
}
OBJECTS: Final[list[Any]] = [
    {
        "bytes": 48_392_107,
        "sha256": "9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa",
        "href": f"/v1/tasks/{ID}/result",
    }
]
_CALLED_OFF: Final[dict[str, Any]] = {"state": "running", "ended_at": None, "cancel_requested": True, "result": None}

VIEWS: Final[list[Any]] = [
    _VIEW,
    _VIEW | _CALLED_OFF | {"progress": PROGRESS},
    _VIEW | {"result": None, "result_object": OBJECTS[0]},
]

PAGES: Final[list[Any]] = [{"tasks": [SUMMARY], "cursor": "MTox", "next": "/v1/tasks?state=succeeded&cursor=MTox"}]

KINDS: Final[list[Any]] = [
    {
        "name": "images.thumbnail",
        "description": "Make a smaller copy of an image.",
        "form": "payload",
        "queue": "default",
        "priority": "normal",
        "timeout": 60.0,
        "retry": {"max_attempts": 3, "base": 1.0, "factor": 2.0, "cap": 300.0},
        "payload_schema": {
            "type": "object",
            "properties": {"source": {"type": "string"}, "width": {"type": "integer", "minimum": 1}},
            "required": ["source", "width"],
        },
        "result_schema": {"type": "object", "properties": {"path": {"type": "string"}}},
        "version": "9f2c41d07be5",
        "href": "/v1/catalogue/images.thumbnail",
    }
]

HEALTHS: Final[list[Any]] = [{"status": "ok", "checks": {"redis": "takes tasks", "catalogue": "knows 3 kinds"}}]

PROBLEMS: Final[list[Any]] = [
    {
        "type": "urn:heavylift:problem:payload-invalid",
        "title": "The payload does not fit its kind.",
        "status": 422,
        "detail": "payload.width: 0 is less than the minimum of 1",
        "instance": "/v1/tasks",
        "errors": [{"field": "payload.width", "message": "0 is less than the minimum of 1"}],
    }
]

FINGERPRINT: Final = "9a0364b9e99bb480"

_FAILED: Final[dict[str, Any]] = {
    "state": "failed",
    "attempt": 3,
    "error": {
        "type": "ImageBroken",
        "message": "photo.jpg ends after 7 of 12 blocks",
        "retryable": True,
        "details": [],
        "traceback": "Traceback (most recent call last): …",
        "exception": None,
    },
    "reason": "exhausted",
    "fingerprint": FINGERPRINT,
    "links": SUMMARY["links"] | {"replay": f"/v1/tasks/{ID}/replay"},
}

DEAD_PAGES: Final[list[Any]] = [
    {"tasks": [SUMMARY | _FAILED], "cursor": "MTox", "next": "/v1/dead-letters?kind=images.thumbnail&limit=50&cursor=MTox"}
]

DEAD_GROUP: Final[dict[str, Any]] = {
    "kind": "images.thumbnail",
    "queue": "default",
    "reason": "exhausted",
    "fingerprint": FINGERPRINT,
    "tenant": "shop",
    "count": 37,
    "first_at": "2026-01-31T11:02:17.040Z",
    "last_at": "2026-01-31T12:00:00.251Z",
    "error_type": "ImageBroken",
    "message": "photo.jpg ends after 7 of 12 blocks",
    "links": {
        "tasks": f"/v1/dead-letters?kind=images.thumbnail&queue=default&reason=exhausted&fingerprint={FINGERPRINT}&tenant=shop",
        "last": f"/v1/tasks/{ID}",
    },
}

DEAD_GROUPS: Final[list[Any]] = [{"groups": [DEAD_GROUP], "more": False}]

REPLAYS: Final[list[Any]] = [
    {"fingerprint": FINGERPRINT, "rate": 10, "dry_run": True},
    {"kind": "mail.welcome", "reason": "exhausted", "since": "2026-01-31T09:00:00Z"},
]

REPLAY_EDITS: Final[list[Any]] = [{"payload": {"source": "photo-2.jpg", "width": 320}}, {}]

DISCARDS: Final[list[Any]] = [{"kind": "images.thumbnail", "until": "2026-01-01T00:00:00Z", "dry_run": True}, {"all": True}]

OUTCOMES: Final[list[Any]] = [
    {"matched": 37, "changed": 0, "dry_run": True, "more": False, "sample": [ID], "last_due": None},
    {"matched": 37, "changed": 37, "dry_run": False, "more": False, "sample": [ID], "last_due": "2026-01-31T12:05:03.600Z"},
]

ATTEMPTS: Final[list[Any]] = [
    {
        "attempt": 1,
        "run": 1,
        "fate": "retried",
        "worker": "worker-7f9c/1",
        "started_at": "2026-01-31T12:00:00.003Z",
        "ended_at": "2026-01-31T12:00:00.251Z",
        "error_type": "ImageBroken",
        "message": "photo.jpg ends after 7 of 12 blocks",
        "fingerprint": FINGERPRINT,
        "cause": None,
        "edited": False,
        "former_payload": None,
    },
    {
        "attempt": 2,
        "run": 2,
        "fate": "worker_lost",
        "worker": "worker-7f9c/1",
        "started_at": "2026-01-31T12:00:02.003Z",
        "ended_at": "2026-01-31T12:00:02.251Z",
        "error_type": "WorkerLost",
        "message": None,
        "fingerprint": None,
        "cause": "the child was killed by SIGSEGV",
        "edited": False,
        "former_payload": None,
    },
    {
        "attempt": 2,
        "run": 2,
        "fate": "replayed",
        "worker": None,
        "started_at": None,
        "ended_at": "2026-01-31T12:04:11.020Z",
        "error_type": None,
        "message": None,
        "fingerprint": None,
        "cause": None,
        "edited": True,
        "former_payload": {"source": "photo.jpg", "width": 320},
    },
]

KEY: Final[dict[str, Any]] = {
    "id": "example00000",
    "name": "the shop's backend",
    "scopes": ["submit", "read"],
    "tenant": "shop",
    "created_at": "2026-01-31T12:00:00.000Z",
    "expires_at": None,
    "rotated_at": None,
    "former_until": None,
    "revoked_at": None,
    "used_at": "2026-01-31T12:05:00.000Z",
}
NEW_KEY: Final[dict[str, Any]] = KEY | {"used_at": None, "key": "hl_example00000_THIS-IS-AN-EXAMPLE-AND-NO-KEY"}
KEY_REQUESTS: Final[list[Any]] = [
    {"name": "the shop's backend", "scopes": ["submit", "read"], "tenant": "shop"},
    {"name": "the deployment of Friday", "scopes": ["operate"], "expires_in": 3600},
]
KEY_ROTATIONS: Final[list[Any]] = [{"grace": 3600}, {"grace": 0}]

_AUDIT: Final[dict[str, Any]] = {
    "id": "1769860817040-0",
    "at": "2026-01-31T12:00:17.040Z",
    "action": "dead_letters.replay",
    "target": f"kind=images.thumbnail&fingerprint={FINGERPRINT}",
    "door": "http",
    "key": "example00000",
    "name": "ada's laptop",
    "tenant": "shop",
    "request": "5e3f1c0a9b7d4d1f8a6b2c3d4e5f6071",
    "details": {"limit": 100_000, "rate": 10.0},
    "outcome": "done",
    "changed": 37,
    "ended_at": "2026-01-31T12:00:17.112Z",
}
AUDIT_ENTRIES: Final[list[Any]] = [
    _AUDIT,
    _AUDIT
    | {"action": "key.revoke", "target": "example00001", "door": "terminal", "key": None, "name": "ada@jump-host", "tenant": ""}
    | {"request": None, "details": {}, "outcome": None, "changed": None, "ended_at": None},
]
AUDIT_LOGS: Final[list[Any]] = [
    {"entries": AUDIT_ENTRIES, "cursor": "1769860817040-0", "next": "/v1/audit?limit=50&cursor=1769860817040-0"}
]
