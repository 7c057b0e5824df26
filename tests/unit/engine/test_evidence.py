"""A tool is shown the file that the executor saw below its root, or it does not start."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from proxx.engine.evidence import PathEvidence, evidence_of, made_beside
from proxx.engine.process_runner import LauncherError, ProcessToolRunner
from proxx.engine.sandbox.level import SandboxLevel
from proxx.engine.tool import ToolRequest
from proxx.runtime.root_directory import RootDirectory
from proxx.runtime.rooted_path import RootedPath

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no sandbox")


@pytest.mark.parametrize("level", [SandboxLevel.FILTERS, SandboxLevel.NAMESPACES])
async def test_another_file_in_the_place_of_the_one_that_was_seen_is_never_shown(
    tmp_path: Path, level: SandboxLevel
) -> None:
    runner = ProcessToolRunner(most=level)
    if runner.reach.level is not level:
        pytest.skip(f"this host does not reach {level}: {', '.join(runner.reach.missing)}")
    seen, other = tmp_path / "seen", tmp_path / "other"
    seen.write_text("seen")
    other.write_text("other")
    evidence = evidence_of(RootedPath(RootDirectory(tmp_path), ("seen",)))
    request = ToolRequest(argv=("cat", str(seen)), readable=(seen,), evidence=(evidence,), timeout_seconds=30)

    shown = await runner.run(request)
    other.rename(seen)
    with pytest.raises(LauncherError, match="is not the file that it was below its root"):
        await runner.run(request)
    now = replace(request, evidence=(evidence_of(seen),))

    assert (shown.stdout, (await runner.run(now)).stdout) == (b"seen", b"other")


def test_what_a_tool_is_to_write_is_made_inside_the_root(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root/link").symlink_to(tmp_path)
    place = RootedPath(RootDirectory(tmp_path / "root"), ("staged.mov",))

    (made,) = made_beside(place, (tmp_path / "elsewhere/staged.mov.pictures",))

    inside = tmp_path / "root/staged.mov.pictures"
    assert made == PathEvidence(path=inside, device=inside.stat().st_dev, inode=inside.stat().st_ino)
    with pytest.raises(OSError, match="symbolic link"):
        made_beside(place, (Path("link"),))


def test_a_fifo_in_the_place_of_a_file_to_write_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pictures")
    place = RootedPath(RootDirectory(tmp_path), ("staged.mov",))

    with pytest.raises(OSError, match="No such device or address"):
        made_beside(place, (Path("pictures"),))
