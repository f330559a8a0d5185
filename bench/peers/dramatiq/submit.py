"""Submits with dramatiq: ``send_with_options``. It has no call for several."""

from kit.submitting import Arguments, Submitter, run
from tasks import noop, pause, stamp

DUTIES = {"noop": noop, "pause": pause, "stamp": stamp}


async def one(duty: str, arguments: Arguments, delay: float) -> None:
    DUTIES[duty].send_with_options(args=arguments, delay=int(delay * 1000) or None)


if __name__ == "__main__":
    run(Submitter(one, None))
