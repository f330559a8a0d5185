"""Who calls: tenants that may not see each other, an operator; and what is changed in each call before it is sent."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from schemathesis import Case, HookContext
from schemathesis.core.parameters import ParameterLocation

from heavylift.access import KeyText
from heavylift_api.idempotency import FIELD

_NOBODYS_KEY: Final = "0123456789ab"


def written(callers: Mapping[str, KeyText], folder: Path) -> Path:
    """A file that says who calls with which key, in the form of Web Fuzzing Commons. It is as secret as the keys."""
    entries = [
        {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {key.text}"}]}
        for name, key in callers.items()
    ]
    file = folder / "callers.json"
    file.write_text(json.dumps({"auth": entries}))
    return file


class Care:
    """A hook before each call. The callers do not revoke their own keys, and a key of a request belongs to its body."""

    def __init__(self, key_ids: frozenset[str]) -> None:
        self._key_ids = key_ids

    def __call__(self, context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
        """Change the call."""
        if case.path_parameters.get("key_id") in self._key_ids:
            case.path_parameters["key_id"] = _NOBODYS_KEY  # else every call after that would be answered 401
        if FIELD in case.headers and not has_wrong_headers(case):
            # Else most bodies would be refused for a key that another one had before, and nothing else be said of them.
            case.headers[FIELD] = f'"{hashlib.sha256(repr((case.path, case.body)).encode(errors="replace")).hexdigest()}"'


def has_wrong_headers(case: Case) -> bool:
    """Whether headers of this case are meant to be wrong. Where schemathesis finds no good one, all cases have a bad one."""
    meta = case.meta
    if meta is None or meta.generation.mode.is_positive:
        return False
    return getattr(meta.phase.data, "parameter_location", None) in {None, ParameterLocation.HEADER}
