"""The words that cross from worker to API."""

import json
import os
import subprocess
import sys
from dataclasses import fields, replace
from typing import Any

import pytest

from heavylift.catalogue import Kind, near_names
from heavylift.record import Executor, Form, Priority
from heavylift.retry import RetryPolicy

RESIZE = Kind(
    name="images.resize",
    description="Makes an image smaller.",
    form=Form.PAYLOAD,
    queue="images",
    priority=Priority.HIGH,
    timeout=30.5,
    retry=RetryPolicy(max_attempts=5, base=0.5, cap=60),
    payload_schema={"type": "object", "properties": {"width": {"type": "integer"}, "file": {"type": "string"}}},
    result_schema={"type": "string"},
)

CHANGES: dict[str, Any] = {
    "name": "images.shrink",
    "description": "Makes an image tiny.",
    "form": Form.CALL,
    "queue": "default",
    "executor": Executor.THREADS,
    "priority": Priority.LOW,
    "timeout": None,
    "retry": RetryPolicy(max_attempts=5, base=0.5, cap=61),
    "payload_schema": {"type": "object"},
    "result_schema": {"type": "integer"},
}


def test_each_described_field_is_changed_here() -> None:
    assert set(CHANGES) == {field.name for field in fields(Kind)}


@pytest.mark.parametrize("name", CHANGES)
def test_the_version_changes_with_every_described_field(name: str) -> None:
    assert replace(RESIZE, **{name: CHANGES[name]}).version != RESIZE.version


def test_the_version_does_not_change_with_the_order_in_which_a_schema_was_written() -> None:
    turned = {"properties": {"file": {"type": "string"}, "width": {"type": "integer"}}, "type": "object"}

    assert replace(RESIZE, payload_schema=turned).version == RESIZE.version


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_the_version_is_the_same_in_every_process(seed: str) -> None:
    program = f"from heavylift.catalogue import Kind; print(Kind.from_json({RESIZE.to_json()!r}).version)"

    said = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == RESIZE.version


def test_a_kind_comes_back_as_it_was_published() -> None:
    assert Kind.from_json(RESIZE.to_json()) == RESIZE
    assert json.loads(RESIZE.to_json())["version"] == RESIZE.version


def test_what_a_newer_worker_adds_is_left_aside() -> None:
    newer = json.loads(RESIZE.to_json())
    newer["colour"] = "blue"
    newer["retry"]["jitter"] = "none"

    assert Kind.from_json(json.dumps(newer)) == RESIZE


def test_what_an_older_worker_does_not_say_has_its_default() -> None:
    older = {name: value for name, value in json.loads(RESIZE.to_json()).items() if name not in ("timeout", "result_schema")}

    assert Kind.from_json(json.dumps(older)) == replace(RESIZE, timeout=None, result_schema={})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("image.resize", "images.resize"),
        ("images.resise", "images.resize"),
        ("resize", "images.resize"),
        ("mail.sent", "mail.send"),
    ],
)
def test_a_slip_of_the_pen_is_understood(typed: str, meant: str) -> None:
    assert near_names(typed, ["mail.send", "images.resize", "demo.sleep"])[0] == meant


def test_names_without_likeness_are_not_offered() -> None:
    assert near_names("quarterly-report", ["mail.send", "images.resize"]) == []


def test_no_more_names_are_offered_than_asked_for() -> None:
    assert len(near_names("demo.a", [f"demo.{letter}" for letter in "bcdefg"], limit=2)) == 2
