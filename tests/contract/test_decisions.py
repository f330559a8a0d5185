"""The records of decisions."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECORDS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
LINK = re.compile(r"\[decisions? (\d+)\]\(\S*?(\d{4})-[^)]*\)")


def mentions() -> Iterator[tuple[str, str, str]]:
    """Of each link to a record: the page, the number it says, and the number it leads to."""
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for said, led in LINK.findall(page.read_text()):
            yield page.name, said, led


def test_no_two_records_have_one_number() -> None:
    numbers = Counter(record.name[:4] for record in RECORDS)
    assert [number for number, times in numbers.items() if times > 1] == []


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name[:4])
def test_a_record_is_headed_with_the_number_of_its_file(record: Path) -> None:
    assert record.read_text().startswith(f"# {int(record.name[:4])}. ")


def test_a_link_says_the_number_that_it_leads_to() -> None:
    found = list(mentions())
    assert found
    assert [mention for mention in found if int(mention[1]) != int(mention[2])] == []
