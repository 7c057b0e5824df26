"""The commands about this machine: doctor, version, and the addresses of up."""

import json
from dataclasses import replace

import pytest

from proxx.cli.checkup import check_up
from proxx.cli.main import run_cli
from proxx.cli.up import beside, parse_roots
from proxx.embedded.target import Target
from proxx.runtime.profile_files import builtin_library

FAKE_FFMPEG = """#!/bin/sh
case "$*" in
*-encoders*) printf 'Encoders:\\n V..... = Video\\n V....D libx264 H.264\\n VFS... prores_ks ProRes\\n' ;;
*) printf 'ffmpeg version 9.9 Copyright\\n  configuration: --enable-x\\n' ;;
esac
"""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with an ffmpeg that has two video encoders, and a state directory of its own."""
    tool = tmp_path / "ffmpeg"
    tool.write_text(FAKE_FFMPEG)
    tool.chmod(0o755)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PROXX_FFMPEG", str(tool))
    monkeypatch.setenv("PROXX_FFPROBE", str(tool))
    return tool


def levels(capsys):
    return {check["name"]: check["level"] for check in json.loads(capsys.readouterr().out)["checks"]}


def test_a_machine_that_lacks_some_encoders_is_warned_and_useful(machine, capsys):
    assert run_cli(["doctor", "--json"]) == 0
    found = levels(capsys)
    assert (found["ffmpeg"], found["ffprobe"], found["encoders"]) == ("ok", "ok", "warn")
    assert (found["state directory"], found["clock"]) == ("ok", "ok")


def test_a_machine_without_ffmpeg_is_of_no_use(machine, capsys, monkeypatch):
    monkeypatch.setenv("PROXX_FFMPEG", "/nonexistent/ffmpeg")
    assert run_cli(["doctor", "--json"]) == 4
    found = levels(capsys)
    assert (found["ffmpeg"], found["encoders"]) == ("fail", "fail")


async def test_a_state_directory_behind_a_file_is_found(machine, tmp_path):
    (tmp_path / "state").write_text("in the way")
    findings = await check_up(target=Target(ffmpeg=str(machine), ffprobe=str(machine)), profiles=())
    assert {finding.name: finding.level for finding in findings}["state directory"] == "fail"


async def test_missing_encoders_are_named_with_their_profiles(machine):
    profile = builtin_library().get("proxy_h264_low")
    odd = replace(profile, name="odd", encoder="libodd")
    findings = await check_up(target=Target(ffmpeg=str(machine), ffprobe=str(machine)), profiles=(profile, odd))
    details = {finding.name: finding.detail for finding in findings}
    assert details["encoders"] == "this ffmpeg has no libodd (profile odd)"


def test_version_tells_the_contract_and_the_tools(machine, capsys):
    assert run_cli(["version", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["jobspec_versions"], document["result_schema_version"]) == (["2.1", "1.0.0"], "1.0")
    assert document["ffmpeg"] == "9.9"


def test_version_without_ffmpeg_says_so(machine, capsys, monkeypatch):
    monkeypatch.setenv("PROXX_FFMPEG", "/nonexistent/ffmpeg")
    assert run_cli(["version"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "ffmpeg not found"


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        pytest.param("127.0.0.1:7600", "127.0.0.1:7602", id="a port"),
        pytest.param("127.0.0.1:0", "127.0.0.1:0", id="any free port"),
        pytest.param("unix:/run/s", "off", id="a Unix socket"),
    ],
)
def test_metrics_stand_beside_the_listener(listen, expected):
    assert beside(listen, 2) == expected


def test_roots_are_name_and_directory():
    assert parse_roots(("a=/x", "b=/y=z")) == (("a", "/x"), ("b", "/y=z"))


@pytest.mark.parametrize(
    ("version", "level", "said"),
    [
        ("5.1.9-0+deb12u1", "warn", "CVE-2026-8461"),
        ("8.1.2", "ok", "8.1.2: no known vulnerability is open"),
        ("N-118190-g1e7d2007c3", "warn", '"N-118190-g1e7d2007c3" names no release'),
    ],
    ids=["older than a fix", "mended", "a development build"],
)
async def test_an_ffmpeg_older_than_the_fix_of_a_known_vulnerability_is_warned_of(machine, version, level, said):
    machine.write_text(FAKE_FFMPEG.replace("version 9.9", f"version {version}"))
    findings = await check_up(target=Target(ffmpeg=str(machine), ffprobe=str(machine)), profiles=())
    (found,) = (finding for finding in findings if finding.name == "ffmpeg age")
    assert found.level == level
    assert said in found.detail
