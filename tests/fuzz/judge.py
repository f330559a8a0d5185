"""Complaints of schemathesis that are none: what no description can tell, it cannot know."""

import json
import re
from collections import Counter
from typing import Any, Final

from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import EnsureResourceAvailability, RejectedPositiveData

from tests.fuzz.callers import has_wrong_headers

_URN: Final = "urn:heavylift:problem:"
_REMOVING: Final = ("/discard", "/purge")
_VALUE: Final = re.compile(r"'.*'|\"[^\"]*\"|\d[\d.:+TZ-]*", re.DOTALL)


class Judge:
    """A hook after each failure. ``rules`` are refusals of what is as described, by operation and sentence: rules between fields,
    what a kind takes, what was asked before. They are no finds as long as they say what is wrong, and are told, so that one
    looks whether the description could.
    """

    def __init__(self, removals: "Removals") -> None:
        self.rules: Counter[tuple[str, str]] = Counter()
        self._removals = removals

    def __call__(self, context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
        """Whether it is one."""
        if isinstance(failure, RejectedPositiveData):
            return not self._explains_itself(case.operation.label, json.loads(response.content))
        if isinstance(failure, AcceptedNegativeData):
            return not (_is_refused_item_by_item(_told(response)) or _is_about_blank_headers(case))
        if isinstance(failure, EnsureResourceAvailability):
            return not self._removals.may_have_taken(case)
        return True

    def _explains_itself(self, operation: str, told: dict[str, Any]) -> bool:
        """Whether a problem names what is wrong."""
        if told["type"] != f"{_URN}request-invalid":
            self.rules[operation, told["type"].removeprefix(_URN)] += 1
            return bool(told["detail"])
        for fault in told["errors"]:
            self.rules[operation, _VALUE.sub("…", f"{fault['field']}: {fault['message']}")] += 1
        return bool(told["errors"]) and all(fault["field"] and fault["message"] for fault in told["errors"])


class Removals:
    """A hook after each call: sees what is made, and when something is removed by a word that is no DELETE."""

    def __init__(self) -> None:
        self._number = 0
        self._made: dict[str, int] = {}  # how many there had been, by the id of what was made

    def __call__(self, context: HookContext, case: Case, response: Response) -> None:
        """See the call."""
        if not 200 <= response.status_code < 300:
            return
        told = _told(response)
        if case.path.endswith(_REMOVING):
            self._number += 1
        elif isinstance(told, dict) and isinstance(told.get("id"), str):
            self._made.setdefault(told["id"], self._number)

    def may_have_taken(self, case: Case) -> bool:
        """Whether something was removed since that was made: at once, or long ago where the answer is that to an earlier request
        with its key.
        """
        return any(self._made.get(value, self._number) < self._number for value in case.path_parameters.values())


def _told(response: Response) -> Any:
    """What an answer says; None for a stream."""
    return json.loads(response.content) if "json" in response.headers.get("content-type", [""])[0] else None


def _is_about_blank_headers(case: Case) -> bool:
    """Whether headers are of spaces alone. HTTP strips them from around a value (RFC 9110, 5.5), so nothing is left to refuse."""
    return has_wrong_headers(case) and any(not value.strip() for value in case.headers.values())


def _is_refused_item_by_item(told: Any) -> bool:
    """Whether this is a batch whose wrong items were told to be wrong: they do not sink the others."""
    return isinstance(told, dict) and told.get("refused", 0) > 0
