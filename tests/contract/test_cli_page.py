"""docs/cli.md is what the command says of itself."""

from pathlib import Path

from docs import cli

ROOT = Path(__file__).parents[2]


def test_the_page_of_the_command_is_what_the_command_says() -> None:
    assert (ROOT / "docs" / "cli.md").read_text() == cli.render(), "docs/cli.md is stale: run `make docs`"
