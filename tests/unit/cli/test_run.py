"""`proxx run` against a fake scheduler: streams, exit codes, result files, engines, resuming."""

import json
import os
import signal
from dataclasses import replace

import pytest

from proxx.cli.main import run_cli
from proxx.core.detection import Engine
from proxx.core.jobs import ClipProgress, FailurePolicy, JobState, SubmissionOptions
from proxx.core.violation import Violation, ViolationCode
from proxx.rpc.errors import RefusedCallError, SchedulerUnreachableError
from tests.fakes.media_facts import FACTS
from tests.unit.cli import samples
from tests.unit.cli.fake_scheduler import FakeRun, FakeScheduler, World

PROGRESS = ClipProgress(
    job_key=samples.KEY, clip_index=0, phase="ENCODING", fraction=0.5, frames=12, fps=24.0, speed=1.0, eta_seconds=1.0
)


def finished(state=JobState.COMPLETED, clips=None, **changes):
    """A scheduler whose job runs and ends in `state`."""
    return FakeScheduler(
        updates=[
            samples.job_event("RUNNING"),
            samples.job_event("RUNNING", sequence=3, clip_index=0, before="LEASED"),
            PROGRESS,
            samples.job_event("COMPLETED", sequence=4, clip_index=0, before="PUBLISHING"),
            samples.job_event(state.value, sequence=5),
        ],
        result=samples.result(state, clips=clips),
        **changes,
    )


@pytest.fixture
def jobspec(tmp_path):
    """A sound JobSpec whose output directory exists."""
    (tmp_path / "out").mkdir()
    spec = samples.spec(output_directory=str(tmp_path / "out"))
    del spec["job_id"], spec["created_at"]
    path = tmp_path / "job.json"
    path.write_text(json.dumps(spec))
    return path


def run(world, *arguments, interactive=False):
    return run_cli(["run", *map(str, arguments)], environment=world.environment(interactive=interactive))


def test_the_result_json_stands_alone_on_stdout(jobspec, capsys):
    world = World(scheduler=finished())
    assert run(world, jobspec) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["final_status"], document["job_id"]) == ("COMPLETED", samples.JOB_ID)
    assert document["_metadata"] == {
        "jobspec_path": str(jobspec),
        "result_written_at": samples.NOW.isoformat(),
        "trace_path": None,
    }


def test_each_published_proxy_says_where_it_attaches(jobspec, capsys):
    clips = (samples.clip(0, source_facts=FACTS, output_facts=FACTS), samples.failed_clip(1))
    run(World(scheduler=finished(JobState.PARTIAL, clips=clips)), jobspec, "--no-result-files")
    lines = [line for line in capsys.readouterr().err.splitlines() if "relink" in line]
    assert lines == ["clip 0 relink: Resolve yes; Premiere yes; Avid no (container, codec)"]


def test_a_large_job_says_where_its_proxies_attach_in_one_line(jobspec, capsys):
    clips = tuple(samples.clip(index, source_facts=FACTS, output_facts=FACTS) for index in range(41))
    run(World(scheduler=finished(clips=clips)), jobspec, "--no-result-files")
    lines = [line for line in capsys.readouterr().err.splitlines() if "relink" in line]
    assert lines == ["relink: Resolve 41 yes; Premiere 41 yes; Avid 41 no"]


def test_progress_goes_to_stderr_as_one_line_for_each_change(jobspec, capsys):
    run(World(scheduler=finished()), jobspec, "--no-result-files")
    assert capsys.readouterr().err.splitlines() == [
        "job 1a2b3c4d PENDING (2 clips)",
        "job 1a2b3c4d RUNNING (2 clips)",
        "clip 1/2 RUNNING A001.mov",
        "clip 1/2 COMPLETED A001.mov",
        "job 1a2b3c4d COMPLETED (2 clips)",
        "CLIP  STATUS     TIME   SIZE      OUTPUT",
        "0     COMPLETED  5.0 s  11.8 MiB  /proxies/A001_proxy.mov",
        "1     COMPLETED  5.0 s  11.8 MiB  /proxies/A002_proxy.mov",
        "job 1a2b3c4d COMPLETED: 2 of 2 clips published, 12.5 s",
    ]


def test_no_progress_leaves_the_outcome_only(jobspec, capsys):
    run(World(scheduler=finished()), jobspec, "--no-result-files", "--no-progress")
    assert capsys.readouterr().err.splitlines()[0].startswith("CLIP ")


@pytest.mark.parametrize(
    ("state", "clips", "code"),
    [
        pytest.param(JobState.FAILED, (samples.failed_clip(0), samples.skipped_clip(1)), 2, id="failed"),
        pytest.param(JobState.PARTIAL, (samples.clip(0), samples.failed_clip(1)), 3, id="partial"),
        pytest.param(JobState.CANCELLED, (samples.skipped_clip(0, "cancelled"),), 2, id="cancelled, nothing made"),
        pytest.param(JobState.CANCELLED, (samples.clip(0),), 3, id="cancelled, something made"),
        pytest.param(JobState.REJECTED, (), 1, id="rejected"),
        pytest.param(JobState.RECOVERY_REQUIRED, (samples.clip(0),), 4, id="in doubt"),
    ],
)
def test_the_outcome_decides_the_exit_code_and_the_result_is_printed_all_the_same(jobspec, capsys, state, clips, code):
    world = World(scheduler=finished(state, clips))
    assert run(world, jobspec, "--no-result-files") == code
    assert json.loads(capsys.readouterr().out)["final_status"] == state.value


def test_a_failed_clip_is_told_with_its_reason(jobspec, capsys):
    clips = (samples.failed_clip(0), samples.skipped_clip(1))
    run(World(scheduler=finished(JobState.FAILED, clips)), jobspec, "--no-progress", "--no-result-files")
    assert capsys.readouterr().err.splitlines() == [
        "CLIP  STATUS               TIME   SIZE  OUTPUT",
        "0     FAILED               5.0 s  -     /proxies/A001_proxy.mov",
        "1     SKIPPED (fail_fast)  -      -     /proxies/A002_proxy.mov",
        "clip 0 /footage/A001.mov: FFmpeg exited with code 187",
        "job 1a2b3c4d FAILED: 0 of 2 clips published, 1 failed, 1 skipped, 12.5 s",
    ]


def test_only_a_completed_run_lets_go_of_its_directory(jobspec):
    completed, failed = (
        World(scheduler=finished()),
        World(scheduler=finished(JobState.FAILED, (samples.failed_clip(0),))),
    )
    run(completed, jobspec, "--no-result-files")
    run(failed, jobspec, "--no-result-files")
    assert (completed.run.discarded, failed.run.discarded) == (True, False)
    assert failed.run.kept == {"job_key": samples.KEY, "jobspec_path": str(jobspec)}


def test_a_kept_run_names_its_logs_in_the_result(jobspec, capsys):
    run(World(scheduler=finished(JobState.FAILED, (samples.failed_clip(0),))), jobspec, "--no-result-files")
    assert json.loads(capsys.readouterr().out)["_metadata"]["trace_path"] == FakeRun().log_directory


def test_a_run_in_doubt_says_how_to_go_on(jobspec, capsys):
    run(World(scheduler=finished(JobState.RECOVERY_REQUIRED)), jobspec)
    assert capsys.readouterr().err.splitlines()[-1] == (
        "the run is kept; go on with: proxx run --resume 20261120T090000Z-00000001"
    )


def test_result_and_canonical_jobspec_are_written_beside_the_proxies(jobspec, tmp_path, capsys):
    scheduler = finished()
    scheduler.result = replace(scheduler.result, spec=samples.spec(output_directory=str(tmp_path / "out")))
    assert run(World(scheduler=scheduler), jobspec) == 0
    written = {path.name: json.loads(path.read_text()) for path in (tmp_path / "out").iterdir()}
    assert written == {
        "proxx_job_1a2b3c4d_20261120T090100Z.result.json": json.loads(capsys.readouterr().out),
        "proxx_job_1a2b3c4d_20261120T090100Z.jobspec.json": samples.spec(output_directory=str(tmp_path / "out")),
    }


def test_a_result_file_that_cannot_be_written_is_said_and_changes_nothing_else(jobspec, capsys):
    scheduler = finished()
    scheduler.result = replace(scheduler.result, spec=samples.spec(output_directory="/nonexistent/out"))
    assert run(World(scheduler=scheduler), jobspec) == 0
    assert "result files were not written" in capsys.readouterr().err


def test_a_rejected_job_leaves_no_result_files(jobspec, tmp_path):
    scheduler = finished(JobState.REJECTED, ())
    scheduler.result = replace(scheduler.result, spec=samples.spec(output_directory=str(tmp_path / "out")))
    run(World(scheduler=scheduler), jobspec)
    assert list((tmp_path / "out").iterdir()) == []


def test_submission_flags_become_submission_options(jobspec):
    world = World(scheduler=finished())
    flags = ["--failure-policy", "continue", "--max-parallel-clips", "3", "--priority", "-5", "--queue", "dailies"]
    run(world, jobspec, "--request-id", "mine", "--create-output-directory", "--no-result-files", *flags)
    assert world.scheduler.called("submit_job") == [
        {
            "request_id": "mine",
            "spec_json": jobspec.read_text(),
            "options": SubmissionOptions(
                failure_policy=FailurePolicy.CONTINUE,
                max_parallel_clips=3,
                priority=-5,
                queue="dailies",
                create_output_directory=True,
            ),
        }
    ]


def test_without_a_request_id_a_fresh_one_is_used(jobspec):
    world = World(scheduler=finished())
    run(world, jobspec, "--no-result-files")
    assert [call["request_id"] for call in world.scheduler.called("submit_job")] == ["request-1"]


def test_the_slots_of_the_embedded_executor_can_be_chosen(jobspec):
    world = World(scheduler=finished())
    run(world, jobspec, "--slots", "3", "--no-result-files")
    assert [(target.server, target.slots) for target in world.targets] == [(None, 3)]


def test_a_server_is_used_when_it_is_named(jobspec):
    world = World(scheduler=finished())
    assert run(world, jobspec, "--server", "mam.example:7600", "--no-result-files") == 0
    assert [target.server for target in world.targets] == ["mam.example:7600"]


def test_a_broken_jobspec_is_refused_before_anything_starts(jobspec, capsys):
    jobspec.write_text(jobspec.read_text().replace('"mov"', '"mxf"'))
    world = World()
    assert run(world, jobspec) == 1
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert (world.targets, document["final_status"], document["job_id"]) == ([], "REJECTED", None)
    assert [item["code"] for item in document["violations"]] == ["CODEC_CONTAINER", "PROFILE_MISMATCH"]
    assert err.splitlines()[-1] == "refused: no job was made"


def test_a_jobspec_that_only_the_server_refuses_ends_the_same_way(jobspec, capsys):
    violation = Violation(code=ViolationCode.PROFILE_UNKNOWN, field="proxy_profile", message="Unknown profile x")
    refusal = RefusedCallError(reason="SPEC_INVALID", message="refused", violations=(violation,))
    world = World(scheduler=FakeScheduler(refusal=refusal))
    assert run(world, jobspec, "--server", "mam:1") == 1
    out, err = capsys.readouterr()
    assert [item["code"] for item in json.loads(out)["violations"]] == ["PROFILE_UNKNOWN"]
    assert err.splitlines() == ["proxy_profile: Unknown profile x", "refused: no job was made"]


def test_a_missing_jobspec_file_is_a_system_error_without_a_result(tmp_path, capsys):
    assert run(World(), tmp_path / "none.json") == 4
    assert capsys.readouterr() == ("", f"JobSpec file {tmp_path}/none.json: No such file or directory\n")


def test_a_lost_service_is_a_system_error(jobspec, capsys):
    world = World(scheduler=FakeScheduler(refusal=SchedulerUnreachableError("mam:1: UNAVAILABLE: gone")))
    assert run(world, jobspec, "--server", "mam:1") == 4
    assert capsys.readouterr() == ("", "no scheduler answers: mam:1: UNAVAILABLE: gone\n")


def test_a_stream_that_ends_before_the_job_is_a_system_error(jobspec, capsys):
    assert run(World(scheduler=FakeScheduler()), jobspec) == 4
    assert "before the job was over" in capsys.readouterr().err


def test_camera_raw_without_resolve_is_said_and_cancelled_before_a_clip_starts(jobspec, capsys):
    scheduler = finished(JobState.CANCELLED, (samples.skipped_clip(0, "cancelled"),))
    scheduler.clips = (samples.clip_view(0, engine=Engine.RESOLVE),)
    scheduler.executors = (samples.executor(Engine.FFMPEG),)
    assert run(World(scheduler=scheduler), jobspec, "--no-result-files") == 4
    assert scheduler.called("cancel_job") == [True]
    assert capsys.readouterr().err.splitlines()[-1] == (
        "1 of 1 clips need DaVinci Resolve, the first is /footage/A001.mov; no Resolve executor is connected"
    )


def test_camera_raw_on_a_server_waits_for_resolve_and_says_so(jobspec, capsys):
    scheduler = finished()
    scheduler.clips = (samples.clip_view(0, engine=Engine.RESOLVE),)
    assert run(World(scheduler=scheduler), jobspec, "--server", "mam:1", "--no-result-files") == 0
    assert scheduler.called("cancel_job") == []
    assert "no Resolve executor is connected: the job waits for one" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "code"),
    [pytest.param(signal.SIGINT, 130, id="Ctrl-C"), pytest.param(signal.SIGTERM, 143, id="SIGTERM")],
)
def test_a_signal_cancels_the_job_and_waits_for_its_clean_end(jobspec, capsys, number, code):
    scheduler = finished(JobState.CANCELLED, (samples.skipped_clip(0, "cancelled"),))
    scheduler.hold_until_cancelled = True
    scheduler.on_watch = lambda: os.kill(os.getpid(), number)
    assert run(World(scheduler=scheduler), jobspec, "--no-result-files") == code
    assert scheduler.called("cancel_job") == [True]
    assert json.loads(capsys.readouterr().out)["final_status"] == "CANCELLED"


def test_a_second_signal_leaves_at_once_and_says_how_to_go_on(jobspec, capsys):
    scheduler = finished(JobState.CANCELLED)
    scheduler.hold_until_cancelled = True
    scheduler.on_watch = lambda: os.kill(os.getpid(), signal.SIGINT)
    scheduler.on_cancel = lambda: os.kill(os.getpid(), signal.SIGINT)
    scheduler.release_on_cancel = False
    assert run(World(scheduler=scheduler), jobspec, "--no-result-files") == 130
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1] == (
        "left job 1a2b3c4d before its end; go on with: proxx run --resume 20261120T090000Z-00000001"
    )


def test_resuming_gives_the_operators_word_once_and_follows_to_the_end(capsys):
    scheduler = finished(job=samples.job(JobState.RECOVERY_REQUIRED, counts=samples.counts(completed=1)))
    world = World(scheduler=scheduler, run=FakeRun(kept={"job_key": samples.KEY, "jobspec_path": "/jobs/job.json"}))
    assert run(world, "--resume", "20261120T090000Z-00000001", "--no-result-files") == 0
    out, err = capsys.readouterr()
    assert [target.resume for target in world.targets] == ["20261120T090000Z-00000001"]
    assert len(scheduler.called("resume_job")) == 1
    assert "resuming job 1a2b3c4d: 1 of 2 clips are not published yet" in err.splitlines()
    assert json.loads(out)["_metadata"]["jobspec_path"] == "/jobs/job.json"
    assert world.run.discarded


def test_resuming_waits_while_it_is_not_certain_which_work_was_lost(capsys):
    scheduler = FakeScheduler(
        job=samples.job(JobState.RUNNING),
        updates=[samples.job_event("RECOVERY_REQUIRED", sequence=3), samples.job_event("COMPLETED", sequence=4)],
    )
    assert run(World(scheduler=scheduler), "--resume", "20261120T090000Z-00000001", "--no-result-files") == 0
    assert len(scheduler.called("resume_job")) == 1
    assert "waiting until it is certain" in capsys.readouterr().err


def test_resuming_a_finished_run_shows_its_result_again(capsys):
    scheduler = FakeScheduler(
        job=samples.job(JobState.FAILED), result=samples.result(JobState.FAILED, (samples.failed_clip(0),))
    )
    assert run(World(scheduler=scheduler), "--resume", "20261120T090000Z-00000001", "--no-result-files") == 2
    out, err = capsys.readouterr()
    assert "ended already: FAILED" in err
    assert json.loads(out)["final_status"] == "FAILED"


def test_resume_is_for_this_machine_only(capsys):
    assert run(World(), "--resume", "x", "--server", "mam:1") == 64
    assert "proxx jobs resume" in capsys.readouterr().err


def test_a_hostile_file_name_reaches_neither_terminal_nor_json_unescaped(jobspec, capsys):
    evil = "/footage/\x1b]0;owned\x07\u202e.mov"
    scheduler = finished(clips=(samples.clip(0, source_path=evil, resolved_output_path=evil),))
    run(World(scheduler=scheduler), jobspec, "--no-result-files")
    out, err = capsys.readouterr()
    assert not {"\x1b", "\x07", "\u202e"} & set(out + err)
    assert json.loads(out)["clips"][0]["source_path"] == evil
