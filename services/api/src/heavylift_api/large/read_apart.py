"""A process that reads one large body: it takes the payload out of it, and says whether that fits its kind.

Here and not in the process that serves everybody: to read it takes seconds, and memory that depends on what is in it.
It talks in lines of JSON: that it begins with the file that it is told; what it finds in there; then, for the kind that it is
given, whether the payload fits. It is told of no file, and ends, when nobody needs it.
"""

import hashlib
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any, Final

from heavylift.catalogue import Kind
from heavylift.errors import HeavyliftError
from heavylift_api.body import Member, read_object
from heavylift_api.catalogue import compile_payload_schema
from heavylift_api.errors import BodyNotJson, BodyTooLarge, SubmissionInvalid

#: Errors that are told by name and made again by who asked; SubmissionInvalid is told by its faults.
REFUSALS: Final[dict[str, type[HeavyliftError]]] = {error.__name__: error for error in (BodyNotJson, BodyTooLarge)}


def main(argv: list[str]) -> int:
    """Read a body in so much memory; ``argv``: MiB, and bytes that it may have besides the payload."""
    memory, most_besides = map(int, argv)
    resource.setrlimit(resource.RLIMIT_DATA, (memory << 20, memory << 20))
    if told := sys.stdin.readline():
        _say({"begins": True})
        _read(Path(json.loads(told)), memory, most_besides)
    return 0


def _read(path: Path, memory: int, most_besides: int) -> None:
    try:
        payload = _take_apart(path, most_besides)
        if payload is not None:
            kind = Kind.from_json(sys.stdin.readline())
            schema = compile_payload_schema(kind)
            faults = () if schema is None else schema.faults(payload)
            _say({"faults": [[fault.field, fault.message] for fault in faults]})
    except MemoryError:
        _say(
            _refused(
                BodyTooLarge(f"the body takes more than {memory} MiB of memory to be read; send it in fewer and larger values")
            )
        )


def _take_apart(path: Path, most_besides: int) -> Any:
    """Leave the payload alone in the file, and say what else there is. Returns its value, None where the body is refused."""
    try:
        members = read_object(path.read_bytes())
        payload = members.pop("payload", None) or Member({}, "{}")
        content = payload.text.encode()
        _check_the_rest(path.stat().st_size - len(content), most_besides)
    except (BodyNotJson, BodyTooLarge, SubmissionInvalid) as error:
        _say(_refused(error))
        return None
    path.write_bytes(content)
    told = {name: member.text for name, member in members.items()}
    _say({"members": told, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    return payload.value


def _check_the_rest(size: int, most: int) -> None:
    if size > most:
        raise BodyTooLarge(f"the body has more than {most} bytes besides its payload")


def _refused(error: Exception) -> dict[str, Any]:
    faults = [[fault.field, fault.message] for fault in getattr(error, "faults", ())]
    return {"refused": type(error).__name__, "message": str(error), "faults": faults}


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    status = main(sys.argv[1:])
    os._exit(status)  # to take a large value apart takes as long as to make it, and the memory is the system's to take back
