"""`proxx jobs` and `proxx submit` against a fake server."""

import io
import json
from dataclasses import replace

import pytest

from proxx.cli.main import run_cli
from proxx.core.jobs import Heartbeat, JobState
from proxx.core.waiting import WaitingCode, WaitingReason
from proxx.rpc.errors import RefusedCallError
from proxx.runtime.profile_files import builtin_library
from tests.unit.cli import samples
from tests.unit.cli.fake_scheduler import FakeScheduler, World


def proxx(world, *arguments, interactive=False):
    return run_cli([*map(str, arguments)], environment=world.environment(interactive=interactive))


@pytest.fixture
def jobspec(tmp_path):
    """Any text: the server judges it."""
    path = tmp_path / "job.json"
    path.write_text("{}")
    return path


def test_list_shows_a_table(capsys):
    assert proxx(World(), "jobs", "list") == 0
    assert capsys.readouterr().out.splitlines() == [
        "JOB       STATE    CLIPS  SUBMITTED                  KEY                                   REASON",
        f"1a2b3c4d  PENDING  0/2    2026-11-20T09:00:00+00:00  {samples.KEY}",
    ]


def test_list_as_json_is_one_object(capsys):
    assert proxx(World(), "jobs", "list", "--json", "--state", "PENDING") == 0
    assert [job["job_key"] for job in json.loads(capsys.readouterr().out)["jobs"]] == [samples.KEY]


def test_the_default_server_is_the_one_that_up_starts(capsys):
    world = World()
    proxx(world, "jobs", "list")
    assert [target.server for target in world.targets] == ["127.0.0.1:7600"]


def test_the_environment_names_the_server(capsys, monkeypatch):
    monkeypatch.setenv("PROXX_SERVER", "mam.example:7600")
    world = World()
    proxx(world, "jobs", "list")
    assert [target.server for target in world.targets] == ["mam.example:7600"]


def test_get_takes_the_eight_character_id(capsys):
    assert proxx(World(), "jobs", "get", "1a2b3c4d", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["job"]["job_key"], len(document["clips"])) == (samples.KEY, 2)


def test_get_shows_the_clips_for_people(capsys):
    proxx(World(), "jobs", "get", samples.KEY)
    assert capsys.readouterr().out.splitlines()[-1] == "1     QUEUED  -         /proxies/A002_proxy.mov"


WAITS = WaitingReason(code=WaitingCode.NO_ROOT, detail='no healthy ffmpeg executor mounts root "nas"')


def test_get_says_why_job_and_clips_wait(capsys):
    clip = replace(samples.clip_view(0), waiting_reason=WAITS)
    job = samples.job(waiting_reason=WAITS)
    proxx(World(scheduler=FakeScheduler(job=job, clips=(clip,))), "jobs", "get", samples.KEY)
    out = capsys.readouterr().out.splitlines()
    assert 'waits     no healthy ffmpeg executor mounts root "nas"' in out
    assert out[-1].endswith('  waits: no healthy ffmpeg executor mounts root "nas"')


def test_watch_says_why_a_job_waits_once_for_each_reason(capsys):
    updates = [Heartbeat(sequence=1), Heartbeat(sequence=1), samples.job_event("COMPLETED")]
    scheduler = FakeScheduler(job=samples.job(waiting_reason=WAITS), updates=updates)
    assert proxx(World(scheduler=scheduler), "jobs", "watch", samples.KEY) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "waits" in line]
    assert lines == [f'job {samples.KEY} waits: no healthy ffmpeg executor mounts root "nas"']


def test_watch_as_json_names_the_reason(capsys):
    scheduler = FakeScheduler(job=samples.job(waiting_reason=WAITS), updates=[samples.job_event("COMPLETED")])
    proxx(World(scheduler=scheduler), "jobs", "watch", samples.KEY, "--json")
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line for line in found if line["update"] == "waiting"] == [
        {"update": "waiting", "job_key": samples.KEY, "code": "NO_ROOT", "detail": WAITS.detail}
    ]


def test_an_id_that_no_job_has_is_refused(capsys):
    assert proxx(World(), "jobs", "get", "ffffffff") == 1
    assert capsys.readouterr() == ("", "no job has the id ffffffff\n")


def test_a_key_that_no_job_has_is_refused(capsys):
    refusal = RefusedCallError(reason="JOB_NOT_FOUND", message="no job has the key x")
    assert proxx(World(scheduler=FakeScheduler(refusal=refusal)), "jobs", "get", "x") == 1
    assert capsys.readouterr() == ("", "refused: no job has the key x (JOB_NOT_FOUND)\n")


@pytest.mark.parametrize(
    ("result", "code"),
    [
        pytest.param(samples.result(), 0, id="completed"),
        pytest.param(samples.result(JobState.PARTIAL), 3, id="partial"),
        pytest.param(samples.result(JobState.RUNNING), 4, id="not finished"),
    ],
)
def test_result_prints_the_result_json_and_ends_as_the_job_did(capsys, result, code):
    assert proxx(World(scheduler=FakeScheduler(result=result)), "jobs", "result", samples.KEY) == code
    assert json.loads(capsys.readouterr().out)["final_status"] == result.final_status.value


def test_watch_prints_events_until_the_job_is_over(capsys):
    updates = [Heartbeat(sequence=1), samples.job_event("RUNNING", before="PENDING"), samples.job_event("COMPLETED")]
    assert proxx(World(scheduler=FakeScheduler(updates=updates)), "jobs", "watch", samples.KEY) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"job {samples.KEY} 1a2b3c4d PENDING",
        f"2026-11-20T09:00:00.000+00:00 job {samples.KEY} STATE_CHANGED PENDING -> RUNNING (scheduler)",
        f"2026-11-20T09:00:00.000+00:00 job {samples.KEY} STATE_CHANGED - -> COMPLETED (scheduler)",
    ]


def test_watch_as_json_names_the_kind_of_every_line(capsys):
    updates = [samples.job_event("COMPLETED")]
    proxx(World(scheduler=FakeScheduler(updates=updates)), "jobs", "watch", samples.KEY, "--json")
    assert [json.loads(line)["update"] for line in capsys.readouterr().out.splitlines()] == ["snapshot", "event"]


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        pytest.param("start", JobState.RUNNING, id="start"),
        pytest.param("pause", JobState.PAUSED, id="pause"),
        pytest.param("resume", JobState.RUNNING, id="resume"),
        pytest.param("retry", JobState.PENDING, id="retry"),
    ],
)
def test_a_verb_says_what_it_will_do_and_shows_the_job_after_it(capsys, verb, state):
    assert proxx(World(), "jobs", verb, "1a2b3c4d") == 0
    out, err = capsys.readouterr()
    assert out == f"{samples.KEY} 1a2b3c4d {state}\n"
    assert err.splitlines() == [
        f"{verb} job 1a2b3c4d ({samples.KEY}): RUNNING -> CANCELLING",
        "  1 clip goes on to its end: 0",
        "  1 clip is skipped: 1",
        "  note: clip 0 finishes and is published first; CANCEL_NOW stops it too",
    ]


def test_a_verb_that_the_state_does_not_allow_is_refused(capsys):
    refusal = RefusedCallError(reason="TRANSITION_NOT_ALLOWED", message="a COMPLETED job cannot be paused")
    assert proxx(World(scheduler=FakeScheduler(refusal=refusal)), "jobs", "pause", samples.KEY) == 1
    assert "a COMPLETED job cannot be paused" in capsys.readouterr().err


def test_cancel_with_yes_asks_nobody(capsys):
    world = World()
    assert proxx(world, "jobs", "cancel", samples.KEY, "--yes", "--now") == 0
    assert world.scheduler.called("cancel_job") == [True]


def test_cancel_without_a_person_needs_yes(capsys):
    world = World()
    assert proxx(world, "jobs", "cancel", samples.KEY) == 64
    assert (world.scheduler.calls, "--yes" in capsys.readouterr().err) == ([], True)


@pytest.mark.parametrize(
    ("answer", "code", "calls"),
    [
        pytest.param("yes\n", 0, [False], id="yes"),
        pytest.param("y\n", 1, [], id="y is not enough"),
        pytest.param("\n", 1, [], id="no is the default"),
    ],
)
def test_cancel_asks_the_person(capsys, monkeypatch, answer, code, calls):
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    world = World()
    assert proxx(world, "jobs", "cancel", samples.KEY, interactive=True) == code
    assert world.scheduler.called("cancel_job") == calls


def test_a_job_that_moves_on_while_its_operator_thinks_is_planned_and_asked_about_again(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\nyes\n"))
    world = World(scheduler=FakeScheduler(mismatches=1))
    assert proxx(world, "jobs", "cancel", samples.KEY, interactive=True) == 0
    assert [name for name, _ in world.scheduler.calls if name != "get_job"] == ["plan_verb", "plan_verb", "cancel_job"]
    assert "the job has moved on; nothing was changed yet" in capsys.readouterr().err


def test_plan_only_says_what_would_happen(capsys):
    world = World()
    assert proxx(world, "jobs", "cancel", samples.KEY, "--now", "--plan", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["plan"]["verb"], document["job"], world.scheduler.called("cancel_job")) == ("CANCEL_NOW", None, [])


def test_a_verb_as_json_holds_its_plan_and_the_job_after_it(capsys):
    assert proxx(World(), "jobs", "pause", samples.KEY, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["plan"]["revision"], document["job"]["state"]) == (7, "PAUSED")


@pytest.mark.parametrize(
    ("words", "place"),
    [
        pytest.param(("priority", "KEY", "10"), (10, None), id="priority"),
        pytest.param(("priority", "KEY", "--", "-5"), (-5, None), id="negative priority"),
        pytest.param(("queue", "KEY", "night"), (None, "night"), id="queue"),
    ],
)
def test_a_job_changes_its_place_in_the_queue(words, place):
    world = World()
    assert proxx(world, "jobs", *(samples.KEY if word == "KEY" else word for word in words)) == 0
    assert world.scheduler.called("update_job_scheduling") == [place]


def test_a_priority_out_of_range_is_a_usage_error():
    assert proxx(World(), "jobs", "priority", samples.KEY, "101") == 64


def test_rebind_compiles_the_preset_for_the_sources_and_the_time_of_the_job(capsys):
    world = World(scheduler=FakeScheduler(profiles=builtin_library().profiles))
    words = ("jobs", "rebind", samples.KEY, "--preset", "dailies_review_h264", "--output", "/vol")
    assert proxx(world, *words) == 64
    assert proxx(world, *words, "--yes") == 0
    (detail,) = world.scheduler.called("rebind_preset")
    spec = json.loads(detail["spec_json"])
    assert (spec["sources"], spec["output_directory"], spec["proxy_profile"]) == (
        samples.spec()["sources"],
        "/vol/20261120",
        "dailies_h264",
    )
    assert (detail["options"].hold, detail["options"].labels["proxx.preset"]) == (True, "dailies_review_h264")


def test_the_result_of_an_earlier_run_is_asked_for_by_its_number():
    world = World()
    proxx(world, "jobs", "result", samples.KEY, "--run", "2")
    assert world.scheduler.called("get_job_result") == [(samples.KEY, 2)]


def test_a_revision_of_the_spec_is_printed_as_json(capsys):
    world = World()
    assert proxx(world, "jobs", "spec", samples.KEY, "--revision", "1") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["newest"], document["revision"]["spec"]) == (1, samples.spec())


def test_submit_prints_the_job(jobspec, capsys):
    assert proxx(World(), "submit", jobspec, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["created"], document["job"]["job_key"]) == (True, samples.KEY)


def test_submit_with_a_known_request_id_says_that_it_is_the_same_job(jobspec, capsys):
    proxx(World(scheduler=FakeScheduler(created=False)), "submit", jobspec, "--request-id", "r")
    assert capsys.readouterr().out == f"{samples.KEY} 1a2b3c4d PENDING (submitted before)\n"


def test_submit_with_hold_asks_for_it(jobspec, capsys):
    world = World()
    proxx(world, "submit", jobspec, "--hold")
    assert [call["options"].hold for call in world.scheduler.called("submit_job")] == [True]


def test_submit_says_how_often_a_lost_clip_is_made_again_by_itself(jobspec):
    world = World()
    proxx(world, "submit", jobspec, "--requeue-lost", "3")
    proxx(world, "submit", jobspec)
    options = [call["options"] for call in world.scheduler.called("submit_job")]
    assert [(found.on_executor_lost, found.requeue_limit) for found in options] == [("REQUEUE", 3), ("HOLD", 0)]


def test_submit_with_wait_ends_as_run_does_but_writes_no_files(jobspec, capsys):
    scheduler = FakeScheduler(
        updates=[samples.job_event("FAILED")], result=samples.result(JobState.FAILED, (samples.failed_clip(0),))
    )
    assert proxx(World(scheduler=scheduler), "submit", jobspec, "--wait") == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["final_status"] == "FAILED"
    assert "result files" not in err
