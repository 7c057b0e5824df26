"""`proxx run` and its neighbours on generated footage: real processes, real ffmpeg, real files."""

import hashlib
import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.specs import PRORES, SEED_001, SEED_004, proxy_spec
from tests.e2e.workplace import Workplace, media_in
from tests.footage.kind import ClipKind
from tests.footage.recipes import RECIPES
from tests.footage.traits import read_traits

Footage = Mapping[ClipKind, Path]

SEVERAL = (ClipKind.PRORES_HQ_2997_DROP, ClipKind.H264_LONG_GOP_23976, ClipKind.MPEG2_MXF_25I)

MASKED_JOB = ("job_id", "job_key", "event_chain_head")
"""Ids of a job, and what is hashed over them."""

MASKED_TIMES = ("submitted_at", "started_at", "completed_at", "duration_seconds", "result_written_at", "timings")
"""Times."""

MASKED_PATHS = ("resolved_output_path", "output_directory", "jobspec_path", "jobspec_digest", "received_digest")
"""Paths that the two JobSpecs name, and the digests of those JobSpecs."""

MASKED_PLAN = ("plan_digest",)
"""A plan names its output path."""

MASKED_MOMENT = ("created_at", "date", "time")
"""What the server wrote into the JobSpec that names no moment, and the tokens that follow from it."""

MASKED = frozenset((*MASKED_JOB, *MASKED_TIMES, *MASKED_PATHS, *MASKED_PLAN, *MASKED_MOMENT))


def _masked(value: Any) -> Any:
    """The document without its masked fields; commands without the names of staged files."""
    if isinstance(value, dict):
        kept = {name: item for name, item in value.items() if name not in MASKED}
        for name in ("engine_command", "ffmpeg_command"):
            if kept.get(name):
                kept[name] = [re.split(r"file\\?:", word)[0] if "/.proxx/" in word else word for word in kept[name]]
        return {name: _masked(item) for name, item in kept.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return value


def _bytes_of(directory: Path) -> dict[str, str]:
    return {name: hashlib.sha256((directory / name).read_bytes()).hexdigest() for name in media_in(directory)}


@pytest.fixture
def server(workplace: Workplace) -> Iterator[str]:
    """`proxx up` on a free port, with a data directory of its own."""
    stack = workplace.begin("up", "--data", workplace.root / "data", "--listen", "127.0.0.1:0", "--json")
    try:
        yield str(stack.first_line()["address"])
        assert stack.end(with_signal=signal.SIGTERM) == 0, stack.said()
    finally:
        stack.kill()


def test_a_multi_clip_job_becomes_proxies_that_carry_what_their_sources_carry(
    workplace: Workplace, footage: Footage
) -> None:
    output = workplace.directory("out")
    spec = proxy_spec(sources=[footage[kind] for kind in SEVERAL], output=output, **PRORES)

    done = workplace.proxx("run", workplace.spec(spec))

    assert done.code == 0, done.stderr
    result = done.json()
    assert (result["final_status"], result["success_count"], result["total_clips"]) == ("COMPLETED", 3, 3)
    for kind, clip in zip(SEVERAL, result["clips"], strict=True):
        recipe = RECIPES[kind]
        proxy = output / f"{footage[kind].stem}_proxy.mov"
        assert (clip["status"], clip["resolved_output_path"]) == ("COMPLETED", str(proxy))
        assert clip["verdict"]["passed"] is True
        assert clip["output_sha256"] == hashlib.sha256(proxy.read_bytes()).hexdigest()
        found = read_traits(proxy)
        assert (found.width, found.height) == (recipe.width // 2, recipe.height // 2)
        assert (found.rate, found.frames, found.timecode) == (recipe.rate, recipe.frames, recipe.timecode)
        assert (found.audio_channels, found.reel_name) == (recipe.audio_channels, recipe.reel_name)
        assert found.interlaced is False


def test_progress_goes_to_stderr_and_the_result_files_lie_beside_the_proxies(
    workplace: Workplace, footage: Footage
) -> None:
    output = workplace.directory("out")
    spec = proxy_spec(sources=[footage[ClipKind.MJPEG_AVI_25]], output=output)

    done = workplace.proxx("run", workplace.spec(spec))

    result = done.json()
    assert [line.split()[-2:] for line in done.stderr.splitlines() if line.startswith("clip 1/1")] == [
        ["RUNNING", "MVI_0042.avi"],
        ["COMPLETED", "MVI_0042.avi"],
    ]
    kept = sorted(path.name for path in output.glob(f"proxx_job_{result['job_id']}_*"))
    assert [name.split(".", 1)[1] for name in kept] == ["jobspec.json", "result.json"]
    jobspec, written = (json.loads((output / name).read_text(encoding="utf-8")) for name in kept)
    assert written == result
    assert jobspec == result["jobspec"]
    assert {name: jobspec[name] for name in spec} == spec
    assert workplace.kept_runs() == []


@pytest.mark.parametrize(
    "text", [pytest.param(SEED_001, id="1.0.0 of seed 001"), pytest.param(SEED_004, id="2.1 of seed 004")]
)
def test_the_printed_jobspecs_validate_and_run(workplace: Workplace, footage: Footage, text: str) -> None:
    output = workplace.directory("out")
    one, two = footage[ClipKind.MJPEG_AVI_25], footage[ClipKind.HEVC_10BIT_25]
    for printed, real in (
        ("/path/to/source1.mov", one),
        ("/path/to/source2.mov", two),
        ("/path/to/source.mp4", two),
        ("/path/to/outputs", output),
        ('"/output"', f'"{output}"'),
    ):
        text = text.replace(printed, str(real))
    path = workplace.spec(text)

    checked = workplace.proxx("validate", path, "--check-paths", "--json")
    done = workplace.proxx("run", path)

    assert (checked.code, checked.json()["violations"]) == (0, [])
    assert done.code == 0, done.stderr
    names = [Path(source).stem for source in json.loads(text)["sources"]]
    assert media_in(output) == sorted(f"{name}_proxy.mp4" for name in names)


def test_a_plan_makes_nothing_and_its_command_makes_the_published_bytes(workplace: Workplace, footage: Footage) -> None:
    output, elsewhere = workplace.directory("out"), workplace.directory("by_hand")
    path = workplace.spec(proxy_spec(sources=[footage[ClipKind.H264_5994_DROP]], output=output))

    planned = workplace.proxx("plan", path, "--json")

    assert planned.code == 0, planned.stderr
    assert list(output.iterdir()) == []
    assert workplace.kept_runs() == []
    clip = planned.json()["clips"][0]
    by_hand = elsewhere / "by_hand.mp4"
    command = [word.replace(clip["output_path"], str(by_hand)) for word in clip["command"]]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert workplace.proxx("run", path).code == 0
    assert _bytes_of(output) == {
        f"{footage[ClipKind.H264_5994_DROP].stem}_proxy.mp4": hashlib.sha256(by_hand.read_bytes()).hexdigest()
    }


@pytest.mark.skipif(shutil.which("taskset") is None, reason="taskset is not installed")
def test_the_same_jobspec_gives_the_same_bytes_into_any_folder_and_on_one_core(
    workplace: Workplace, footage: Footage
) -> None:
    sources = [footage[kind] for kind in SEVERAL]
    bytes_made, documents = [], []
    for name, before in (("first", ()), ("second_on_one_core", ("taskset", "-c", "0"))):
        output = workplace.directory(name)
        path = workplace.spec(proxy_spec(sources=sources, output=output, **PRORES), name=f"{name}.json")
        done = workplace.proxx("run", path, "--slots", "2", before=before)
        assert done.code == 0, done.stderr
        bytes_made.append(_bytes_of(output))
        documents.append(_masked(done.json()))

    assert bytes_made[0] == bytes_made[1]
    assert documents[0] == documents[1]


def test_a_server_behaves_as_the_embedded_run_does(workplace: Workplace, footage: Footage, server: str) -> None:
    sources = [footage[ClipKind.MJPEG_AVI_25], footage[ClipKind.PHONE_ROTATED_30]]
    outcomes, bytes_made = [], []
    for name, words in (("embedded", ()), ("served", ("--server", server))):
        output = workplace.directory(name)
        path = workplace.spec(proxy_spec(sources=sources, output=output), name=f"{name}.json")
        done = workplace.proxx("run", path, *words)
        outcomes.append((done.code, _masked(done.json())))
        bytes_made.append(_bytes_of(output))
        again = workplace.proxx("run", path, *words)
        outcomes[-1] += (again.code, [item["code"] for item in again.json()["violations"]])

    assert bytes_made[0] == bytes_made[1]
    assert len(bytes_made[0]) == 2
    assert outcomes[0] == outcomes[1]
    assert (outcomes[0][0], outcomes[0][2:]) == (0, (1, ["OUTPUT_EXISTS", "OUTPUT_EXISTS"]))


def test_submit_and_the_jobs_verbs_reach_a_server(workplace: Workplace, footage: Footage, server: str) -> None:
    output = workplace.directory("out")
    path = workplace.spec(proxy_spec(sources=[footage[ClipKind.MJPEG_AVI_25]], output=output))
    held = workplace.proxx("submit", path, "--hold", "--request-id", "one", "--server", server, "--json").json()["job"]

    again = workplace.proxx("submit", path, "--hold", "--request-id", "one", "--server", server, "--json").json()
    listed = workplace.proxx("jobs", "list", "--server", server, "--json").json()
    started = workplace.proxx("jobs", "start", held["job_key"], "--server", server)
    watched = workplace.proxx("jobs", "watch", held["job_key"], "--server", server, "--json")
    result = workplace.proxx("jobs", "result", held["job_key"], "--server", server)

    assert (again["created"], again["job"]["job_key"]) == (False, held["job_key"])
    assert [(job["job_key"], job["state"]) for job in listed["jobs"]] == [(held["job_key"], "PENDING")]
    assert (started.code, watched.code, result.code) == (0, 0, 0), started.stderr
    assert watched.json_lines()[0]["update"] == "snapshot"
    assert result.json()["final_status"] == "COMPLETED"
    assert media_in(output) == ["MVI_0042_proxy.mp4"]


def test_probe_prints_one_json_object_a_line_in_the_order_given(workplace: Workplace, footage: Footage) -> None:
    text = workplace.root / "notes.mov"
    text.write_text("no media\n" * 99)
    paths = [footage[ClipKind.MPEG2_MXF_25I], text, footage[ClipKind.VP9_WEBM_30]]

    done = workplace.proxx("probe", "--json", *paths)

    lines = done.json_lines()
    assert done.code == 1
    assert [line["path"] for line in lines] == [str(path) for path in paths]
    assert [line["engine"] for line in lines] == ["ffmpeg", None, "ffmpeg"]
    assert [(line["container"], line["codec"]) for line in lines[::2]] == [("mxf", "mpeg2video"), ("webm", "vp9")]
    assert (lines[1]["reason"], lines[1]["facts"]) != ("SUPPORTED", None)
    assert lines[1]["facts"] is None
    assert lines[0]["facts"]["timecode"]["label"] == "10:00:00:00"


def test_profiles_are_listed_and_shown(workplace: Workplace) -> None:
    listed = workplace.proxx("profiles", "list", "--json").json()
    profiles = {profile["name"]: profile for profile in listed["profiles"]}

    shown = workplace.proxx("profiles", "show", "proxy_dnxhr_sq", "--json")
    unknown = workplace.proxx("profiles", "show", "no_such_profile", "--json")

    asked = {"prores_proxy", "h264", "h265", "dnxhr", "dnxhd", "vp9", "av1"}
    assert {profile["codec"] for profile in profiles.values() if profile["engine"] == "ffmpeg"} >= asked
    found = shown.json()
    assert {name: found[name] for name in ("name", "version", "digest", "engine", "codec")} == {
        name: profiles["proxy_dnxhr_sq"][name] for name in ("name", "version", "digest", "engine", "codec")
    }
    assert (found["container"], found["resolution"]) == (["mov", "mxf"], ["same", "half", "quarter", "WxH"])
    assert unknown.code == 1
    assert "no_such_profile" in unknown.stderr


def test_upgrade_prints_2_1_and_leaves_the_file_alone(workplace: Workplace) -> None:
    path = workplace.spec(SEED_001)

    done = workplace.proxx("upgrade", path)

    assert done.code == 0
    upgraded = done.json()
    assert (upgraded["jobspec_version"], upgraded["fps_mode"], upgraded["output_directory"]) == (
        "2.1",
        "same-as-source",
        "/path/to/outputs",
    )
    assert path.read_text(encoding="utf-8") == SEED_001


def test_doctor_version_and_completion_answer(workplace: Workplace) -> None:
    doctor = workplace.proxx("doctor", "--json")
    version = workplace.proxx("version", "--json")
    completions = {shell: workplace.proxx("completion", shell) for shell in ("bash", "zsh", "fish")}

    assert doctor.code == 0, doctor.stdout
    assert version.json()["proxx"] == "0.1.0"
    assert {
        shell: (done.code, "_PROXX_COMPLETE" in done.stdout) for shell, done in completions.items()
    } == dict.fromkeys(("bash", "zsh", "fish"), (0, True))


def test_a_jobspec_comes_from_stdin_and_a_missing_file_is_a_system_error(
    workplace: Workplace, footage: Footage
) -> None:
    output = workplace.directory("out")
    spec = proxy_spec(sources=[footage[ClipKind.MJPEG_AVI_25]], output=output)

    piped = workplace.proxx("validate", "-", "--json", stdin=json.dumps(spec))
    missing = workplace.proxx("run", "no_such_job.json")
    nonsense = workplace.proxx("run", "--no-such-option")

    assert (piped.code, piped.json()["valid"]) == (0, True)
    assert (missing.code, missing.stdout) == (4, "")
    assert "no_such_job.json" in missing.stderr
    assert nonsense.code == 64


LIBRARY_CALL = """
import json, sys
from proxx import (
    ClipExecutionResult, FpsMode, JobExecutionResult, JobSpec, JobSpecValidationError, execute_multi_job_spec,
)
spec = JobSpec.from_json(sys.stdin.read())
assert spec.fps_mode is FpsMode.SAME_AS_SOURCE, spec.fps_mode
spec.validate(check_paths=True)
result = execute_multi_job_spec(spec)
assert isinstance(result, JobExecutionResult)
assert all(isinstance(clip, ClipExecutionResult) for clip in result.clips)
try:
    execute_multi_job_spec(spec)
except JobSpecValidationError as error:
    print(json.dumps({"status": result.to_dict()["final_status"], "again": str(error)}))
"""


def test_the_library_runs_a_jobspec_and_refuses_to_overwrite(workplace: Workplace, footage: Footage) -> None:
    output = workplace.directory("out")
    spec = proxy_spec(sources=[footage[ClipKind.MJPEG_AVI_25]], output=output)

    done = subprocess.run(
        [sys.executable, "-P", "-c", LIBRARY_CALL],
        cwd=workplace.root,
        env=workplace.environment(),
        input=json.dumps(spec),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["status"] == "COMPLETED"
    assert "MVI_0042_proxy.mp4 exists already" in found["again"]
    assert media_in(output) == ["MVI_0042_proxy.mp4"]


def test_of_two_runs_that_want_one_output_path_one_publishes_and_none_overwrites(
    workplace: Workplace, footage: Footage
) -> None:
    output = workplace.directory("out")
    source = footage[ClipKind.H264_5994_DROP]
    specs = {
        name: workplace.spec(proxy_spec(sources=[source], output=output, resolution=name), name=f"{name}.json")
        for name in ("half", "quarter")
    }

    both = [workplace.begin("run", path) for path in specs.values()]
    codes = [run.process.wait(timeout=100) for run in both]

    results = [run.written() for run in both]
    (winner,) = [result for result in results if result["final_status"] == "COMPLETED"]
    (loser,) = [result for result in results if result is not winner]
    refused = [item["code"] for item in loser["violations"]] or [clip["failure_kind"] for clip in loser["clips"]]
    proxy = output / f"{source.stem}_proxy.mp4"
    assert min(codes) == 0
    assert refused == ["OUTPUT_EXISTS"]
    assert winner["clips"][0]["output_sha256"] == hashlib.sha256(proxy.read_bytes()).hexdigest()
    assert media_in(output) == [proxy.name]
