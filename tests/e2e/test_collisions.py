"""Outputs that exist already: numbered names, replaced files, and the death of the process that replaces them.

PROXX_LONG=1 tries both failure policies everywhere, else each somewhere.
"""

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.begun import Begun
from tests.e2e.dying import dying_when
from tests.e2e.parts import Parts
from tests.e2e.specs import proxy_spec
from tests.e2e.workplace import PROXX, Workplace, media_in
from tests.footage.kind import ClipKind

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc (Linux)")
LONG = os.environ.get("PROXX_LONG") == "1"
POLICIES = pytest.mark.parametrize("failure_policy", ["fail-fast", "continue"] if LONG else ["fail-fast"])

OLD = b"the proxy of yesterday"
NAMES = ("MVI_0042_proxy.mp4", "B_proxy.mp4")


class Job:
    """Two clips, and the old outputs that stand in their way."""

    def __init__(self, workplace: Workplace, footage: Mapping[ClipKind, Path]) -> None:
        self.output = workplace.directory("out")
        first = footage[ClipKind.MJPEG_AVI_25]
        second = workplace.directory("in") / "B.avi"
        second.write_bytes(first.read_bytes())
        self.spec = workplace.spec(proxy_spec(sources=[first, second], output=self.output))
        for name in NAMES:
            (self.output / name).write_bytes(OLD + name.encode())
        self.inodes = [(self.output / name).stat().st_ino for name in NAMES]

    def old_files(self) -> list[bytes]:
        """What stands under the names of the old files."""
        return [(self.output / name).read_bytes() for name in NAMES]

    def kept(self) -> list[Path]:
        """The files that lie aside."""
        return sorted(self.output.glob(".proxx/*.replaced/*"), key=lambda path: NAMES.index(path.name))

    def is_replaced(self, result: dict[str, Any]) -> None:
        """Every proxy stands, every old file lies where the result says, and nothing else is left."""
        clips = result["clips"]
        assert [clip["status"] for clip in clips] == ["COMPLETED", "COMPLETED"]
        assert [Path(clip["resolved_output_path"]).name for clip in clips] == list(NAMES)
        for clip, name, inode in zip(clips, NAMES, self.inodes, strict=True):
            proxy, old = self.output / name, Path(clip["replaced_output"]["path"])
            assert clip["output_sha256"] == hashlib.sha256(proxy.read_bytes()).hexdigest()
            assert (old.read_bytes(), old.stat().st_ino) == (OLD + name.encode(), inode)
            assert clip["replaced_output"]["size_bytes"] == old.stat().st_size
            record = old.parent.with_name(old.parent.name + ".json")
            assert record.is_file()
        assert self.kept() == [Path(clip["replaced_output"]["path"]) for clip in clips]
        directories = [path.parent.name for path in self.kept()]
        expected = sorted([*directories, *(f"{name}.json" for name in directories)])
        assert sorted(path.name for path in (self.output / ".proxx").iterdir()) == expected


@pytest.fixture
def job(workplace: Workplace, footage: Mapping[ClipKind, Path]) -> Job:
    return Job(workplace, footage)


def test_an_existing_output_refuses_the_job_by_default(workplace: Workplace, job: Job) -> None:
    done = workplace.proxx("run", job.spec)
    assert (done.code, done.json()["final_status"]) == (1, "REJECTED")
    assert [violation["code"] for violation in done.json()["violations"]] == ["OUTPUT_EXISTS", "OUTPUT_EXISTS"]
    assert media_in(job.output) == sorted(NAMES)


@POLICIES
def test_suffix_makes_numbered_proxies_beside_what_exists(workplace: Workplace, job: Job, failure_policy: str) -> None:
    (job.output / "B_proxy_001.MP4").write_bytes(b"taken too")
    words = (job.spec, "--collision", "suffix", "--failure-policy", failure_policy)
    planned = workplace.proxx("plan", *words)
    assert planned.code == 0, planned.stderr
    assert "MVI_0042_proxy_001.mp4 (numbered 001: its own name is taken)" in planned.stdout
    done = workplace.proxx("run", *words)
    assert done.code == 0, done.stderr
    clips = done.json()["clips"]
    assert [Path(clip["resolved_output_path"]).name for clip in clips] == ["MVI_0042_proxy_001.mp4", "B_proxy_002.mp4"]
    assert [clip["resolved_tokens"]["suffix"] for clip in clips] == ["001", "002"]
    assert job.old_files() == [OLD + name.encode() for name in NAMES]
    again = workplace.proxx("run", *words).json()["clips"]
    assert [clip["resolved_tokens"]["suffix"] for clip in again] == ["002", "003"]


@POLICIES
def test_overwrite_keeps_every_old_file(workplace: Workplace, job: Job, failure_policy: str) -> None:
    words = (job.spec, "--collision", "overwrite", "--failure-policy", failure_policy)
    planned = workplace.proxx("plan", *words)
    assert planned.stdout.count("moves    the file that stands there") == 2
    assert job.old_files() == [OLD + name.encode() for name in NAMES]
    done = workplace.proxx("run", *words)
    assert done.code == 0, done.stderr
    job.is_replaced(done.json())
    assert "clip 0 replaced: the old file lies in " in done.stderr


def test_overwrite_refuses_directories_links_and_sources(
    workplace: Workplace, job: Job, footage: Mapping[ClipKind, Path]
) -> None:
    source = footage[ClipKind.MJPEG_AVI_25]
    (job.output / NAMES[0]).unlink()
    (job.output / NAMES[0]).mkdir()
    (job.output / NAMES[1]).unlink()
    (job.output / NAMES[1]).hardlink_to(workplace.root / "in" / "B.avi")
    done = workplace.proxx("run", job.spec, "--collision", "overwrite")
    found = [(violation["code"], violation["message"]) for violation in done.json()["violations"]]
    assert found == [
        ("OUTPUT_EXISTS", f"Output {job.output / NAMES[0]} is a directory; only a regular file is ever moved aside"),
        (
            "OUTPUT_IS_SOURCE",
            f"Output {job.output / NAMES[1]} is the source of clip 1; a source is never moved aside",
        ),
    ]
    assert source.exists()
    assert media_in(job.output) == sorted(NAMES)


@linux_only
@pytest.mark.parametrize(
    ("moment", "failure_policy"),
    [("moved aside", "fail-fast"), ("published", "continue"), *([("moved aside", "continue")] if LONG else [])],
    ids=str,
)
def test_a_run_that_dies_while_it_replaces_a_file_loses_nothing_and_can_be_resumed(
    workplace: Workplace, job: Job, moment: str, failure_policy: str
) -> None:
    hook = dying_when(moment=moment, directory=workplace.root / "hook")
    words = ("run", job.spec, "--slots", "1", "--collision", "overwrite", "--failure-policy", failure_policy)
    run = Begun.start(
        [str(PROXX), *map(str, words)], directory=workplace.root, environment={**workplace.environment(), **hook}
    )
    assert run.process.wait(timeout=60) == 4, run.said()
    (aside,) = job.kept()
    assert (aside.read_bytes(), aside.stat().st_ino) == (OLD + NAMES[0].encode(), job.inodes[0])
    assert (job.output / NAMES[0]).exists() is (moment == "published")
    (run_id,) = workplace.kept_runs()

    resumed = workplace.proxx("run", "--resume", run_id, timeout=100)

    assert resumed.code == 0, resumed.stderr
    job.is_replaced(resumed.json())
    assert [clip["adopted"] for clip in resumed.json()["clips"]] == [moment == "published", False]


@linux_only
def test_a_dead_executor_s_finished_work_is_published_by_another_one_which_replaces_the_file(
    workplace: Workplace, parts: Parts, job: Job
) -> None:
    parts.scheduler()
    dying = parts.executor(environment=dying_when(moment="moved aside", directory=workplace.root / "hook"))
    key = parts.submit(job.spec, "--collision", "overwrite")
    dying.process.wait(timeout=30)
    parts.ask("jobs", "watch", key)
    assert parts.job(key)["job"]["state"] == "RECOVERY_REQUIRED"
    parts.executor()
    assert parts.ask("jobs", "resume", key).code == 0
    result = parts.result(key)
    job.is_replaced(result)
    assert [clip["epoch"] for clip in result["clips"]] == [1, 1]  # what the dead one had finished was not made again


@linux_only
def test_a_job_cancelled_after_the_death_leaves_the_old_files_in_their_place(
    workplace: Workplace, parts: Parts, job: Job
) -> None:
    parts.scheduler()
    dying = parts.executor(environment=dying_when(moment="moved aside", directory=workplace.root / "hook"))
    key = parts.submit(job.spec, "--collision", "overwrite")
    dying.process.wait(timeout=30)
    parts.ask("jobs", "watch", key)
    parts.executor()
    assert parts.ask("jobs", "cancel", key, "--yes").code == 0
    result = parts.result(key)
    assert (result["final_status"], [clip["replaced_output"] for clip in result["clips"]]) == (
        "CANCELLED",
        [None, None],
    )
    assert job.old_files() == [OLD + name.encode() for name in NAMES]
    assert media_in(job.output) == sorted(NAMES)
