"""Reading a large body by a process of its own, one at a time."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from heavylift.catalogue import Kind
from heavylift_api.body import Member, read_object
from heavylift_api.errors import BodyTooLarge, PayloadUnfit, SubmissionInvalid
from heavylift_api.large.ahead import Ahead, Process
from heavylift_api.large.read_apart import REFUSALS
from heavylift_api.large.spool import Spooled
from heavylift_api.schemas import Fault

LONGEST: Final = 60.0  #: Seconds to read a body, the start of a process included: what takes longer is no description of work.


class Reader:
    """Reads one body at a time. ``memory`` is in MiB; ``most_besides``: bytes that a body may have besides its payload."""

    def __init__(self, *, memory: int, most_besides: int) -> None:
        command = (sys.executable, "-m", "heavylift_api.large.read_apart", str(memory), str(most_besides))
        self._processes = Ahead(command)
        self._turn = asyncio.Semaphore(1)

    @contextlib.asynccontextmanager
    async def read(self, body: Spooled) -> AsyncIterator["Reading"]:
        """What is in a body, in whose file its payload is left. Raises BodyNotJson, BodyTooLarge, SubmissionInvalid."""
        async with self._turn, _in_time(), self._processes.given(json.dumps(str(body.path))) as process:
            yield await _begun(process)

    async def close(self) -> None:
        """End the process that waits for the next body, if one does."""
        await self._processes.close()


@contextlib.asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(LONGEST):
            yield
    except TimeoutError:
        raise BodyTooLarge(f"the body takes longer than {LONGEST:g} s to be read; send it in fewer and larger values") from None


@dataclass(frozen=True, slots=True)
class Reading:
    """A body that was read: its members besides the payload, and of that the size in bytes and the digest."""

    members: Mapping[str, Member]
    size: int
    sha256: str
    _process: Process = field(repr=False)

    async def check(self, kind: Kind) -> None:
        """Raise PayloadUnfit, naming each field, unless the payload fits its kind."""
        assert self._process.stdin is not None  # noqa: S101  it was asked for
        self._process.stdin.write(kind.to_json().encode() + b"\n")
        told = await _hear(self._process)
        if told["faults"]:
            raise PayloadUnfit(_faults(told))


async def _begun(process: Process) -> Reading:
    told = await _hear(process)
    besides = ",".join(f"{json.dumps(name)}:{text}" for name, text in told["members"].items())
    return Reading(read_object(f"{{{besides}}}".encode()), told["bytes"], told["sha256"], process)


async def _hear(process: Process) -> dict[str, Any]:
    assert process.stdout is not None  # noqa: S101  it was asked for
    line = await process.stdout.readline()
    if not line:
        raise BodyTooLarge(
            "the body takes more memory to be read than a reader of bodies has; send it in fewer and larger values"
        )
    told: dict[str, Any] = json.loads(line)
    if "refused" in told:
        raise SubmissionInvalid(_faults(told)) if told["faults"] else REFUSALS[told["refused"]](told["message"])
    return told


def _faults(told: Mapping[str, Any]) -> list[Fault]:
    return [Fault(field=field_, message=message) for field_, message in told["faults"]]
