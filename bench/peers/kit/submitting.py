"""The program that submits: one by one, in batches or at a pace, and says what it took."""

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

Arguments = tuple[object, ...]


@dataclass(frozen=True)
class Submitter:
    """How a library submits. ``many`` is its own way for several at once, None when it has none; ``delay`` is in seconds."""

    one: Callable[[str, Arguments, float], Awaitable[None]]
    many: Callable[[str, Sequence[Arguments], float], Awaitable[None]] | None
    open: Callable[[], Awaitable[None]] | None = None
    close: Callable[[], Awaitable[None]] | None = None


def run(submitter: Submitter) -> None:
    """Submit as the command line says and print seconds and processor seconds as JSON."""
    print(json.dumps(asyncio.run(_submit(submitter, _options()))))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--duty", choices=("noop", "pause", "stamp"), required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--batch", type=int, default=1, help="tasks per call")
    parser.add_argument("--pace", type=float, default=0.0, help="tasks per second; 0: as fast as it goes")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds until the tasks are due")
    parser.add_argument("--path", default="", help="the file in which tasks note times")
    parser.add_argument("--seconds", type=float, default=0.0, help="how long a task pauses")
    return parser.parse_args()


async def _submit(submitter: Submitter, options: argparse.Namespace) -> dict[str, float]:
    if submitter.open is not None:
        await submitter.open()
    await _send(submitter, options, 1)  # connections and scripts are there before the clock runs
    began, used = time.perf_counter(), time.process_time()
    await _send(submitter, options, options.count - 1)
    taken = {"seconds": time.perf_counter() - began, "processor": time.process_time() - used, "counted": options.count - 1}
    if submitter.close is not None:
        await submitter.close()
    return taken


async def _send(submitter: Submitter, options: argparse.Namespace, count: int) -> None:
    if options.pace:
        await _send_at_pace(submitter, options, count)
    elif options.batch > 1 and submitter.many is not None and count > 1:
        for start in range(0, count, options.batch):
            size = min(options.batch, count - start)
            await submitter.many(options.duty, [_arguments(options) for _ in range(size)], options.delay)
    else:
        for _ in range(count):
            await submitter.one(options.duty, _arguments(options), options.delay)


async def _send_at_pace(submitter: Submitter, options: argparse.Namespace, count: int) -> None:
    began = time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / options.pace - time.perf_counter()))
        await submitter.one(options.duty, _arguments(options), options.delay)


def _arguments(options: argparse.Namespace) -> Arguments:
    match options.duty:
        case "pause":
            return options.path, options.seconds
        case "stamp":
            return options.path, time.time()
        case _:
            return ()
