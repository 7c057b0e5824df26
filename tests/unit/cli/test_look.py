"""The commands that look and change nothing: validate, plan, probe, profiles, upgrade."""

import json
from dataclasses import replace

import pytest

from proxx.cli.main import run_cli
from proxx.core.detection import Detection, DetectionReason, Engine
from proxx.core.jobs import ProbedPath
from proxx.core.violation import Violation, ViolationCode
from proxx.rpc.errors import RefusedCallError
from tests.fakes.media_facts import FACTS
from tests.unit.cli import samples
from tests.unit.cli.fake_scheduler import FakeScheduler, World

MISSING = Violation(code=ViolationCode.SOURCE_MISSING, field="sources[1]", message="/footage/A002.mov does not exist")


@pytest.fixture
def jobspec(tmp_path):
    """A sound JobSpec; its paths do not exist."""
    path = tmp_path / "job.json"
    spec = {name: value for name, value in samples.spec().items() if name not in ("job_id", "created_at")}
    path.write_text(json.dumps(spec))
    return path


def proxx(world, *arguments):
    return run_cli([*map(str, arguments)], environment=world.environment())


def test_validate_accepts_a_sound_jobspec_without_any_scheduler(jobspec, capsys):
    world = World()
    assert proxx(world, "validate", jobspec) == 0
    assert (capsys.readouterr().out, world.targets) == (f"{jobspec}: valid\n", [])


def test_validate_lists_every_violation_at_once(jobspec, capsys):
    broken = json.loads(jobspec.read_text()) | {"container": "mxf", "naming_template": "{nonsense}", "frames": 1}
    jobspec.write_text(json.dumps(broken))
    assert proxx(World(), "validate", jobspec, "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["valid"], document["jobspec_path"]) == (False, str(jobspec))
    assert {"FIELD_UNKNOWN", "CODEC_CONTAINER", "NAMING_TOKEN"} <= {item["code"] for item in document["violations"]}


def test_validate_reads_stdin_for_a_dash(jobspec, capsys, monkeypatch, tmp_path):
    with jobspec.open() as file:
        monkeypatch.setattr("sys.stdin", file)
        assert proxx(World(), "validate", "-") == 0
    assert capsys.readouterr().out == "stdin: valid\n"


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        pytest.param(None, 4, "No such file or directory", id="no file"),
        pytest.param(b"\xff\xfe", 1, "not UTF-8 at byte 0", id="not UTF-8"),
        pytest.param(b"{", 1, "JSON", id="not JSON"),
        pytest.param(b"[]", 1, "object", id="no object"),
    ],
)
def test_validate_tells_a_file_problem_from_a_text_problem(tmp_path, capsys, content, code, said):
    path = tmp_path / "job.json"
    if content is not None:
        path.write_bytes(content)
    assert proxx(World(), "validate", path) == code
    assert said in capsys.readouterr().err


def test_validate_with_check_paths_asks_an_embedded_scheduler(jobspec, capsys):
    plan = samples.plan(admissible=False)
    world = World(scheduler=FakeScheduler(plan=replace(plan, violations=(MISSING,))))
    assert proxx(world, "validate", jobspec, "--check-paths") == 1
    assert [target.server for target in world.targets] == [None]
    assert capsys.readouterr().err.splitlines() == [
        "sources[1]: /footage/A002.mov does not exist",
        f"{jobspec}: invalid, 1 violation",
    ]


def test_validate_with_a_server_takes_the_servers_word(jobspec, capsys):
    refusal = RefusedCallError(reason="SPEC_INVALID", message="refused", violations=(MISSING,))
    assert proxx(World(scheduler=FakeScheduler(refusal=refusal)), "validate", jobspec, "--server", "mam:1") == 1
    assert "sources[1]" in capsys.readouterr().err


def test_validate_and_plan_say_what_only_resolve_could_tell_and_hold_no_job_against_it(jobspec, capsys):
    open_question = "1 camera RAW clip is not planned"
    world = World(scheduler=FakeScheduler(plan=replace(samples.plan(), warnings=(open_question,))))
    assert proxx(world, "validate", jobspec, "--check-paths", "--json") == 0
    out, err = capsys.readouterr()
    assert (json.loads(out)["warnings"], err) == ([open_question], f"warning: {open_question}\n")
    assert proxx(world, "plan", jobspec) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [f"warning: {open_question}", "admissible: yes"]
    assert [target.without_engine for target in world.targets] == ["hold", "hold"]


def test_validate_without_an_executor_is_a_system_error(jobspec, capsys):
    refusal = RefusedCallError(reason="NO_EXECUTOR", message="no executor can probe")
    assert proxx(World(scheduler=FakeScheduler(refusal=refusal)), "validate", jobspec, "--check-paths") == 4
    assert capsys.readouterr().err == "refused: no executor can probe (NO_EXECUTOR)\n"


def test_plan_shows_route_paths_and_the_exact_command(jobspec, capsys):
    assert proxx(World(), "plan", jobspec) == 0
    assert capsys.readouterr().out.splitlines() == [
        "clip 0  /footage/A001.mov",
        "  engine   ffmpeg (STANDARD_CODEC: h264 in mov is in the matrix)",
        "  output   /proxies/A001_proxy.mov",
        "  command  ffmpeg -i '/footage/A 001.mov' /proxies/A001_proxy.mov",
        "admissible: yes",
    ]


def test_plan_of_a_job_that_would_be_refused_gives_every_reason_and_1(jobspec, capsys):
    plan = samples.plan(admissible=False)
    world = World(scheduler=FakeScheduler(plan=replace(plan, violations=(MISSING,))))
    assert proxx(world, "plan", jobspec, "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["admissible"], document["violations"][0]["code"]) == (False, "SOURCE_MISSING")
    assert document["clips"][0]["command"] == ["ffmpeg", "-i", "/footage/A 001.mov", "/proxies/A001_proxy.mov"]


def test_plan_of_a_broken_jobspec_needs_no_scheduler(jobspec, capsys):
    jobspec.write_text("{}")
    world = World()
    assert proxx(world, "plan", jobspec) == 1
    assert world.targets == []
    assert "blocked: jobspec_version" in capsys.readouterr().out


def _probed(engine, reason, violations=()):
    found = Detection(
        engine=engine, reason=reason, container="mov", codec="h264", sample_entry="avc1", detail="what was seen"
    )
    return ProbedPath(path="", detection=found, facts=None, violations=violations)


def test_probe_prints_one_object_a_line_in_the_order_given(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = (
        _probed(Engine.FFMPEG, DetectionReason.STANDARD_CODEC),
        _probed(Engine.RESOLVE, DetectionReason.CAMERA_RAW),
    )
    world = World(scheduler=FakeScheduler(probed=found))
    assert proxx(world, "probe", "--json", "a.mov", "/raw/b.braw") == 0
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(item["path"], item["engine"], item["reason"], item["detail"]) for item in documents] == [
        (str(tmp_path / "a.mov"), "ffmpeg", "STANDARD_CODEC", "what was seen"),
        ("/raw/b.braw", "resolve", "CAMERA_RAW", "what was seen"),
    ]
    assert all("facts" in item for item in documents)
    assert [(item["metadata"]["flags"]["supported"], item["metadata"]["flags"]["engine"]) for item in documents] == [
        (True, "ffmpeg"),
        (True, "resolve"),
    ]


def test_probe_says_which_files_a_clip_is_made_of(capsys):
    said = "2 files, A001_001.R3D to A001_002.R3D"
    found = replace(_probed(Engine.RESOLVE, DetectionReason.CAMERA_RAW), source_files=said)
    world = World(scheduler=FakeScheduler(probed=(found,)))
    assert proxx(world, "probe", "/raw/A001.RDC") == 0
    assert capsys.readouterr().out.splitlines()[1] == f"  files: {said}"
    assert proxx(world, "probe", "--json", "/raw/A001.RDC") == 0
    assert json.loads(capsys.readouterr().out)["source_files"] == said


def test_probe_with_report_shows_each_file_in_full(capsys):
    measured = replace(_probed(Engine.FFMPEG, DetectionReason.STANDARD_CODEC), facts=FACTS)
    refused = _probed(None, DetectionReason.NO_VIDEO)
    world = World(scheduler=FakeScheduler(probed=(measured, refused)))
    assert proxx(world, "probe", "--report", "/footage/a\x1b.mov", "/footage/b.mov") == 1
    assert capsys.readouterr().out.splitlines() == [
        "/footage/a\\x1b.mov",
        "  supported yes, by ffmpeg",
        "  codec     h264 High in mov, long GOP",
        "  picture   1920x1080, shown 16:9, 8-bit 4:2:0, progressive",
        "  length    0:00:04.000, 100 frames, 25 fps",
        "  timecode  10:00:00:00 non-drop; reel A001",
        "  audio     1 track of 2 channels, 48000 Hz",
        "  editing   better with a proxy: long GOP: frames depend on others and decode slowly",
        "  advice    make a proxy, proxy_prores_proxy or proxy_dnxhr_lb at resolution same: "
        "every frame of these stands alone, so that they play and scrub smoothly",
        "",
        "/footage/b.mov",
        "  supported no: what was seen",
        "  codec     h264 in mov",
        "  advice    leave out",
        "",
    ]


@pytest.mark.parametrize(
    ("found", "reason", "detail"),
    [
        pytest.param(_probed(None, DetectionReason.NO_VIDEO), "NO_VIDEO", "what was seen", id="no engine"),
        pytest.param(
            ProbedPath(path="", detection=None, facts=None, violations=(MISSING,)),
            "SOURCE_MISSING",
            "/footage/A002.mov does not exist",
            id="not there",
        ),
    ],
)
def test_probe_of_a_file_without_an_engine_gives_the_reason_and_1(capsys, found, reason, detail):
    assert proxx(World(scheduler=FakeScheduler(probed=(found,))), "probe", "--json", "/a") == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["engine"], document["reason"], document["detail"]) == (None, reason, detail)


def test_probe_tells_where_a_file_routes_even_when_a_job_would_refuse_it(capsys):
    found = _probed(Engine.FFMPEG, DetectionReason.STANDARD_CODEC, (MISSING,))
    world = World(scheduler=FakeScheduler(probed=(found,)))
    assert proxx(world, "probe", "--json", "/a") == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["engine"], document["reason"]) == ("ffmpeg", "STANDARD_CODEC")
    assert [violation["code"] for violation in document["violations"]] == ["SOURCE_MISSING"]


def test_probe_asks_in_batches_that_a_call_may_carry(capsys):
    world = World(scheduler=FakeScheduler())
    world.scheduler.probed = (_probed(Engine.FFMPEG, DetectionReason.STANDARD_CODEC),) * 1000
    assert proxx(world, "probe", *[f"/f/{number}" for number in range(2000)]) == 0
    assert [len(paths) for paths in world.scheduler.called("probe_source")] == [1000, 1000]


def test_profiles_are_listed_offline_with_what_mam_systems_need(capsys):
    world = World()
    assert proxx(world, "profiles", "list", "--json") == 0
    profiles = {item["name"]: item for item in json.loads(capsys.readouterr().out)["profiles"]}
    assert world.targets == []
    found = profiles["proxy_prores_proxy"]
    assert (found["engine"], found["codec"], found["container"], found["containers"]) == (
        "ffmpeg",
        "prores_proxy",
        ["mov"],
        ["mov"],
    )
    assert {"version", "digest", "resolution", "resolutions", "description"} <= set(found)


def test_an_unknown_profile_is_a_validation_error_that_names_those_there_are(capsys):
    assert proxx(World(), "profiles", "show", "nope") == 1
    assert "proxy_prores_proxy" in capsys.readouterr().err


def test_a_damaged_profile_directory_is_a_system_error(tmp_path, capsys):
    (tmp_path / "broken.toml").write_text("nonsense = ")
    assert proxx(World(), "profiles", "list", "--profiles", tmp_path) == 4
    assert "broken.toml" in capsys.readouterr().err


def test_upgrade_prints_the_current_form_and_leaves_the_file_alone(tmp_path, capsys):
    old = {
        "jobspec_version": "1.0.0",
        "created_at": "2025-12-29T10:00:00Z",
        "sources": ["/path/to/source1.mov", "/path/to/source2.mov"],
        "output_dir": "/path/to/outputs",
        "output_name_template": "{source_name}_proxy",
        "codec": "h264",
        "container": "mp4",
        "fps_mode": "preserve_source",
        "proxy_profile": "offline_h264_1920x1080",
        "user_metadata": {"project": "Example Project"},
    }
    path = tmp_path / "old.json"
    path.write_text(json.dumps(old))
    assert proxx(World(), "upgrade", path) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["jobspec_version"], document["resolution"], document["output_directory"]) == (
        "2.1",
        "1920x1080",
        "/path/to/outputs",
    )
    assert json.loads(path.read_text()) == old


def test_upgrade_of_a_broken_spec_lists_its_violations(tmp_path, capsys):
    path = tmp_path / "old.json"
    path.write_text("{}")
    assert proxx(World(), "upgrade", path) == 1
    assert capsys.readouterr().out == ""
