"""The table of states, its drawing and the scripts say the same."""

import re
from importlib.resources import files
from pathlib import Path

from heavylift.state import TERMINAL, TRANSITIONS, Cause, State

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "states.md").read_text()
FOLDER = Path(str(files("heavylift.store") / "scripts"))
SCRIPTS = {str(path.relative_to(FOLDER)): path.read_text() for path in FOLDER.rglob("*.lua")}

MOVE = re.compile(r"\bmove\((?!id, seq, from)")
MOVE_BETWEEN = re.compile(r"\bmove\([\w.]+, [\w.]+, '(\w+)', '(\w+)'")


def _drawn() -> dict[tuple[State, State], set[str]]:
    arrows = re.findall(r"^ +(\w+) --> (\w+): (.+)$", PAGE, flags=re.MULTILINE)
    return {(State(origin), State(target)): set(causes.split(", ")) for origin, target, causes in arrows}


def _scripted() -> set[tuple[State, State]]:
    return {(State(a), State(b)) for text in SCRIPTS.values() for a, b in MOVE_BETWEEN.findall(text)}


def test_the_drawing_has_every_arrow_with_its_causes_and_no_other() -> None:
    assert _drawn() == {arrow: set(causes) for arrow, causes in TRANSITIONS.items()}


def test_tasks_enter_and_leave_where_the_drawing_says() -> None:
    entries = set(re.findall(r"\[\*\] --> (\w+)", PAGE))
    exits = set(re.findall(r"(\w+) --> \[\*\]", PAGE))

    assert entries == {State.SCHEDULED, State.QUEUED}
    assert exits == TERMINAL


def test_every_arrow_has_a_script_and_no_script_has_another() -> None:
    assert _scripted() == set(TRANSITIONS)


def test_every_move_names_its_states_where_it_is_made() -> None:
    for name, text in SCRIPTS.items():
        assert len(MOVE.findall(text)) == len(MOVE_BETWEEN.findall(text)), (
            f"{name}: a move between states that cannot be read here"
        )


def test_a_state_is_written_by_moves_and_by_submitting_and_nowhere_else() -> None:
    writers = [
        (name, line) for name, text in SCRIPTS.items() for line in text.splitlines() if "HSET" in line and "'state'" in line
    ]

    assert writers == [("parts/record.lua", "  redis.call('HSET', task_key(id), 'state', to, ...)")]
    assert [name for name, text in SCRIPTS.items() if "{'state', state," in text] == ["submit.lua"]


def test_every_state_and_every_cause_has_its_paragraph() -> None:
    states, causes = PAGE.split("## The causes")

    assert re.findall(r"^\*\*(.+)\.\*\*", states, flags=re.MULTILINE) == [str(state) for state in State]
    assert sorted(re.findall(r"^\*\*(.+)\.\*\*", causes, flags=re.MULTILINE)) == sorted(Cause)
