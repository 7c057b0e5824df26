"""Prints the source matrix of docs/ENGINE_CAPABILITIES.md from the code; with --check, compares the two."""

import sys
from pathlib import Path

from proxx.core.detection import DEFAULT_SOURCE_MATRIX, SOURCE_MATRICES
from proxx.core.sources.matrix import EXTENSIONS, first_version, matrix_rows
from proxx.core.sources.raw_matrix import raw_rows, unproven_rows
from tools.documented_table import DocumentedTable

TABLE = DocumentedTable(
    document=Path(__file__).parents[1] / "docs" / "ENGINE_CAPABILITIES.md",
    name="source matrix",
    tool="tools.source_matrix_table",
)


def table() -> str:
    """Return the rows of every version with the version that brought each, the RAW classes, and RAW without proof."""
    latest = SOURCE_MATRICES[-1]
    lines = [
        "| container | extensions | codec | since matrix | remark |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in matrix_rows(version=latest):
        extensions = _extensions(EXTENSIONS[row.container])
        since = first_version(container=row.container, codec=row.codec)
        lines.append(f"| {row.container} | {extensions} | {row.codec} | {since} | {row.note} |")
    lines += [
        "",
        f"{len(matrix_rows(version=DEFAULT_SOURCE_MATRIX))} rows in matrix {DEFAULT_SOURCE_MATRIX} (the default), "
        f"{len(matrix_rows(version=latest))} in matrix {latest}.",
        "",
        "| camera RAW | engine | codec word | extensions | accepted on | the source of that | ffprobe may call it |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for raw in raw_rows():
        said = ", ".join(raw.ffprobe) or "-"
        lines.append(
            f"| {raw.name} | {raw.engine.value} | {raw.codec} | {_extensions(raw.extensions)} | {raw.proof} | "
            f"{raw.certainty} | {said} |"
        )
    lines += [
        "",
        "| RAW without proof | extensions of its own | told by | why no row has it | outcome |",
        "| --- | --- | --- | --- | --- |",
    ]
    for other in unproven_rows():
        extensions = _extensions(other.extensions)
        lines.append(f"| {other.name} | {extensions} | {other.told_by} | {other.why} | {other.outcome} |")
    return "\n".join(lines)


def _extensions(extensions: tuple[str, ...]) -> str:
    return " ".join(f".{extension}" for extension in extensions) or "-"


if __name__ == "__main__":
    sys.exit(TABLE.run(table=table(), arguments=sys.argv[1:]))
