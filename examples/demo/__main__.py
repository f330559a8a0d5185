"""The demo: real input in over HTTP, real results out. Exits 0 only if everything was proved."""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from examples.demo.follow import Followed, follow, submit
from examples.demo.jobs import PHOTOGRAPH, SENDER, Disproved, Job, jobs
from examples.demo.mail_server import MailServer
from examples.demo.table import table
from heavylift.errors import HeavyliftError
from heavylift.local.stack import Stack
from heavylift.settings import LocalSettings

Verdict = tuple[Followed, str, bool]


def main() -> int:
    """Start, submit, follow, prove, tell."""
    try:
        with tempfile.TemporaryDirectory(prefix="heavylift-demo-") as folder:
            verdicts = demonstrate(Path(folder))
    except (HeavyliftError, httpx.HTTPError) as error:
        sys.stderr.write(f"the demo could not run: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return tell(verdicts)


def demonstrate(folder: Path) -> list[Verdict]:
    """Submit all tasks at once, follow each to its end and look for what it did."""
    pictures = folder / "pictures"
    pictures.mkdir()
    shutil.copy(PHOTOGRAPH, pictures)
    with MailServer(folder / "mail") as mail_server, started(folder, pictures, mail_server) as client:
        plan = jobs(pictures, mail_server)
        places = [submit(client, job.kind, job.payload) for job in plan]
        print(f"submitted {', '.join(job.kind for job in plan)}; following them …\n")
        return [judge(job, follow(client, place, call_off=job.called_off)) for job, place in zip(plan, places, strict=True)]


@contextmanager
def started(folder: Path, pictures: Path, mail_server: MailServer) -> Iterator[httpx.Client]:
    """The stack on free ports, and a client of its API."""
    variables = {
        "HEAVYLIFT_IMAGE_FOLDER": str(pictures),
        "HEAVYLIFT_MAIL_HOST": "127.0.0.1",
        "HEAVYLIFT_MAIL_PORT": str(mail_server.port),
        "HEAVYLIFT_MAIL_SENDER": SENDER,
    }
    settings = LocalSettings(host="127.0.0.1", port=0, redis_port=0)
    begin = time.monotonic()
    with Stack(settings, directory=folder / "redis", variables=variables) as stack, httpx.Client(base_url=stack.url) as client:
        print(f"Redis, a worker, the API and a mail server are ready after {time.monotonic() - begin:.1f} s")
        yield client


def judge(job: Job, followed: Followed) -> Verdict:
    """What became of a job, in a few words, and whether that is what was wanted."""
    if followed.state != job.wanted:
        reason = followed.error["message"] if followed.error else "it did not end in time"
        return followed, f"{followed.state}: {reason}", False
    try:
        return followed, job.prove(followed), True
    except (Disproved, OSError, LookupError, TypeError) as error:
        return followed, f"not proved: {error}", False


def tell(verdicts: list[Verdict]) -> int:
    """Print the table; 0 when everything was proved."""
    print(table(("", "task", "states, in seconds since submission", "result"), [_row(*verdict) for verdict in verdicts]))
    failed = [followed.kind for followed, _, proved in verdicts if not proved]
    if failed:
        sys.stderr.write(f"\nthe demo failed: {', '.join(failed)}\n")
        return 1
    print("\nall of it worked")
    return 0


def _row(followed: Followed, words: str, proved: bool) -> tuple[str, str, str, str]:
    names = {"queued": "queued", "started": "running", "ended": followed.state}
    states = " → ".join(f"{names[name]} {seconds:.2f}" for name, seconds in followed.times.items())
    return "✓" if proved else "✗", followed.kind, states, words


if __name__ == "__main__":
    sys.exit(main())
