"""Presets on the command line: listing, showing, checking, and running sources by one."""

import json
from pathlib import Path

import pytest

from proxx.cli.main import run_cli
from proxx.core.jobs import FailurePolicy, JobState
from proxx.runtime.profile_files import builtin_library
from tests.fakes.presets import category_text, preset_files
from tests.unit.cli import samples
from tests.unit.cli.fake_scheduler import FakeScheduler, World


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A directory with two clips, a sidecar and a hidden file; the output directory exists beside it."""
    (tmp_path / "out").mkdir()
    card = tmp_path / "card"
    card.mkdir()
    for name in ("A001.mov", "A002.mov", "A001.THM", "._A001.mov"):
        (card / name).write_bytes(b"x" * 10)
    return card


def site(tmp_path: Path, **fields: str) -> Path:
    directory = tmp_path / "site"
    directory.mkdir()
    for name, text in preset_files(**fields).items():
        (directory / name).write_text(text)
    return directory


def call(world: World, *words: str | Path) -> int:
    return run_cli([*map(str, words)], environment=world.environment())


def preset_call(card: Path, *words: str | Path, verb: str = "run", preset: str = "web_h264") -> list[str | Path]:
    return [verb, "--preset", preset, "--output", card.parent / "out", *sorted(card.iterdir()), *words]


def finished() -> FakeScheduler:
    return FakeScheduler(updates=[samples.job_event("RUNNING"), samples.job_event("COMPLETED", sequence=3)])


def submitted(world: World) -> tuple[dict[str, object], object]:
    (detail,) = world.scheduler.called("submit_job")
    assert isinstance(detail, dict)
    return json.loads(detail["spec_json"]), detail["options"]


def test_run_makes_a_jobspec_of_the_sources_and_says_what_it_left_out(card, capsys) -> None:
    world = World(scheduler=finished())
    assert call(world, *preset_call(card)) == 0
    spec, options = submitted(world)
    assert spec == {
        "jobspec_version": "2.1",
        "sources": [str(card / "A001.mov"), str(card / "A002.mov")],
        "output_directory": str(card.parent / "out" / "proxies"),
        "codec": "h264",
        "container": "mp4",
        "resolution": "1280x720",
        "fps_mode": "same-as-source",
        "naming_template": "{source_name}_proxy",
        "proxy_profile": "web_h264",
    }
    assert (options.failure_policy, options.create_output_directory) == (FailurePolicy.CONTINUE, True)
    assert options.labels["proxx.preset"] == "web_h264"
    captured = capsys.readouterr()
    assert captured.err.splitlines()[:2] == [
        f"excluded {card / '._A001.mov'}: its name begins with a dot (exclusions.camera_card.toml: hidden_files)",
        f'excluded {card / "A001.THM"}: its extension is "thm" (exclusions.camera_card.toml: extensions)',
    ]
    assert json.loads(captured.out)["final_status"] == "COMPLETED"


def test_submit_and_plan_take_a_preset_and_a_server_brings_its_own_profiles(card) -> None:
    world = World(scheduler=FakeScheduler(profiles=builtin_library().profiles))
    assert call(world, *preset_call(card, "--server", "mam:7600", verb="submit")) == 0
    assert call(world, *preset_call(card, "--server", "mam:7600", verb="plan")) == 0
    planned = json.loads(str(world.scheduler.called("plan_job")[0]))
    assert submitted(world)[0] == planned
    assert {target.server for target in world.targets} == {"mam:7600"}


def test_equal_calls_submit_an_equal_jobspec(card) -> None:
    specs = []
    for _ in range(2):
        world = World(scheduler=FakeScheduler(profiles=builtin_library().profiles))
        call(world, *preset_call(card, "--server", "mam:7600", verb="submit"))
        specs.append(submitted(world)[0])
    assert specs[0] == specs[1]


def test_a_folder_for_each_day_carries_the_day_of_the_job(card) -> None:
    world = World(scheduler=finished())
    call(world, *preset_call(card, preset="dailies_review_h264"))
    spec, _ = submitted(world)
    assert (spec["output_directory"], spec["created_at"]) == (
        str(card.parent / "out" / "20261120"),
        "2026-11-20T09:01:00+00:00",
    )


def test_exclusions_that_leave_nothing_make_no_job(card, capsys) -> None:
    world = World()
    out = card.parent / "out"
    assert call(world, "run", "--preset", "web_h264", "--output", out, card / "A001.THM") == 1
    assert (world.scheduler.calls, capsys.readouterr().err.splitlines()) == (
        [],
        [
            f'excluded {card / "A001.THM"}: its extension is "thm" (exclusions.camera_card.toml: extensions)',
            "exclusions.camera_card.toml: no source is left; expected at least one source that no rule leaves out, "
            "got 1 given, 0 left",
        ],
    )


def test_sizes_are_looked_at_only_for_a_rule_that_asks(tmp_path, card, capsys) -> None:
    exclusions = "patterns = []\nextensions = []\nhidden_files = false\nsmaller_than_bytes = 11\n"
    presets = site(tmp_path, EXCLUSIONS=exclusions)
    code = call(World(), *preset_call(card, tmp_path / "gone.mov", "--presets", presets, preset="all"))
    assert code == 1
    assert capsys.readouterr().err.splitlines() == [
        f'exclusions.one.toml: smaller_than_bytes: the size of source "{tmp_path / "gone.mov"}" cannot be looked at '
        "here; expected a source that this machine can read"
    ]


def test_run_refuses_a_preset_that_holds_its_jobs(tmp_path, card, capsys) -> None:
    queue = 'queue = "q"\npriority = 0\nfailure_policy = "CONTINUE"\nmax_parallel_clips = 1\nhold = true\n'
    assert call(World(), *preset_call(card, "--presets", site(tmp_path, QUEUE=queue), preset="all")) == 1
    assert "preset all holds its jobs" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(["run", "--preset", "web_h264"], 64, "--preset needs --output DIR", id="no output"),
        pytest.param(["run", "--output", "/out", "a.json"], 64, "--output goes with --preset", id="no preset"),
        pytest.param(["run", "a.mov", "b.mov"], 64, "give one JobSpec file, got 2", id="sources alone"),
        pytest.param(["run", "--preset", "x", "--resume", "y"], 64, "give a JobSpec file", id="a kept run"),
        pytest.param(
            ["run", "--preset", "web_h264", "--output", "/out", "--priority", "3", "--report", "csv", "a.mov"],
            64,
            "--priority, --report: the preset decides this",
            id="flags beside a preset",
        ),
        pytest.param(
            ["run", "--preset", "dream", "--output", "/out", "a.mov"], 1, "there is no GLOBAL preset", id="unknown"
        ),
        pytest.param(["presets", "show", "dream"], 1, "there is no GLOBAL preset", id="show unknown"),
        pytest.param(["presets", "show", "COLOUR/x"], 64, "there is no such category", id="show unknown category"),
        pytest.param(["run", "--report", "pdf", "a.json"], 64, "formats are json, csv, txt", id="unknown report"),
    ],
)
def test_a_wrong_call_is_refused_in_words(words, code, said, capsys) -> None:
    world = World()
    assert call(world, *words) == code
    assert said in capsys.readouterr().err
    assert world.scheduler.calls == []


def test_presets_are_listed_by_kind(capsys) -> None:
    assert call(World(), "presets", "list", "--category", "SCALING", "--json") == 0
    found = json.loads(capsys.readouterr().out)["presets"]
    assert [(preset["kind"], preset["id"], preset["resolution"]) for preset in found] == [
        ("SCALING", "half", "half"),
        ("SCALING", "hd1080", "1920x1080"),
        ("SCALING", "hd720", "1280x720"),
        ("SCALING", "quarter", "quarter"),
        ("SCALING", "same", "same"),
    ]


def test_a_global_preset_is_shown_with_all_that_it_refers_to(capsys) -> None:
    assert call(World(), "presets", "show", "avid_dnxhr_mxf", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert list(shown["presets"]) == [
        *("CODEC", "SCALING", "WATERMARK", "NAMING", "FOLDER_OUTPUT"),
        *("EXCLUSIONS", "DUPLICATES", "QUEUE", "REPORTING"),
    ]
    assert (shown["presets"]["CODEC"]["container"], len(shown["digest"])) == ("mxf", 64)


def test_check_passes_what_is_shipped(capsys) -> None:
    assert call(World(), "presets", "check") == 0
    assert capsys.readouterr().out.endswith("presets: valid\n")


def test_check_prints_every_problem_of_a_directory(tmp_path, capsys) -> None:
    directory = site(tmp_path, SCALING='resolution = "tiny"\n', QUEUE="hold = 1\n")
    assert call(World(), "presets", "check", directory) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[0] for line in lines] == [*["queue.one.toml"] * 5, "scaling.one.toml", "6 problems"]


def test_check_says_where_a_sound_preset_does_not_fit_its_profile(tmp_path, capsys) -> None:
    directory = site(tmp_path, WATERMARK='variant = "client"\n')
    assert call(World(), "presets", "check", directory, "--json") == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["valid"], [problem["fault"] for problem in answer["problems"]]) == (False, ["VARIANT_NOT_FOUND"])
    assert answer["problems"][0]["message"].startswith(
        "watermark.one.toml: variant: profile proxy_h264_low has no such"
    )


def test_a_broken_directory_stops_every_command_with_all_its_problems(tmp_path, card, capsys) -> None:
    (tmp_path / "naming.x.toml").write_text(category_text("NAMING", preset_id="x", fields='template = ""\n'))
    assert call(World(), *preset_call(card, "--presets", tmp_path)) == 1
    assert capsys.readouterr().err == "naming.x.toml: template: must not be empty\n"


def test_rejected_jobs_of_a_preset_leave_no_reports(card, capsys) -> None:
    world = World(scheduler=FakeScheduler(result=samples.result(JobState.REJECTED, clips=())))
    world.scheduler.updates = [samples.job_event("REJECTED")]
    call(world, *preset_call(card))
    assert list((card.parent / "out").iterdir()) == []
