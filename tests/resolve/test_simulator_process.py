"""The simulated application as real processes: starting, scripting, hanging, dying."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.resolve.local_resolve import wait_for
from tests.resolve.wire_client import WireClient
from tests.resolve_simulator.install import install
from tests.resolve_simulator.installation import Installation
from tests.resolve_simulator.quirks import Quirks
from tests.resolve_simulator.source_facts import SourceFacts

pytestmark = pytest.mark.process

SOON = 0.4  # long enough for an answer that comes, short enough for one that does not

Start = Callable[..., tuple[Installation, "subprocess.Popen[bytes]"]]

Connect = Callable[[Installation], WireClient]

LOAD = "import sys; sys.path.insert(0, sys.argv[1]); import DaVinciResolveScript as module; "


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the application of an installation; each is ended with the test, and none of them may have a defect."""
    started: list[tuple[Installation, subprocess.Popen[bytes]]] = []

    def begin(quirks: Quirks | None = None, *, installation: Installation | None = None, listening: bool = True) -> Any:
        made = installation or install(root=tmp_path / "resolve", quirks=quirks)
        process = made.start()
        started.append((made, process))
        if listening:
            made.wait_listening()
        return made, process

    yield begin
    for installation, process in started:
        process.kill()
        process.wait()
        assert not (installation.root / "defects.txt").exists()


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connect to an application; each connection is closed with the test."""
    clients: list[WireClient] = []

    def begin(installation: Installation) -> WireClient:
        clients.append(WireClient(installation.root))
        return clients[-1]

    yield begin
    for client in clients:
        client.close()


def _python(installation: Installation, code: str, *, seconds: float = 20.0) -> subprocess.CompletedProcess[str]:
    """Run `code` with the scripting module loaded as `module`, in a Python of its own."""
    argv = [sys.executable, "-IS", "-c", LOAD + code, str(installation.script_api / "Modules")]
    return subprocess.run(argv, capture_output=True, text=True, timeout=seconds, check=False)


def test_a_script_reaches_the_application_and_its_objects(start: Start) -> None:
    installation, _ = start()
    code = """
resolve = module.scriptapp("Resolve")
manager = resolve.GetProjectManager()
project = manager.CreateProject("job")
print(module.__name__, hasattr(resolve, "NoSuchCall"), resolve.NoSuchCall, "NoSuchCall" in dir(resolve))
print(project.GetName(), project == manager.GetCurrentProject(), manager.CreateProject("job"))
try:
    resolve.NoSuchCall()
except TypeError as error:
    print(error)
try:
    manager.CreateProject(__import__("pathlib").Path("x"))
except TypeError as error:
    print(error)
"""
    done = _python(installation, code)
    assert done.stdout.splitlines() == [
        "fusionscript True None False",
        "job True None",
        "'NoneType' object is not callable",
        "PosixPath cannot be passed to Resolve",
    ]
    assert [each["call"] for each in installation.calls()] == [
        "GetProjectManager",
        "CreateProject",
        "GetName",
        "GetCurrentProject",
        "CreateProject",
    ]


@pytest.mark.parametrize(
    ("quirks", "call"),
    [
        pytest.param(None, 'module.scriptapp("Resolve")', id="it does not run"),
        pytest.param(Quirks(scriptapp_none=True), 'module.scriptapp("Resolve")', id="no reason"),
        pytest.param(Quirks(scripting="none"), 'module.scriptapp("Resolve")', id="scripting is off"),
        pytest.param(
            Quirks(scripting="network", platform="darwin"), 'module.scriptapp("Resolve")', id="network on macOS"
        ),
        pytest.param(Quirks(), 'module.scriptapp("Fusion")', id="another application"),
    ],
)
def test_scriptapp_is_none(start: Start, tmp_path: Path, quirks: Quirks | None, call: str) -> None:
    installation = install(root=tmp_path / "resolve") if quirks is None else start(quirks)[0]
    assert _python(installation, f"print({call})").stdout == "None\n"


def test_network_scripting_on_macos_answers_to_a_named_host(start: Start) -> None:
    installation, _ = start(Quirks(scripting="network", platform="darwin"))
    done = _python(installation, 'print(module.scriptapp("Resolve", "127.0.0.1").GetProductName())')
    assert done.stdout == "DaVinci Resolve Studio\n"


@pytest.mark.parametrize(
    ("quirks", "code"),
    [
        pytest.param(Quirks(import_blocks=True), "", id="the import"),
        pytest.param(Quirks(scriptapp_hangs=True), 'module.scriptapp("Resolve")', id="scriptapp"),
    ],
)
def test_loading_may_never_end(tmp_path: Path, quirks: Quirks, code: str) -> None:
    installation = install(root=tmp_path / "resolve", quirks=quirks)
    with pytest.raises(subprocess.TimeoutExpired):
        _python(installation, code, seconds=SOON)


def test_the_module_may_need_another_python(tmp_path: Path) -> None:
    installation = install(root=tmp_path / "resolve", quirks=Quirks(import_raises=True))
    assert _python(installation, "").stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'imp'"


def test_the_module_may_end_the_process(tmp_path: Path) -> None:
    installation = install(root=tmp_path / "resolve", quirks=Quirks(import_crashes=True))
    assert _python(installation, "").returncode == -signal.SIGSEGV


def test_without_its_library_the_module_does_not_load(tmp_path: Path) -> None:
    installation = install(root=tmp_path / "resolve")
    installation.library.unlink()
    assert "Could not locate module dependencies" in _python(installation, "").stderr


def test_a_second_instance_ends_silently(start: Start) -> None:
    installation, first = start()
    second = installation.start()
    assert second.wait(10) == 0
    assert (first.poll(), installation.pid(), installation.starts()) == (None, first.pid, 1)


@pytest.mark.parametrize(
    "quirks", [pytest.param(Quirks(), id="at work"), pytest.param(Quirks(start_hangs=True), id="hanging")]
)
def test_an_application_whose_root_is_gone_ends_by_itself(tmp_path: Path, quirks: Quirks) -> None:
    installation = install(root=tmp_path / "resolve", quirks=quirks)
    process = installation.start()
    wait_for(lambda: installation.listening() if quirks == Quirks() else installation.starts() == 1)
    installation.root.rename(tmp_path / "gone")
    assert process.wait(10) == 0


def test_a_start_may_end_at_once(start: Start) -> None:
    _, process = start(Quirks(start_exits=3), listening=False)
    assert process.wait(10) == 3


@pytest.mark.parametrize(
    "quirks", [pytest.param(Quirks(start_hangs=True), id="hangs"), pytest.param(Quirks(start_seconds=60), id="slow")]
)
def test_a_start_may_open_no_listener(start: Start, quirks: Quirks) -> None:
    installation, process = start(quirks, listening=False)
    wait_for(lambda: installation.pid() == process.pid)
    assert _python(installation, 'print(module.scriptapp("Resolve"))').stdout == "None\n"


def test_an_application_that_answers_may_not_be_ready(start: Start, connect: Connect) -> None:
    installation, _ = start(Quirks(ready_seconds=60))
    client = connect(installation)
    assert client.ask(client.manager, "GetCurrentDatabase") is None
    installation.set_quirks(Quirks())
    assert client.ask(client.manager, "GetCurrentDatabase") == {"DbType": "Disk", "DbName": "Local Database"}
    assert client.ask(client.manager, "GetProjectListInCurrentFolder") == []


def test_quit_gives_none_and_the_process_goes(start: Start, connect: Connect) -> None:
    installation, process = start()
    client = connect(installation)
    assert client.ask(client.resolve, "Quit") is None
    assert process.wait(10) == 0
    assert (installation.pid(), client.ask(client.manager, "GetCurrentDatabase")) == (None, None)


def test_a_call_that_hangs_takes_every_later_call_with_it(start: Start, connect: Connect) -> None:
    installation, _ = start(Quirks(hang_calls=("ProjectManager.GetCurrentProject",)))
    client, other = connect(installation), connect(installation)
    with pytest.raises(TimeoutError):
        client.ask(client.manager, "GetCurrentProject", within=SOON)
    with pytest.raises(TimeoutError):
        other.ask(other.resolve, "GetVersionString", within=SOON)


@pytest.mark.parametrize(
    ("quirks", "thing", "name", "args"),
    [
        pytest.param(Quirks(), "manager", "SaveProject", [], id="saving the untitled project"),
        pytest.param(Quirks(), "project", "StartRendering", [True], id="an interactive render"),
        pytest.param(Quirks(import_prompts=True), "pool", "ImportMedia", [["A.R3D"]], id="media at another rate"),
    ],
)
def test_a_call_that_wants_a_dialog_hangs_without_a_user_interface(
    start: Start, connect: Connect, tmp_path: Path, quirks: Quirks, thing: str, name: str, args: list[Any]
) -> None:
    installation, _ = start(quirks)
    client = connect(installation)
    project = client.ask(client.manager, "GetCurrentProject")
    things = {"manager": client.manager, "project": project, "pool": client.ask(project, "GetMediaPool")}
    if name == "ImportMedia":
        (tmp_path / "A.R3D").write_bytes(b"synthetic")
        SourceFacts(rate="25/1").write(tmp_path / "A.R3D")
        args = [[str(tmp_path / "A.R3D")]]
    with pytest.raises(TimeoutError):
        client.ask(things[thing], name, *args, within=SOON)


def test_a_call_on_an_application_that_is_gone_may_hang(start: Start) -> None:
    installation, process = start(Quirks(dead_call="hang", crash_calls=("GetVersion",)))
    with pytest.raises(subprocess.TimeoutExpired):
        _python(installation, 'module.scriptapp("Resolve").GetVersion()', seconds=2 * SOON)
    assert process.wait(10) == -signal.SIGKILL


def test_an_application_may_not_obey_quit(start: Start, connect: Connect) -> None:
    installation, process = start(Quirks(quit_ignored=True, quit_seconds=0.0))
    client = connect(installation)
    assert client.ask(client.resolve, "Quit") is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(SOON)


def test_saving_the_untitled_project_may_be_false_without_a_user_interface(start: Start, connect: Connect) -> None:
    installation, _ = start(Quirks(save_untitled_hangs=False))
    client = connect(installation)
    assert client.ask(client.manager, "SaveProject") is False


def test_a_start_after_a_kill_may_take_long(start: Start) -> None:
    installation, first = start(Quirks(start_after_kill_seconds=60, log_calls=False))
    first.kill()
    first.wait()
    _, second = start(installation=installation, listening=False)
    wait_for(lambda: installation.pid() == second.pid)
    assert (installation.listening(), installation.calls()) == (False, [])


def test_a_call_may_end_the_process(start: Start, connect: Connect) -> None:
    installation, process = start(Quirks(crash_calls=("GetVersion#2",)))
    client = connect(installation)
    assert client.ask(client.resolve, "GetVersion") == [21, 0, 4, 5, ""]
    assert client.ask(client.resolve, "GetVersion") is None
    assert process.wait(10) == -signal.SIGKILL


def test_a_kill_leaves_projects_and_may_wedge_the_next_start_only(start: Start, connect: Connect) -> None:
    installation, first = start(Quirks(wedge_after_kill=True))
    client = connect(installation)
    client.ask(client.manager, "CreateProject", "job")
    seen = []
    for _ in range(2):
        first.kill()
        first.wait()
        _, first = start(installation=installation)
        client = connect(installation)
        seen.append((client.ask(client.manager, "GetCurrentDatabase"), client.ask(client.resolve, "GetVersionString")))
        seen.append(client.ask(client.manager, "GetProjectListInCurrentFolder"))
    assert [seen[0][0], seen[1]] == [None, None]
    assert [seen[2][0], seen[3]] == [{"DbType": "Disk", "DbName": "Local Database"}, ["job"]]


@pytest.mark.parametrize(
    "quirks",
    [pytest.param(Quirks(wedged_starts=1), id="the first only"), pytest.param(Quirks(wedged=True), id="every one")],
)
def test_a_start_may_be_wedged(start: Start, connect: Connect, quirks: Quirks) -> None:
    installation, _ = start(quirks)
    client = connect(installation)
    assert client.ask(client.manager, "CreateProject", "job") is False


def _render(client: WireClient, tmp_path: Path) -> dict[str, Any]:
    """Start a render over the wire, and return its project."""
    (tmp_path / "A.R3D").write_bytes(b"synthetic")
    SourceFacts(audio=()).write(tmp_path / "A.R3D")
    project = client.ask(client.manager, "CreateProject", "job")
    pool = client.ask(project, "GetMediaPool")
    clips = client.ask(pool, "ImportMedia", [str(tmp_path / "A.R3D")])
    client.ask(pool, "CreateTimelineFromClips", "cut", clips)
    client.ask(project, "SetCurrentRenderFormatAndCodec", "mov", "DNxHRLB")
    size = {"FormatWidth": 256, "FormatHeight": 144}
    client.ask(project, "SetRenderSettings", {"TargetDir": str(tmp_path), "CustomName": "proxy", **size})
    job = client.ask(project, "AddRenderJob")
    assert client.ask(project, "StartRendering", [job], False) is True
    return dict(project)


def test_a_process_that_dies_mid_render_leaves_half_a_file_and_a_line_in_its_archive(
    start: Start, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BMD_RESOLVE_LOGS_DIR", str(tmp_path))
    installation, process = start(Quirks(dies_at=50))
    _render(connect(installation), tmp_path)
    assert process.wait(10) == -signal.SIGKILL
    (whole,) = (installation.root / "scratch").rglob("*.mov")
    assert (tmp_path / "proxy.mov").stat().st_size == whole.stat().st_size // 2
    assert (tmp_path / "crash_archive.txt").read_text() == "======= crash =======\n"


def test_a_client_that_goes_mid_render_may_leave_it_wedged(start: Start, connect: Connect, tmp_path: Path) -> None:
    installation, _ = start(Quirks(client_death_wedges=True, waits_forever=True))
    client, other = connect(installation), connect(installation)
    _render(client, tmp_path)
    assert other.ask(other.manager, "GetCurrentDatabase") is not None
    client.close()
    wait_for(lambda: other.ask(other.manager, "GetCurrentDatabase") is None)
