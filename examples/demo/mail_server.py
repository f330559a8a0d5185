"""A real SMTP server on a free port: it says its port on the first line, and writes each message that it takes into a folder.

python -m examples.demo.mail_server FOLDER
"""

import asyncio
import email
import email.policy
import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from heavylift.local import processes


class Archive:
    """Takes every message, and keeps it as one JSON file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        """What aiosmtpd calls with a message."""
        message = email.message_from_bytes(cast("bytes", envelope.content), policy=email.policy.default)
        received = {
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "subject": message["Subject"],
            "body": message.get_content().replace("\r\n", "\n"),
        }
        self._number += 1
        partial = self._folder / "partial"
        partial.write_text(json.dumps(received))
        partial.rename(self._folder / f"{self._number:04}.json")
        return "250 taken"


async def serve(folder: Path) -> None:
    """Listen until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Archive(folder), loop=loop), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


class MailServer:
    """The server above in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir()
        command = [sys.executable, "-m", "examples.demo.mail_server", str(folder)]
        self._process = processes.start(command, directory=Path(__file__).parents[2], output=subprocess.PIPE)
        self.port = int(self._stdout.readline())

    @property
    def _stdout(self) -> IO[bytes]:
        assert self._process.stdout is not None  # noqa: S101  asked for when it was started
        return self._process.stdout

    def received(self) -> list[dict[str, object]]:
        """Every message so far, in order."""
        return [json.loads(file.read_text()) for file in sorted(self._folder.glob("*.json"))]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        processes.stop(self._process, grace=5)
        self._stdout.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
