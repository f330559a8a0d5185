"""What was decided about the size of the pools, and how people steer it."""

from dataclasses import replace
from datetime import timedelta

from heavylift.store import calls
from heavylift.store.calls import Scaling, ScalingReport
from heavylift.store.memory.tables import Tables


def tell_scaling(tables: Tables, call: calls.TellScaling) -> None:
    tables.scaling = ScalingReport.read(call.report.to_json(), tables.now())


def read_scaling(tables: Tables, call: calls.ReadScaling) -> Scaling:  # noqa: ARG001
    now = tables.now()
    tables.steering = {pool: said for pool, said in tables.steering.items() if said.until is None or said.until > now}
    return Scaling(tables.scaling, dict(sorted(tables.steering.items())))


def steer(tables: Tables, call: calls.Steer) -> None:
    if call.steering is None:
        tables.steering.pop(call.pool, None)
        return
    now = tables.now()
    until = None if call.seconds is None else now + timedelta(seconds=call.seconds)
    tables.steering[call.pool] = replace(call.steering, since=now, until=until)
