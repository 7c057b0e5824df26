"""`proxx reproduce` before anything is made, and what becomes of a scheduler that refuses. Files: tests/e2e."""

import json

import pytest

from proxx.cli.main import run_cli
from proxx.core.detection import Engine
from proxx.core.jobs import JobPlan
from proxx.core.result_json import job_result_document, json_text
from proxx.core.violation import Violation, ViolationCode
from proxx.rpc.errors import RefusedCallError
from tests.unit.cli import samples
from tests.unit.cli.fake_scheduler import FakeScheduler, World

EXECUTOR = samples.executor(Engine.FFMPEG)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "A001.mov"
    path.write_bytes(b"footage")
    return path


@pytest.fixture
def result(tmp_path):
    """Writes a result of these clips and returns its path."""

    def write(*clips):
        path = tmp_path / "result.json"
        path.write_text(json_text(job_result_document(result=samples.result(clips=clips))))
        return path

    return write


def made_from(source, **changes):
    """A published clip of `source` whose identity was not recorded."""
    return samples.clip(0, source_path=str(source), source_identity=None, **changes)


def reproduce(world, *arguments):
    return run_cli(["reproduce", *map(str, arguments)], environment=world.environment())


def test_nothing_starts_when_no_clip_was_published(result, capsys):
    world = World()

    assert reproduce(world, result(samples.failed_clip(0), samples.skipped_clip(1))) == 1

    assert capsys.readouterr().err == "none of the result's 2 clips was published: there is nothing to compare\n"
    assert world.targets == []


def test_a_clip_that_the_result_has_not_is_refused(result, capsys):
    world = World()

    assert reproduce(world, result(samples.clip(0), samples.clip(1)), "--clip", 1, "--clip", 7) == 1

    assert capsys.readouterr().err == "the result has no clip 7; it has 2 clips, from 0\n"
    assert world.targets == []


def test_a_profile_that_the_scheduler_does_not_know_is_told_in_its_words(result, source, capsys):
    gone = Violation(code=ViolationCode.PROFILE_UNKNOWN, field="proxy_profile", message="no profile 'house'")
    refusal = RefusedCallError(reason="SPEC_INVALID", message="the JobSpec is invalid", violations=(gone,))
    world = World(scheduler=RefusingPlan(executors=(EXECUTOR,), plan_refusal=refusal))

    assert reproduce(world, result(made_from(source)), "--json") == 1

    (clip,) = json.loads(capsys.readouterr().out)["clips"]
    assert (clip["outcome"], clip["reason"], clip["remade_sha256"]) == ("IMPOSSIBLE", "no profile 'house'", None)


def test_a_source_that_is_refused_here_is_told(result, source, capsys):
    wrong = Violation(code=ViolationCode.SOURCE_UNREADABLE, field="sources[0]", message="A001.mov cannot be read")
    plan = JobPlan(admissible=False, violations=(wrong, wrong), clips=(), spec={}, waiting_reasons=())
    world = World(scheduler=FakeScheduler(executors=(EXECUTOR,), plan=plan))

    assert reproduce(world, result(made_from(source))) == 1

    assert capsys.readouterr().out.splitlines() == [
        "clip 0 A001.mov: IMPOSSIBLE: A001.mov cannot be read",
        "IMPOSSIBLE: 0 equal, 0 different, 1 impossible",
    ]


def test_an_embedded_run_without_tools_is_a_system_error(result, source, capsys):
    world = World(scheduler=FakeScheduler(executors=(samples.executor(Engine.RESOLVE),)))

    assert reproduce(world, result(made_from(source))) == 4

    assert "did not say which tools it has" in capsys.readouterr().err


def test_camera_raw_is_never_made_again(result, source, capsys):
    world = World(scheduler=FakeScheduler(executors=(EXECUTOR,)))

    assert reproduce(world, result(made_from(source, engine=Engine.RESOLVE))) == 1

    assert "made by resolve: only what FFmpeg made is promised byte for byte" in capsys.readouterr().out
    assert world.scheduler.called("plan_job") == []


class RefusingPlan(FakeScheduler):
    """Refuses the dry run, and nothing else."""

    def __init__(self, *, plan_refusal, **fields):
        super().__init__(**fields)
        self._plan_refusal = plan_refusal

    async def plan_job(self, *, spec_json, options, timeout_seconds):
        raise self._plan_refusal
