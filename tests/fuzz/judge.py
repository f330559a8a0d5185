"""Complaints of schemathesis that are none: what no description can tell, it cannot know."""

import json
import re
from collections import Counter
from typing import Any, Final

from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import RejectedPositiveData

_URN: Final = "urn:heavylift:problem:"
_VALUE: Final = re.compile(r"'.*'|\"[^\"]*\"|\d[\d.:+TZ-]*", re.DOTALL)


class Judge:
    """A hook after each failure. ``rules`` are refusals of what is as described, by operation and sentence: rules between fields,
    what a kind takes, what was asked before. They are no finds as long as they say what is wrong, and are told, so that one
    looks whether the description could.
    """

    def __init__(self) -> None:
        self.rules: Counter[tuple[str, str]] = Counter()

    def __call__(self, context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
        """Whether it is one."""
        if isinstance(failure, RejectedPositiveData):
            return not self._explains_itself(case.operation.label, json.loads(response.content))
        if isinstance(failure, AcceptedNegativeData):
            return not _is_refused_item_by_item(json.loads(response.content))
        return True

    def _explains_itself(self, operation: str, told: dict[str, Any]) -> bool:
        """Whether a problem names what is wrong."""
        if told["type"] != f"{_URN}request-invalid":
            self.rules[operation, told["type"].removeprefix(_URN)] += 1
            return bool(told["detail"])
        for fault in told["errors"]:
            self.rules[operation, _VALUE.sub("…", f"{fault['field']}: {fault['message']}")] += 1
        return bool(told["errors"]) and all(fault["field"] and fault["message"] for fault in told["errors"])


def _is_refused_item_by_item(told: Any) -> bool:
    """Whether this is a batch whose wrong items were told to be wrong: they do not sink the others."""
    return isinstance(told, dict) and told.get("refused", 0) > 0
