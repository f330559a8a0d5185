"""Every snippet of docs/client.md does what the page says."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from heavylift.store.redis import RedisStore
from heavylift_tasks.demo import add, fail
from tests.support.api import ApiProcess
from tests.support.servant import serving

PAGE = Path(__file__).resolve().parents[4] / "docs" / "client.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=[f"snippet {number}" for number in range(1, len(SNIPPETS) + 1)])
async def test_a_snippet_runs(
    snippet: str, clients_api: ApiProcess, clients_store: RedisStore, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("HEAVYLIFT_URL", clients_api.base)
    code = compile(
        snippet.replace("http://127.0.0.1:8000", clients_api.base), str(PAGE), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    )
    with serving(clients_store, [add, fail]):
        running = eval(code, {"__name__": "snippet"})  # noqa: S307  the page is ours
        if running is not None:
            await running

    printed = capsys.readouterr().out
    assert bool(printed) == ("print" in snippet)
    for promised in re.findall(r"print\(.*\)  # (.*)", snippet):
        assert promised in printed


def test_the_page_has_snippets() -> None:
    assert len(SNIPPETS) >= 6
