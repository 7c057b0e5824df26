"""What the doctor makes of facts, and what it leaves out of a record: pure."""

from dataclasses import replace

import pytest

from proxx.core.profile import Profile
from proxx.runtime.profile_files import builtin_library
from proxx_resolve_executor.doctor.anonymous import Anonymiser
from proxx_resolve_executor.doctor.call_returns import call_returns
from proxx_resolve_executor.doctor.finding import Finding, Level, finding_lines
from proxx_resolve_executor.doctor.fitness import (
    PlaceFacts,
    codec_findings,
    place_findings,
    preset_findings,
    python_finding,
)
from proxx_resolve_executor.python_facts import PythonFacts

PLACE = PlaceFacts(
    name="root media", path="/mnt", directory=True, readable=True, writable=True, free_bytes=500 * 1024**3
)


def resolve_profile(name: str) -> Profile:
    profile = builtin_library().get(name)
    assert profile is not None
    return profile


@pytest.mark.parametrize(
    ("version", "bits", "level"),
    [
        pytest.param((3, 11, 9), 64, Level.OK, id="3.11"),
        pytest.param((3, 12, 0), 64, Level.OK, id="3.12"),
        pytest.param((3, 13, 1), 64, Level.WARN, id="3.13, which not every Resolve takes"),
        pytest.param((3, 10, 2), 64, Level.FAIL, id="3.10, which Proxx does not run on"),
        pytest.param((3, 11, 9), 32, Level.FAIL, id="32 bits"),
    ],
)
def test_which_python_is_good(version: tuple[int, int, int], bits: int, level: Level) -> None:
    facts = PythonFacts(program="/usr/bin/python3", version=version, bits=bits)
    assert python_finding(facts=facts, program="/usr/bin/python3").level is level


@pytest.mark.parametrize(
    ("place", "level", "fact"),
    [
        pytest.param(PLACE, Level.OK, "/mnt, 500.0 GiB free", id="sound"),
        pytest.param(replace(PLACE, directory=False), Level.FAIL, "/mnt is no directory", id="not mounted"),
        pytest.param(replace(PLACE, readable=False), Level.FAIL, "/mnt cannot be read", id="not readable"),
        pytest.param(
            replace(PLACE, writable=False), Level.WARN, "/mnt is read-only for this user, 500.0 GiB free", id="sources"
        ),
        pytest.param(replace(PLACE, free_bytes=1024**3), Level.WARN, "/mnt, 1.0 GiB free", id="nearly full"),
    ],
)
def test_roots(place: PlaceFacts, level: Level, fact: str) -> None:
    (finding,) = place_findings(places=[place])
    assert (finding.name, finding.level, finding.fact) == ("root media", level, fact)


def test_a_profile_that_cannot_be_made_is_a_fault_only_where_none_can() -> None:
    both = [resolve_profile("proxy_dnxhr_lb_resolve"), resolve_profile("proxy_prores_proxy_resolve")]
    some = codec_findings(profiles=both, pairs=frozenset({("mov", "DNxHRLB")}))
    assert [finding.level for finding in some] == [Level.OK, Level.OK, Level.WARN]
    none = codec_findings(profiles=both, pairs=frozenset({("mov", "H264")}))
    assert [finding.level for finding in none] == [Level.OK, Level.FAIL, Level.FAIL]


def test_an_altered_preset_is_named() -> None:
    profile = resolve_profile("proxy_dnxhr_lb_resolve")
    (absent,) = preset_findings(profiles=[profile], digests={})
    assert (absent.level, absent.fact) == (Level.FAIL, "proxy_dnxhr_lb_resolve is not there")
    (other,) = preset_findings(profiles=[profile], digests={profile.render["preset"]: "0" * 64})
    assert other.fact.startswith("proxy_dnxhr_lb_resolve has sha256 000000000000…; expected")
    (same,) = preset_findings(profiles=[profile], digests={profile.render["preset"]: profile.render["preset_sha256"]})
    assert same.level is Level.OK


def test_a_finding_for_a_person_says_what_to_do() -> None:
    finding = Finding(name="edition", level=Level.FAIL, fact="the free edition", action="install Studio")
    assert finding_lines(finding=finding) == (
        "fail  edition          the free edition",
        "                       -> install Studio",
    )


@pytest.mark.parametrize(
    ("key", "text", "told"),
    [
        pytest.param("File Path", "/Volumes/Big Show/day 1/A001.R3D", "/path/A001.R3D", id="a path"),
        pytest.param("TargetDir", "D:\\Big Show\\out", "C:\\path\\out", id="a path of Windows"),
        pytest.param("TargetDir", "\\\\nas01\\show\\out", "C:\\path\\out", id="a share"),
        pytest.param("Error", "offline: /Users/x/Show/a.mov", "offline: /path/a.mov", id="a path in a sentence"),
        pytest.param("audio", '{"path": "/Volumes/Show/a.wav"}', '{"path": "/path/a.wav"}', id="a path in JSON"),
        pytest.param("Clip Name", "SHOW_A001.R3D", "clip_1.R3D", id="the name of a recorded file"),
        pytest.param("Comments", "take for Big Show", "filled in", id="a description"),
        pytest.param("Comments", "", "", id="an empty description"),
        pytest.param("queue", "rendered by NODE7", "rendered by host", id="a host, in capitals"),
        pytest.param("Video Codec", "node7", "node7", id="a codec that is called as the host is"),
        pytest.param("Date", "11/20/2026", "11/20/2026", id="a date"),
        pytest.param("FPS", "24000/1001", "24000/1001", id="a fraction"),
        pytest.param("Chroma", "4:2:2 / 10", "4:2:2 / 10", id="a slash between words"),
    ],
)
def test_what_identifies_is_not_told(key: str, text: str, told: str) -> None:
    anonymous = Anonymiser(words={"SHOW_A001": "clip_1", "node7": "host", "ed": "user"})
    assert anonymous.fields({key: text}) == {key: told}


def test_types_and_shapes_stay() -> None:
    value = {"a": [1, 2.5, None, True, {"path": "/x/y"}]}
    assert Anonymiser(words={}).fields(value) == {"a": [1, 2.5, None, True, {"path": "/path/y"}]}


def test_what_calls_that_worked_returned() -> None:
    calls = [
        ('Project.SetSetting("timelineFrameRate", "24")', "True"),
        ("Project.SetRenderSettings({})", "None"),
        ("ProjectManager.CloseProject(Project)", "False"),
        ("Project.GetName()", "True"),
        ('ProjectManager.CreateProject("x")', "Project"),
    ]
    assert call_returns(calls=calls) == {"SetSetting": True, "SetRenderSettings": None}
