"""What cannot be taken back is confirmed by typing the name of what it is done to."""

import sys

import typer

from heavylift.cli.text import one_line


def confirmed(name: str, question: str) -> bool:
    """Whether somebody typed the name; nobody does where nobody sits at a terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    try:
        typed = typer.prompt(one_line(f"{question} Type {name} to do it"), default="", show_default=False, err=True)
    except typer.Abort:
        raise KeyboardInterrupt from None
    return bool(typed == name)
