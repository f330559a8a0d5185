"""What came of a run: counts, and what was found."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from schemathesis.engine import Status, events
from schemathesis.engine.recorder import CheckNode, ScenarioRecorder

Found = tuple[str, str, str]  #: Which check, at which operation, and what it says.


@dataclass
class Find:
    """Something that is wrong, with the first request that showed it."""

    times: int
    curl: str
    answer: str


@dataclass
class Tally:
    """Counted while it runs. ``troubles`` are what kept schemathesis from its work."""

    requests: Counter[str] = field(default_factory=Counter)  #: By phase.
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)  #: By operation and status; 0 for no answer.
    checks: Counter[tuple[str, str]] = field(default_factory=Counter)  #: By name and outcome.
    finds: dict[Found, Find] = field(default_factory=dict)
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)  #: Refusals that no description tells, by operation.
    troubles: list[str] = field(default_factory=list)
    seconds: float = 0.0
    peak_memory: int = 0

    @property
    def total(self) -> int:
        """How many requests were made."""
        return sum(self.requests.values())

    @property
    def reached(self) -> frozenset[str]:
        """Operations that have done what they are for at least once."""
        return frozenset(operation for operation, status in self.statuses if 200 <= status < 300)

    @property
    def sound(self) -> bool:
        """Whether nothing was found, and something was tried."""
        return not self.finds and not self.troubles and self.total > 0

    def note(self, event: events.EngineEvent) -> None:
        """Count what an event of the engine tells."""
        if isinstance(event, events.ScenarioFinished):
            self.requests[event.phase.value] += len(event.recorder.interactions)
            self._note_scenario(event.recorder)
        elif isinstance(event, events.NonFatalError):
            self.troubles.append(f"{event.label}: {event.info.title}: {event.info.message}")
        elif isinstance(event, events.FatalError):
            self.troubles.append(repr(event.exception))

    def _note_scenario(self, recorder: ScenarioRecorder) -> None:
        for case, interaction in recorder.interactions.items():
            status = interaction.response.status_code if interaction.response else 0
            self.statuses[_operation(recorder, case), status] += 1
        for case, check in _checks(recorder):
            self.checks[check.name, check.status.value] += 1
            if check.status is not Status.SUCCESS:
                self._note_find(recorder, case, check)

    def _note_find(self, recorder: ScenarioRecorder, case: str, check: CheckNode) -> None:
        said = f"{check.failure_info.failure}" if check.failure_info else "the check broke off"
        found = check.name, _operation(recorder, case), said
        if found not in self.finds:
            interaction = recorder.interactions.get(case)
            response = interaction.response if interaction else None
            answer = f"{response.status_code} {response.text[:600]}" if response else "no answer"
            self.finds[found] = Find(0, check.failure_info.code_sample[:1500] if check.failure_info else "", answer)
        self.finds[found].times += 1


def _checks(recorder: ScenarioRecorder) -> Iterator[tuple[str, CheckNode]]:
    return ((case, check) for case, checks in recorder.checks.items() for check in checks)


def _operation(recorder: ScenarioRecorder, case: str) -> str:
    return recorder.cases[case].value.operation.label if case in recorder.cases else recorder.label
