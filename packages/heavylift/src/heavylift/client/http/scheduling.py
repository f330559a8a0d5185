"""What is asked for of schedules, asked of the API."""

from collections.abc import Mapping
from typing import Any

from heavylift.client.asks import Steps
from heavylift.client.http.asking import HttpAsking, part
from heavylift.client.http.message import Request
from heavylift.client.http.reading import read
from heavylift.client.values import Receipt, Schedule, ScheduleSummary


class HttpScheduling(HttpAsking):
    """Tasks that come again and again."""

    def schedules(self) -> Steps[tuple[ScheduleSummary, ...]]:
        raw = yield from self._value(Request("GET", "/v1/schedules"))
        return tuple(read(ScheduleSummary, each) for each in raw["schedules"])

    def read_schedule(self, name: str, tenant: str | None) -> Steps[Schedule]:
        return (yield from self._get(Schedule, _path(name), _whose(tenant)))

    def put_schedule(self, name: str, wanted: Mapping[str, Any], tenant: str | None, version: int | None) -> Steps[Schedule]:
        query, headers, any_version = _whose(tenant), _known(version), version is None
        put = self._change(Schedule, "PUT", _path(name), wanted, query=query, headers=headers, repeatable=any_version)
        return (yield from put)

    def pause_schedule(self, name: str, tenant: str | None) -> Steps[Schedule]:
        return (yield from self._change(Schedule, "POST", f"{_path(name)}/pause", query=_whose(tenant), repeatable=True))

    def resume_schedule(self, name: str, tenant: str | None) -> Steps[Schedule]:
        return (yield from self._change(Schedule, "POST", f"{_path(name)}/resume", query=_whose(tenant), repeatable=True))

    def trigger_schedule(self, name: str, tenant: str | None) -> Steps[Receipt]:
        return (yield from self._change(Receipt, "POST", f"{_path(name)}/trigger", query=_whose(tenant)))

    def drop_schedule(self, name: str, tenant: str | None, version: int | None) -> Steps[Schedule]:
        query, headers = _whose(tenant), _known(version)
        return (yield from self._change(Schedule, "DELETE", _path(name), query=query, headers=headers))


def _path(name: str) -> str:
    return f"/v1/schedules/{part(name)}"


def _whose(tenant: str | None) -> dict[str, str]:
    return {} if tenant is None else {"tenant": tenant}


def _known(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}
