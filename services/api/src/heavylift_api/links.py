"""Where an answer leads: OpenAPI links from each answer that shows an id to all operations that ask for such a one."""

from collections.abc import Iterator
from typing import Any, Final

#: Operations whose answer shows an id: under which status, where in it, and which parameter asks for it.
SHOWN: Final = (
    ("submit_task", "202", "/id", "task_id"),
    ("list_tasks", "200", "/tasks/0/id", "task_id"),
    ("submit_batch", "202", "/id", "batch_id"),
    ("list_dead_letters", "200", "/tasks/0/id", "task_id"),
    ("read_catalogue", "200", "/kinds/0/name", "kind"),
    ("list_queues", "200", "/queues/0/name", "queue"),
    ("create_key", "201", "/id", "key_id"),
    ("list_keys", "200", "/keys/0/id", "key_id"),
)


def add_links(described: dict[str, Any]) -> None:
    """Add them to a document. A link is called like the operation that it leads to."""
    operations = {operation["operationId"]: operation for known in described["paths"].values() for operation in known.values()}
    for name, status, pointer, parameter in SHOWN:
        links = {target: _link(target, parameter, pointer) for target in _asking(described, parameter)}
        operations[name]["responses"][status]["links"] = links


def _asking(described: dict[str, Any], parameter: str) -> Iterator[str]:
    for path, known in described["paths"].items():
        if f"{{{parameter}}}" in path:
            yield from (operation["operationId"] for operation in known.values())


def _link(target: str, parameter: str, pointer: str) -> dict[str, Any]:
    return {"operationId": target, "parameters": {parameter: f"$response.body#{pointer}"}}
