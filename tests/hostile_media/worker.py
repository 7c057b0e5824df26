"""Runs cases one after the other in this process, to be started under a tracer: `python -m … DIRECTORY PORT INDEX…`.

A file that is not there is opened before each case, so that the trace says which case its lines belong to.
"""

import asyncio
import contextlib
import json
import shutil
import sys
import traceback
from pathlib import Path

from tests.hostile_media.bench import Bench, Ended
from tests.hostile_media.case import End, Studio
from tests.hostile_media.catalogue import catalogue
from tests.hostile_media.clips import make_clip

MARK = "/proxx-hostile-case"
NO_CASE = -1
"""The mark while sources are written."""

CANARY = "PROXX-CANARY-5d1f"
RESULTS = "results.jsonl"


def studio_of(directory: Path, port: int) -> Studio:
    """The studio that a campaign has set up in a directory."""
    return Studio(
        clips=directory / "clips",
        canaries=(directory / "canaries" / "canary.txt", directory / "canaries" / "canary.ts"),
        port=port,
    )


def set_up(directory: Path) -> None:
    """Write the canaries."""
    canaries = directory / "canaries"
    canaries.mkdir()
    (directory / "clips").mkdir()
    (canaries / "canary.txt").write_text(f"{CANARY}\n" * 20, encoding="ascii")
    (canaries / "canary.ts").write_bytes(make_clip(directory / "clips", "base.ts").read_bytes())


def leaks(root: Path) -> list[str]:
    """Files below the output directory of a case that hold a canary's text."""
    return [path.name for path in (root / "out").rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]


async def main() -> None:
    """Run the cases and write one line of JSON for each."""
    directory, port, indexes = Path(sys.argv[1]), int(sys.argv[2]), [int(word) for word in sys.argv[3:]]
    studio, cases = studio_of(directory, port), catalogue()
    for index in indexes:
        root = directory / "cases" / f"{index:04}"
        root.mkdir(parents=True)
        _put_beside(root, studio)
        try:
            bench = Bench(root, cases[index])
            path = bench.write(studio)
            _mark(index)
            ended = await bench.run(path)
            _mark(NO_CASE)
        except Exception:  # noqa: BLE001  whatever breaks is the finding
            ended = Ended(name=cases[index].name, end=End.TOO_LONG, reason="broke: " + traceback.format_exc()[-800:])
        leaked = leaks(root)
        if CANARY in ended.reason or any(CANARY in text for text in ended.said):
            leaked.append("what the tools said")
        line = json.dumps({"index": index, "leaks": leaked, **ended.document()})
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        shutil.rmtree(root, ignore_errors=True)


def _mark(index: int) -> None:
    with contextlib.suppress(OSError):
        Path(f"{MARK}/{index}").open("rb").close()


def _put_beside(root: Path, studio: Studio) -> None:
    """Canaries where `canary.ts` and `../canary.ts` of a playlist lead to."""
    (root / "in").mkdir()
    for place in (root, root / "in"):
        for canary in studio.canaries:
            shutil.copy(canary, place / canary.name)


if __name__ == "__main__":
    asyncio.run(main())
