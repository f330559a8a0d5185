"""A line to Redis that can be slow, cut and mended, in a process of its own so that it takes nobody's time.

``python -m bench.line --port 7000 --target 6379`` reads what the line is to be from its standard input, a word a line: ``open``,
``slow SECONDS`` (for each reply), ``cut``; and answers ``ok`` when it is so.
"""

import argparse
import asyncio
import contextlib
import subprocess
import sys
from types import TracebackType
from typing import IO, Self, cast

from bench.places import ROOT
from heavylift.local import processes


class Line:
    """The line, from where it is used. A context manager; it is open at first."""

    def __init__(self, target: int) -> None:
        self.port = processes.free_port()
        self._target = target

    def say(self, word: str) -> None:
        """Let it be so."""
        commands, answers = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        commands.write(f"{word}\n".encode())
        commands.flush()
        answers.readline()

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "bench.line", "--port", str(self.port), "--target", str(self._target)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.say("open")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.communicate()


class Wire:
    """The line, where it is carried."""

    def __init__(self, port: int, target: int) -> None:
        self._port = port
        self._target = target
        self._delay = 0.0
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()

    async def become(self, word: str) -> None:
        """What was asked for."""
        name, _, seconds = word.partition(" ")
        self._delay = float(seconds) if name == "slow" else 0.0
        if name == "cut":
            await self._cut()
        elif self._server is None:
            self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for end in self._ends:
            end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
            ends = {writer, far_writer}
            self._ends |= ends
            await asyncio.gather(self._pour(reader, far_writer, slow=False), self._pour(far_reader, writer, slow=True))
            self._ends -= ends

    async def _pour(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, slow: bool) -> None:
        """Each piece arrives so much later; those that follow each other are on their way together."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                if slow and self._delay:
                    loop.call_later(self._delay, sink.write, data)
                else:
                    sink.write(data)
        sink.close()


async def carry(port: int, target: int) -> None:
    """Until the standard input ends."""
    wire = Wire(port, target)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        await wire.become(line.strip())
        sys.stdout.write("ok\n")
        sys.stdout.flush()


def main() -> None:
    """Carry what the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--target", type=int, required=True)
    options = parser.parse_args()
    asyncio.run(carry(options.port, options.target))


if __name__ == "__main__":
    main()
