"""The doctor on simulated hosts: what it finds, what it records, and that it leaves each host as it was."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from proxx_resolve_executor.bridge.host_lock import FileHostLock
from proxx_resolve_executor.command import main
from proxx_resolve_executor.host_fixture import HostFixture, read_fixture
from tests.resolve.studio import RED_HEADER
from tests.resolve.wire_client import WireClient
from tests.resolve_simulator.install import install
from tests.resolve_simulator.installation import Installation
from tests.resolve_simulator.quirks import Quirks
from tests.resolve_simulator.source_facts import SourceFacts

pytestmark = pytest.mark.process

STEPS = ("process", "module", "scripting", "edition", "database", "codecs")
PAIR = "mov/DNxHRLB is listed: proxy_dnxhr_lb_resolve"


class Host:
    """One host with a simulated Resolve, and the doctor on it."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.installation: Installation = install(root=root / "resolve")
        self._capsys = capsys
        (root / "media").mkdir()
        (root / "state").mkdir()
        self.config = root / "resolve_executor.toml"
        self._tools = tuple(f'{name} = "{stand_in(root, name)}"' for name in ("ffmpeg", "ffprobe"))
        self.set_config()

    def set_config(self, *more: str) -> None:
        """Write the settings: short deadlines, and these lines."""
        lines = (
            f'mount = ["media={self.root / "media"}"]',
            f'resolve_path = "{self.installation.root}"',
            f'resolve_script_api_path = "{self.installation.script_api}"',
            f'resolve_state_directory = "{self.root / "state"}"',
            "resolve_start_seconds = 6.0",
            "resolve_answer_seconds = 0.5",
            "resolve_call_seconds = 2.0",
            "resolve_import_seconds = 2.0",
            "resolve_stop_seconds = 1.0",
            "resolve_poll_seconds = 0.02",
            *more,
            *self._tools,
        )
        self.config.write_text("\n".join(lines), encoding="utf-8")

    def with_ffmpeg(self) -> None:
        """Use the real tools from now on."""
        self._tools = ()
        self.set_config()

    def source(self, name: str = "BigShow_A001.R3D", **facts: Any) -> Path:
        """Write a synthetic camera file, large enough that half of it is a raster of the codec."""
        path = self.root / "media" / name
        path.write_bytes(RED_HEADER)
        SourceFacts(**{"rate": "25/1", "frames": 5, "width": 512, "height": 288, **facts}).write(path)
        return path

    def doctor(self, *more: str) -> tuple[int, list[dict[str, str]]]:
        """Run it; returns the exit code and the checks."""
        code = main(["doctor", "--json", "--config", str(self.config), *more])
        said = json.loads(self._capsys.readouterr().out)
        assert said["ok"] is (code == 0)
        checks: list[dict[str, str]] = said["checks"]
        return code, checks

    def record(self, *more: str) -> tuple[list[dict[str, str]], HostFixture]:
        """Record this host and one clip."""
        path = self.root / "host.json"
        code, checks = self.doctor("--fixture", str(path), "--media", str(self.source()), *more)
        assert code == 0, checks
        return checks, read_fixture(path=path)

    def is_untouched(self) -> bool:
        """Whether no Resolve runs and its database and presets are as after the installation."""
        database = json.loads((self.installation.root / "database.json").read_text())
        return self.installation.pid() is None and not database["projects"] and not database["presets"]


def stand_in(root: Path, name: str) -> Path:
    """A tool that says what it is, and nothing else: quicker than one that loads a hundred libraries first."""
    path = root / name
    path.write_text(f"#!/bin/sh\necho {name} version 7.0\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def host(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    made = Host(tmp_path, capsys)
    yield made
    made.installation.kill()


def levels(checks: list[dict[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for check in checks:
        found.setdefault(check["name"], []).append(check["level"])
    return found


@pytest.mark.media
def test_a_healthy_host(host: Host) -> None:
    host.with_ffmpeg()
    code, checks = host.doctor()
    assert code == 0
    assert levels(checks) == {
        **{name: ["ok"] for name in ("settings", "python", "ffmpeg", "ffprobe", "presets", "installation")},
        **{name: ["ok"] for name in STEPS},
        "root media": [levels(checks)["root media"][0]],  # as much room as this machine has
        "codecs": ["ok", "ok", "warn"],
    }
    assert [check["fact"] for check in checks if check["name"] == "codecs"][1:] == [
        PAIR,
        "mov/ProRes422P is not listed, so proxy_prores_proxy_resolve cannot be made here",
    ]
    assert host.installation.pid() is None
    assert host.installation.projects() == []


@pytest.mark.parametrize(
    ("quirks", "settings", "failing", "fact"),
    [
        pytest.param(Quirks(edition="free"), "", "edition", "is the free edition", id="free edition"),
        pytest.param(Quirks(start_exits=3), "", "process", "Resolve ended", id="closed, and does not start"),
        pytest.param(
            Quirks(import_raises=True), "", "module", "DaVinciResolveScript cannot be imported", id="wrong Python"
        ),
        pytest.param(
            Quirks(import_crashes=True), "", "module", "was ended by signal", id="a Python that the module crashes"
        ),
        pytest.param(
            Quirks(scripting="none"),
            "resolve_start_seconds = 0.5",
            "scripting",
            "External scripting using",
            id="scripting switched off",
        ),
        pytest.param(Quirks(wedged=True), "", "database", "has no project database", id="no database"),
        pytest.param(
            Quirks(codecs_missing=("mov/DNxHRLB",)), "", "codecs", "mov/DNxHRLB is not listed", id="no codec at all"
        ),
        pytest.param(
            Quirks(hang_calls=("GetRenderFormats",)), "", "codecs", "did not return within 2 s", id="a call that hangs"
        ),
    ],
)
def test_the_first_thing_that_is_wrong_is_named(
    host: Host, quirks: Quirks, settings: str, failing: str, fact: str
) -> None:
    host.installation.set_quirks(quirks)
    text = host.config.read_text()
    host.config.write_text(text.replace("resolve_start_seconds = 6.0", settings) if settings else text)
    code, checks = host.doctor()
    assert code == 1
    failed = [check for check in checks if check["level"] == "fail"]
    assert {check["name"] for check in failed} == {failing}
    assert fact in failed[0]["fact"]
    after = STEPS[STEPS.index(failing) + 1 :]
    assert [check["name"] for check in checks if check["level"] == "skip"] == list(after)
    assert host.installation.pid() is None


def test_resolve_is_absent(host: Host) -> None:
    host.installation.binary.unlink()
    code, checks = host.doctor()
    assert code == 1
    assert levels(checks)["installation"] == ["fail"]
    assert [check["name"] for check in checks if check["level"] == "skip"] == list(STEPS)


def test_what_lies_on_the_host_is_checked_without_resolve(host: Host) -> None:
    host.installation.binary.unlink()
    (host.root / "media").rmdir()
    (host.root / "ffmpeg").unlink()
    host.set_config('scheduler = "127.0.0.1:1"', f'resolve_preset_directory = "{host.root}"')
    _, checks = host.doctor("--resolve-python", "/no/python")
    failed = {check["name"]: check["fact"] for check in checks if check["level"] == "fail"}
    assert sorted(failed) == ["ffmpeg", "installation", "presets", "python", "root media", "scheduler"]
    assert failed["python"] == "/no/python does not start"
    assert failed["root media"].endswith("is no directory")


def test_a_setting_that_is_wrong_is_named(host: Host) -> None:
    host.set_config('resolve_power = "more"')
    code, checks = host.doctor()
    assert code == 1
    assert [(check["name"], "resolve_power" in check["fact"]) for check in checks] == [("settings", True)]


def test_somebody_at_work_is_warned_of_and_never_disturbed(host: Host) -> None:
    started = host.installation.start()
    host.installation.wait_listening()
    client = WireClient(host.installation.root)
    client.ask(client.manager, "CreateProject", "Big Show")
    code, checks = host.doctor()
    assert (code, levels(checks)["in use"]) == (0, ["warn"])
    code, checks = host.doctor("--fixture", str(host.root / "host.json"), "--allow-restart")
    assert (code, levels(checks)["recording"]) == (1, ["fail"])
    assert not (host.root / "host.json").exists()
    current = client.ask(client.manager, "GetCurrentProject")
    assert client.ask(current, "GetName") == "Big Show"
    client.close()
    host.installation.kill()
    started.wait()


def test_the_resolve_of_an_executor_at_work_is_left_alone(host: Host) -> None:
    lock = FileHostLock(host.root / "state")
    lock.hold_program(host.installation.binary)
    code, checks = host.doctor()
    assert (code, levels(checks)["executor"]) == (0, ["warn"])
    code, checks = host.doctor("--fixture", str(host.root / "host.json"))
    assert (code, levels(checks)["executor"]) == (1, ["fail"])
    lock.release()
    assert host.installation.starts() == 0


@pytest.mark.media
def test_a_host_is_recorded_and_the_simulator_becomes_it(host: Host, tmp_path: Path) -> None:
    host.with_ffmpeg()
    host.installation.set_quirks(
        Quirks(language="it", percentage="float", none_calls=("SetRenderSettings",), unreadable=("Torn_A002.R3D",))
    )
    checks, fixture = host.record("--render", "--media", str(host.source("Torn_A002.R3D")), "--media", "/no/such.R3D")
    assert (levels(checks)["media"], levels(checks)["render"]) == (["ok", "warn", "warn"], ["ok"])
    assert host.is_untouched()
    assert len(fixture.clips) == 1
    assert (fixture.platform, fixture.version) == ("linux", "21.0.4.5")
    assert fixture.python == ".".join(map(str, sys.version_info[:3]))
    assert fixture.codecs["mov"]["Avid DNxHR LB"] == "DNxHRLB"
    assert fixture.clips[0].properties["File Path"] == "/path/clip_1.R3D"
    assert fixture.jobs[0]["FormatWidth"] == 256
    assert [status["JobStatus"] for status in (fixture.statuses[0], fixture.statuses[-1])] == ["Pronto", "Concluso"]
    assert fixture.statuses[-1]["CompletionPercentage"] == 100.0
    assert (fixture.returns["SetRenderSettings"], fixture.returns["StartRendering"]) == (None, True)
    assert fixture.probes == {
        "pairs": "64",
        "prores": "not listed",
        "render_proxy_dnxhr_lb_resolve": "named after CustomName; every check passed",
    }
    text = (host.root / "host.json").read_text()
    assert [word for word in ("BigShow", str(tmp_path), "proxx-doctor-") if word in text] == []

    host.installation = install(root=tmp_path / "resolve2", fixture=host.root / "host.json")
    host.set_config()
    _, again = host.record("--render")
    assert again.statuses[-1]["JobStatus"] == "Concluso"
    assert (again.formats, again.codecs, again.returns) == (fixture.formats, fixture.codecs, fixture.returns)
    assert again.probes == fixture.probes


@pytest.mark.media
def test_a_render_that_is_not_what_was_planned_makes_the_host_unfit(host: Host) -> None:
    host.with_ffmpeg()
    host.installation.set_quirks(Quirks(output="short"))
    path = host.root / "host.json"
    code, checks = host.doctor("--fixture", str(path), "--media", str(host.source()), "--render")
    assert (code, levels(checks)["render"]) == (1, ["fail"])
    assert "frame_count: expected 5, actual 4" in read_fixture(path=path).probes["render_proxy_dnxhr_lb_resolve"]


def test_restarts_are_probed_where_they_are_allowed(host: Host) -> None:
    checks, fixture = host.record("--allow-restart")
    assert levels(checks)["restart"] == ["ok"] * 4
    ready = {name for name, text in fixture.probes.items() if text.startswith("ready after")}
    assert ready == {"nogui_without_display", "import_at_another_rate", "start_before_kill", "start_after_kill"}
    assert "a clip of 25.0 imported at 24 without a question" in fixture.probes["import_at_another_rate"]
    assert host.installation.starts() == 5
    assert host.is_untouched()


def test_a_hang_is_recorded_and_what_it_left_is_removed(host: Host) -> None:
    host.installation.set_quirks(Quirks(import_prompts=True))
    path = host.root / "host.json"
    code, checks = host.doctor("--fixture", str(path), "--media", str(host.source()))
    assert (code, levels(checks)["recording"]) == (1, ["fail"])
    fixture = read_fixture(path=path)
    assert fixture.probes["trouble"].endswith("did not return within 2 s")
    assert fixture.project_settings["timelineFrameRate"] == "24"
    assert host.is_untouched()


def test_what_is_to_be_recorded_needs_a_file(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--render"]) == 1
    assert "--fixture FILE" in capsys.readouterr().err
