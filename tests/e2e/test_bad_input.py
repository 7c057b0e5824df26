"""Bad input through the real command line: the fact is named, the exit code is right, and nothing is made or left."""

import json
import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.bad_cases import MEDIA, PATHS, STRUCTURE, Bad, Ground
from tests.e2e.snapshots import snapshot
from tests.e2e.specs import proxy_spec
from tests.e2e.workplace import Workplace, media_in
from tests.footage.kind import ClipKind

MEDIA_FOLDER = Path(os.environ.get("PROXX_TEST_MEDIA", Path(__file__).parents[2].parent / "shared" / "media"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One `proxx up` for the whole table."""
    place = Workplace(tmp_path_factory.mktemp("server"))
    stack = place.begin("up", "--data", place.root / "data", "--listen", "127.0.0.1:0", "--slots", "1", "--json")
    try:
        yield str(stack.first_line()["address"])
        assert stack.end(with_signal=signal.SIGTERM) == 0, stack.said()
    finally:
        stack.kill()


@pytest.fixture
def ground(workplace: Workplace, footage: Mapping[ClipKind, Path]) -> Ground:
    """A fresh place to set a case up in."""
    raw = MEDIA_FOLDER / "raw" / "Red.r3d"
    return Ground(
        inputs=workplace.directory("in"),
        output=workplace.directory("out"),
        footage=footage,
        raw=raw if raw.exists() else None,
    )


def _check(case: Bad, ground: Ground, workplace: Workplace, words: tuple[str, ...]) -> None:
    path = workplace.spec(case.prepare(ground))
    with case.around(ground):
        before = snapshot(ground.inputs), snapshot(ground.output)

        done = workplace.proxx("run", path, *words, timeout=90)

        assert (snapshot(ground.inputs), snapshot(ground.output)) == before
    result = done.json()
    assert (done.code, result["final_status"]) == (case.exit_code, case.status), done.stderr
    assert tuple(item["code"] for item in result["violations"]) == case.codes, done.stderr
    assert [said for said in case.says if said not in done.stderr] == [], done.stderr
    assert "Traceback" not in done.stderr
    if case.kind is not None:
        kinds = [clip["failure_kind"] for clip in result["clips"]]
        assert kinds == [case.kind, *[None] * (len(kinds) - 1)]
        assert {clip["output_exists"] for clip in result["clips"]} == {False}


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in STRUCTURE])
def test_a_jobspec_that_is_wrong_in_itself_is_refused(case: Bad, ground: Ground, workplace: Workplace) -> None:
    _check(case, ground, workplace, ())
    assert workplace.kept_runs() == []


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in (*STRUCTURE, *PATHS, *MEDIA)])
def test_a_server_refuses_bad_input(case: Bad, ground: Ground, workplace: Workplace, server: str) -> None:
    _check(case, ground, workplace, ("--server", server))


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in (*PATHS, *MEDIA) if case.embedded])
def test_the_embedded_run_refuses_bad_input_alike(case: Bad, ground: Ground, workplace: Workplace) -> None:
    _check(case, ground, workplace, ())


def test_every_wrong_source_of_a_job_is_named_at_once(ground: Ground, workplace: Workplace, server: str) -> None:
    empty = ground.inputs / "empty.mov"
    empty.touch()
    sources = [ground.inputs / "gone.mov", ground.copy("good.avi"), empty, ground.inputs]
    path = workplace.spec(proxy_spec(sources=sources, output=ground.output / "none", naming_template="p_{index}"))

    done = workplace.proxx("run", path, "--server", server)

    assert done.code == 1
    assert [(item["field"], item["code"]) for item in done.json()["violations"]] == [
        ("output_directory", "OUTPUT_DIRECTORY_MISSING"),
        ("sources[0]", "SOURCE_MISSING"),
        ("sources[2]", "SOURCE_EMPTY"),
        ("sources[3]", "SOURCE_NOT_A_FILE"),
    ]


def test_camera_raw_for_resolve_needs_a_resolve_executor(ground: Ground, workplace: Workplace) -> None:
    spec = json.loads(ground.spec(ground.real_raw("A001.r3d")))
    spec |= {"codec": "prores_proxy", "container": "mov", "proxy_profile": "proxy_prores_proxy_resolve"}
    before = snapshot(ground.output)

    done = workplace.proxx("run", workplace.spec(spec))

    assert done.code == 4, done.stderr
    assert "resolve" in done.stderr.lower()
    assert snapshot(ground.output) == before


def test_a_name_that_could_steer_a_terminal_or_a_command_is_only_a_name(
    ground: Ground, workplace: Workplace, server: str
) -> None:
    hostile = ["-y.avi", "concat:a|b.avi", "'; rm -rf x.avi", "\u202egpj.avi", "день 1 😀.avi"]
    sources = [ground.copy(name) for name in hostile]
    before = snapshot(ground.inputs)
    spec = proxy_spec(sources=sources, output=ground.output, naming_template="{index}_{source_name}")

    done = workplace.proxx("run", workplace.spec(spec), "--server", server)

    assert done.code == 0, done.stderr
    assert "\u202e" not in done.stderr
    assert [clip["source_path"] for clip in done.json()["clips"]] == [str(source) for source in sources]
    made = media_in(ground.output)
    assert [name[:4] for name in made] == ["000_", "001_", "002_", "003_", "004_"]
    assert [name for name in made if set(name) & set("|:")] == []
    assert snapshot(ground.inputs) == before


def test_a_wrong_setting_of_the_scheduler_stops_up_and_is_named(workplace: Workplace) -> None:
    words = ("--data", workplace.root / "data", "--listen", "127.0.0.1:0", "--resource", "card=one:engine/ffmpeg")
    done = workplace.proxx("up", *words)
    assert done.code == 4
    assert [line for line in done.stderr.splitlines() if "resource" in line and "card=one" in line] != []
    assert "Traceback" not in done.stderr
