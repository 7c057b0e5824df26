"""docs/HOSTILE_MEDIA.md: every class of the catalogue has a row, and every file that a row names is there."""

import re
from pathlib import Path

from tests.hostile_media.catalogue import catalogue

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "HOSTILE_MEDIA.md").read_text(encoding="utf-8")


def classes() -> list[list[str]]:
    """The cells of the table of classes, without its own two lines."""
    section = PAGE.split("\n## The classes\n")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def test_every_class_has_a_row() -> None:
    assert sorted(row[0] for row in classes()) == sorted({case.group for case in catalogue()})
    assert f"{len(catalogue())} files in {len({case.group for case in catalogue()})} classes" in PAGE


def test_every_row_names_files_that_are_there() -> None:
    named = [name for *_, cell in classes() for name in re.findall(r"`(tests/[\w/]+\.py)`", cell)]
    assert len(named) >= len(classes())
    assert [name for name in named if not (ROOT / name).is_file()] == []
