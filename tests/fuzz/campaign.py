"""One run: schemathesis reads the description that the API gives of itself, and asks whatever it allows and forbids."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import schemathesis
from schemathesis import engine
from schemathesis.openapi import from_dict

from heavylift_api.batch_body import LINES
from tests.fuzz.callers import Care, written
from tests.fuzz.judge import Judge, Removals
from tests.fuzz.lines import as_lines
from tests.fuzz.stand import CALLERS, TENANTS, Stand, standing
from tests.fuzz.tally import Tally
from tests.fuzz.tasks import KINDS

#: Cases of each operation, and sequences of operations, before the next seed: few, so that both have their turn in a short run.
_EXAMPLES: Final = 12
#: Seconds for an answer. A stream is read for so long unless enough events come before.
_PATIENCE: Final = 60
_STREAM: Final = {"request-timeout": 2, "max-stream-events": 3}


@dataclass(frozen=True, slots=True)
class Plan:
    """How much: ``requests``, give or take those of the last scenario, or ``seconds``, whichever is first."""

    seed: int
    requests: int
    seconds: int
    told: Callable[[str], None] = print


def run(plan: Plan) -> Tally:
    """Carry it out. Hooks stay where they are put, so a process has one run."""
    removals = Removals()
    judge = Judge(removals)
    tally = Tally(rules=judge.rules)
    with tempfile.TemporaryDirectory() as folder, standing() as stand:
        began = time.monotonic()
        _prepare(stand, judge, removals)
        document = httpx.get(f"{stand.api.base}/openapi.json", timeout=_PATIENCE).json()
        for number, caller in enumerate(CALLERS, start=1):
            config = _config(plan, stand, written(stand.callers, Path(folder)), caller) | {"operations": _streams(document)}
            _ask(plan, document, config, tally, until=plan.requests * number // len(CALLERS))
        tally.seconds = time.monotonic() - began
        tally.peak_memory = stand.peak_memory
        if stand.api.process.poll() is not None:
            tally.troubles.append(f"the API ended: {stand.api.log()[-2000:]}")
    return tally


def _prepare(stand: Stand, judge: Judge, removals: Removals) -> None:
    schemathesis.hook("before_call")(Care(stand.key_ids))
    schemathesis.hook("after_call")(removals)
    schemathesis.hook("filter_failure")(judge)
    schemathesis.serializer(LINES)(as_lines)


def _ask(plan: Plan, document: dict[str, Any], config: dict[str, Any], tally: Tally, *, until: int) -> None:
    schema = from_dict(document, config=schemathesis.Config.from_dict(config))
    stream = engine.from_schema(schema).execute()
    told = tally.total
    for event in stream:
        tally.note(event)
        if tally.total >= until:
            stream.stop()
        if tally.total - told >= 1000:
            told = tally.total
            plan.told(f"  {told} requests, {len(tally.finds)} finds")


def _config(plan: Plan, stand: Stand, callers: Path, caller: str) -> dict[str, Any]:
    kinds = {"dictionary": "kinds", "probability": 0.7}
    return {
        "seed": plan.seed,
        "max-time": max(1, plan.seconds // len(CALLERS)),
        "base-url": stand.api.base,
        "request-timeout": _PATIENCE,
        "continue-on-failure": True,
        "cache": {"enabled": False},
        "auth": {"wfc": {"path": str(callers), "user": caller, "peers": list(TENANTS)}},
        "generation": {"max-examples": _EXAMPLES, "no-shrink": True, "database": "none"},
        "dictionaries": {"kinds": {"values": list(KINDS)}},
        "parameters": {"body.kind": kinds, "body.tasks[*].kind": kinds, "query.kind": kinds},
        "output": {"sanitization": {"keys-to-sanitize": ["authorization"], "sensitive-markers": ["authorization"]}},
    }


def _streams(document: dict[str, Any]) -> list[dict[str, Any]]:
    """What is said of operations that answer with a stream."""
    operations = [operation for known in document["paths"].values() for operation in known.values()]
    return [
        {"include-operation-id": operation["operationId"]} | _STREAM
        for operation in operations
        if any("text/event-stream" in answer.get("content", {}) for answer in operation["responses"].values())
    ]
