"""Runs the plans of the campaign under each condition and collects the digests of what they make."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from proxx.core.command_paths import fill_placeholders
from proxx.engine.checksum import digest_file
from proxx.engine.tool import ToolRequest, ToolRunner
from proxx.engine.witness_files import remove_witness
from tests.fakes.assets import SHIPPED_ASSETS
from tools.determinism_conditions import Condition
from tools.determinism_material import Cell

EMULATED_SECONDS = 600.0
PROFILES = "profiles"
FEWER_RUNS = 2
"""Runs of a condition for plans that vary the source instead of the profile."""


@dataclass(slots=True, kw_only=True)
class CellDigests:
    """The digests of one cell: condition to digest to how often. A run that failed counts as a digest of its own."""

    cell: Cell
    found: dict[str, Counter[str]] = field(default_factory=dict)

    def distinct(self, condition: str, *, first: str) -> int:
        """How many different digests this condition and the first one gave together."""
        return len({*self.found[first], *self.found[condition]})

    @property
    def one(self) -> bool:
        """Whether every run of every condition made the same bytes."""
        digests = {digest for counted in self.found.values() for digest in counted}
        return len(digests) == 1 and not next(iter(digests)).startswith("failed")


async def try_cells(
    cells: Iterable[Cell],
    *,
    conditions: tuple[Condition, ...],
    runner: ToolRunner,
    directory: Path,
    say: Callable[[str], None],
) -> list[CellDigests]:
    """Run every cell under every condition that can be had here, one command at a time."""
    tried = [CellDigests(cell=cell) for cell in cells]
    for condition in conditions:
        if condition.missing:
            continue
        with condition.around():
            for item in tried:
                runs = condition.runs if item.cell.group == PROFILES else min(condition.runs, FEWER_RUNS)
                digests = [await _digest(item.cell, condition, runner, directory) for _ in range(runs)]
                item.found[condition.name] = Counter(digests)
                count = item.distinct(condition.name, first=conditions[0].name)
                mark = "" if count == 1 else f"  <-- {count} digests: {dict(item.found[condition.name])}"
                say(f"{condition.name}: {item.cell.name}: {len(digests)} runs{mark}")
    return tried


async def _digest(cell: Cell, condition: Condition, runner: ToolRunner, directory: Path) -> str:
    """Return the sha256 of what the command made, or how it failed."""
    output = directory / f"proxy.{cell.plan.expected.container}"
    argv = fill_placeholders(
        argv=cell.plan.argv, tool="ffmpeg", source=cell.source, output=output, assets=SHIPPED_ASSETS
    )
    request = ToolRequest(
        argv=condition.change(argv),
        readable=(cell.source, *SHIPPED_ASSETS.values()),
        writable=(directory,),
        timeout_seconds=EMULATED_SECONDS,
        output_limit_bytes=cell.plan.ceiling_bytes,
    )
    result = await runner.run(request)
    try:
        if not result.ok:
            said = next((line for line in result.error_lines if "TCG doesn't support" not in line), "")
            return f"failed: {result.end.value} {result.exit_code} {said[:200]}"
        return digest_file(output).sha256
    finally:
        output.unlink(missing_ok=True)
        remove_witness(output)
