"""What objects are called: by the day on which they were made, the task, what they hold of it, and a part of chance."""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import quote

Role = Literal["payload", "result"]

LONGEST_ID: Final = 100  #: Characters of a task's id in a name; file systems end names at 255 bytes.


def object_name(task_id: str, role: Role, sha256: str) -> str:
    """A name that no object has.

    Not even one of the same content for the same task: what one submission removes must not be what another refers to.
    """
    day = datetime.now(UTC).date().isoformat()
    return f"{day}/{_file_name(task_id)}.{role}.{sha256[:16]}.{secrets.token_hex(6)}"


def _file_name(task_id: str) -> str:
    name = quote(task_id, safe="").replace("%", "_")
    return name if len(name) <= LONGEST_ID else hashlib.sha256(task_id.encode()).hexdigest()
