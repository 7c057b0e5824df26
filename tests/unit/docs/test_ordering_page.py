"""docs/ORDERING.md names every reason why a clip waits, and no other."""

import re
from pathlib import Path

from proxx.core.waiting import WaitingCode

PAGE = Path(__file__).parents[3] / "docs" / "ORDERING.md"


def test_the_page_lists_every_code_once() -> None:
    text = PAGE.read_text(encoding="utf-8")
    listed = re.findall(r"^\| ([A-Z_]+) \|", text.partition("## Why a clip waits")[2], flags=re.MULTILINE)
    assert sorted(listed) == sorted(WaitingCode)
