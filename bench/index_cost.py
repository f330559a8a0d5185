"""What the indexes for listing cost Redis: processor time per task with them and without them, in turns on one server.

A task here is submitted with two tags, claimed and completed: one by one, as an API and a worker of slow tasks do it, or in
batches. Before the first round every index is filled beyond its limit, so that it is trimmed as in steady work.

    python bench/index_cost.py [--rounds 7] [--tasks 4096]
"""

import argparse
import platform
from dataclasses import dataclass, field
from itertools import product
from statistics import median
from typing import Any

import redis

from heavylift.local.redis_server import EmbeddedRedis
from heavylift.outcome import Succeeded
from heavylift.record import Submission
from heavylift.store.calls import Claim, Complete, Ended, Limits, Register, Submit
from heavylift.store.redis import RedisStore

LIMITS = (0, 10_000)  #: Tasks per index.
BATCHES = (1, 64)  #: Tasks per call.
QUEUE = ("default",)


@dataclass
class Case:
    """One way of working, with what was measured of it: microseconds per task of the whole server, and inside scripts."""

    limit: int
    batch: int
    store: RedisStore
    server: list[float] = field(default_factory=list)
    scripts: list[float] = field(default_factory=list)


def main() -> None:
    """Measure and print."""
    options = _options()
    with EmbeddedRedis() as server, redis.Redis.from_url(server.url, decode_responses=True) as client:
        cases = _cases(server)
        for case in cases:
            _work(case.store, 12_000, 64)
        for turn in range(options.rounds):
            for case in cases if turn % 2 == 0 else cases[::-1]:
                _measure(client, case, options.tasks)
        _print(cases, client.info("server")["redis_version"], options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What the indexes for listing cost.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tasks", type=int, default=4096, help="per round and case")
    return parser.parse_args()


def _cases(server: EmbeddedRedis) -> list[Case]:
    cases = []
    for batch, limit in product(BATCHES, LIMITS):
        store = RedisStore.from_url(server.url, namespace=f"bench-{limit}-{batch}", limits=Limits(60.0, limit))
        store.run(Register("w", QUEUE, 3600.0, {}))
        cases.append(Case(limit, batch, store))
    return cases


def _measure(client: Any, case: Case, tasks: int) -> None:
    client.config_resetstat()
    before = _processor(client)
    _work(case.store, tasks, case.batch)
    case.server.append((_processor(client) - before) * 1e6 / tasks)
    case.scripts.append(client.info("commandstats")["cmdstat_evalsha"]["usec"] / tasks)


def _processor(client: Any) -> float:
    used = client.info("cpu")
    return float(used["used_cpu_user"] + used["used_cpu_sys"])


def _work(store: RedisStore, tasks: int, batch: int) -> None:
    for _ in range(0, tasks, batch):
        wanted = tuple(Submission(kind="bench.work", payload='{"n": 1}', tags=("customer:7", "nightly")) for _ in range(batch))
        store.run(Submit(wanted))
        deliveries = store.run(Claim.of("w", QUEUE, batch))
        store.run(Complete(tuple(Ended(d.id, d.fence, Succeeded("null")) for d in deliveries)))


def _print(cases: list[Case], version: str, options: argparse.Namespace) -> None:
    print(f"Redis {version}, {platform.machine()}, {options.rounds} rounds of {options.tasks} tasks in turns; µs per task:")
    print("median (least to most)\n")
    print("| tasks per call | index limit | inside scripts | whole server |")
    print("|--:|--:|--:|--:|")
    for case in cases:
        print(f"| {case.batch} | {case.limit} | {_spread(case.scripts)} | {_spread(case.server)} |")
    print()
    for without, within in zip(cases[::2], cases[1::2], strict=True):
        scripts, server = _ratio(without.scripts, within.scripts), _ratio(without.server, within.server)
        print(f"At {without.batch} per call, indexes cost {scripts:+.0%} inside scripts and {server:+.0%} of the server.")


def _ratio(without: list[float], within: list[float]) -> float:
    return median(b / a for a, b in zip(without, within, strict=True)) - 1


def _spread(values: list[float]) -> str:
    return f"{median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


if __name__ == "__main__":
    main()
