"""A table of a document that is printed from the code: print it, or compare the two."""

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentedTable:
    """Where a table stands: in `document`, between two comments with `name`. `tool` prints it (`python -m TOOL`)."""

    document: Path
    name: str
    tool: str

    def run(self, *, table: str, arguments: list[str]) -> int:
        """Print the table, or with --check compare it: 0 when they agree, 1 when not, 64 for misuse."""
        if arguments not in ([], ["--check"]):
            print(f"usage: python -m {self.tool} [--check]", file=sys.stderr)
            return 64
        if not arguments:
            print(table)
            return 0
        begin, end = f"<!-- {self.name}: begin -->", f"<!-- {self.name}: end -->"
        _, found, rest = self.document.read_text(encoding="utf-8").partition(begin)
        body, closed, _ = rest.partition(end)
        if found and closed and body.strip() == table:
            return 0
        print(f"{self.document.name}: the table is not that of the code; paste the output of")
        print(f"python -m {self.tool} between {begin} and {end}")
        return 1
