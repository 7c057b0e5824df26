"""What installing and uninstalling do on each platform: every step, in order; all pure."""

import tomllib
from pathlib import PurePath, PurePosixPath, PureWindowsPath

import pytest

from proxx_resolve_executor.discovery import Platform
from proxx_resolve_executor.install.host_layout import HostLayout, host_layout
from proxx_resolve_executor.install.install_error import InstallError
from proxx_resolve_executor.install.plans import InstallRequest, User, install_steps, uninstall_steps
from proxx_resolve_executor.install.settings_text import FirstSettings, settings_text
from proxx_resolve_executor.install.steps import step_line
from proxx_resolve_executor.settings import ExecutorSettings

HOMES = {"HOME": "/home/dit", "LOCALAPPDATA": "C:\\Users\\dit\\AppData\\Local"}
PIP = "-m pip --disable-pip-version-check --no-input install --quiet"
SETTINGS = FirstSettings(
    scheduler="render.lan:7600",
    name='DIT "one" ü',
    mounts=("media=/mnt/media", "out=/mnt/50% done"),
    ffmpeg="/usr/bin/ffmpeg",
    ffprobe="/usr/bin/ffprobe",
    resolve_path="/opt/resolve/bin/resolve",
    script_api="/opt/resolve/Developer/Scripting",
    python="C:\\venv\\python.exe",
)


def layout_of(platform: Platform) -> HostLayout:
    return host_layout(platform=platform, environment=HOMES)


def request_of(
    platform: Platform,
    *,
    package: PurePath | None,
    lock: PurePath | None = None,
    installed: bool = False,
    start: bool = True,
) -> InstallRequest:
    windows = platform is Platform.WINDOWS
    return InstallRequest(
        layout=layout_of(platform),
        user=User(uid=501, name="STUDIO\\dit"),
        python=PureWindowsPath("C:\\Python311\\python.exe") if windows else PurePosixPath("/usr/bin/python3.11"),
        package=package,
        lock=lock,
        settings=SETTINGS,
        installed=installed,
        start=start,
    )


def lines_of(request: InstallRequest) -> list[str]:
    return [step_line(step=step, platform=request.layout.platform) for step in install_steps(request=request)]


def undo_lines(platform: Platform) -> list[str]:
    steps = uninstall_steps(layout=layout_of(platform), user=User(uid=501, name="STUDIO\\dit"))
    return [step_line(step=step, platform=platform) for step in steps]


def test_linux_from_a_checkout() -> None:
    request = request_of(
        Platform.LINUX, package=PurePosixPath("/src/proxx"), lock=PurePosixPath("/src/proxx/requirements.lock")
    )
    base = "/home/dit/.local/share/proxx-resolve-executor"
    assert lines_of(request) == [
        f"make    {base}",
        f"run     /usr/bin/python3.11 -m venv --clear {base}/venv",
        f"run     {base}/venv/bin/python {PIP} --require-hashes -r /src/proxx/requirements.lock",
        f"run     {base}/venv/bin/python {PIP} --no-deps /src/proxx",
        "make    /home/dit/.config/proxx",
        "write   /home/dit/.config/proxx/resolve_executor.toml (unless it is there)",
        "make    /home/dit/.config/systemd/user",
        "write   /home/dit/.config/systemd/user/proxx-resolve-executor.service",
        "run     systemctl --user daemon-reload",
        "run     systemctl --user enable --now proxx-resolve-executor.service",
    ]
    assert undo_lines(Platform.LINUX) == [
        "run     systemctl --user disable --now proxx-resolve-executor.service",
        "remove  /home/dit/.config/systemd/user/proxx-resolve-executor.service",
        "run     systemctl --user daemon-reload",
        f"remove  {base}",
    ]


def test_macos_from_a_wheel_over_an_earlier_installation() -> None:
    request = request_of(Platform.MACOS, package=PurePosixPath("/dl/proxx.whl"), installed=True)
    own = "/home/dit/Library/Application Support/Proxx"
    agent = "/home/dit/Library/LaunchAgents/org.proxx.resolve-executor.plist"
    assert lines_of(request) == [
        "run     launchctl bootout gui/501/org.proxx.resolve-executor",
        f"make    {own}/resolve_executor",
        f"run     /usr/bin/python3.11 -m venv --clear '{own}/resolve_executor/venv'",
        f"run     '{own}/resolve_executor/venv/bin/python' {PIP} /dl/proxx.whl",
        f"make    {own}",
        f"write   {own}/resolve_executor.toml (unless it is there)",
        "make    /home/dit/Library/LaunchAgents",
        f"write   {agent}",
        "make    /home/dit/Library/Logs/Proxx",
        f"run     launchctl bootstrap gui/501 {agent}",
    ]
    assert undo_lines(Platform.MACOS) == [
        "run     launchctl bootout gui/501/org.proxx.resolve-executor",
        f"remove  {agent}",
        f"remove  {own}/resolve_executor",
    ]


def test_windows_from_an_installed_package() -> None:
    own = "C:\\Users\\dit\\AppData\\Local\\Proxx"
    assert lines_of(request_of(Platform.WINDOWS, package=None)) == [
        f"make    {own}",
        f"write   {own}\\resolve_executor.toml (unless it is there)",
        f"make    {own}",
        f"write   {own}\\resolve_executor.task.xml",
        f'run     schtasks /Create /TN "Proxx\\Resolve Executor" /XML {own}\\resolve_executor.task.xml /F',
        'run     schtasks /Run /TN "Proxx\\Resolve Executor"',
    ]
    assert undo_lines(Platform.WINDOWS) == [
        'run     schtasks /End /TN "Proxx\\Resolve Executor"',
        'run     schtasks /Delete /TN "Proxx\\Resolve Executor" /F',
        f"remove  {own}\\resolve_executor.task.xml",
        f"remove  {own}\\resolve_executor",
    ]


@pytest.mark.parametrize("platform", list(Platform))
def test_without_a_start_nothing_is_registered(platform: Platform) -> None:
    lines = lines_of(request_of(platform, package=None, start=False))
    assert [line for line in lines if line.startswith("run")] == []


def test_directories_of_xdg_are_followed() -> None:
    layout = host_layout(
        platform=Platform.LINUX, environment={"HOME": "/h", "XDG_DATA_HOME": "/d", "XDG_CONFIG_HOME": "not/absolute"}
    )
    assert layout == HostLayout(
        platform=Platform.LINUX,
        base=PurePosixPath("/d/proxx-resolve-executor"),
        settings=PurePosixPath("/h/.config/proxx/resolve_executor.toml"),
        service=PurePosixPath("/h/.config/systemd/user/proxx-resolve-executor.service"),
        log=None,
    )


@pytest.mark.parametrize(
    ("platform", "environment", "message"),
    [
        pytest.param(Platform.LINUX, {}, "the environment has no HOME", id="no home"),
        pytest.param(Platform.WINDOWS, {}, "the environment has no LOCALAPPDATA", id="no folder on Windows"),
        pytest.param(Platform.MACOS, {"HOME": "/a\nb"}, "control characters", id="a line break"),
        pytest.param(Platform.LINUX, {"HOME": "/a\udcff"}, "not Unicode", id="no Unicode"),
    ],
)
def test_a_home_that_no_service_can_name_is_refused(
    platform: Platform, environment: dict[str, str], message: str
) -> None:
    with pytest.raises(InstallError, match=message):
        host_layout(platform=platform, environment=environment)


def test_the_settings_file_is_one_that_the_executor_reads() -> None:
    settings = ExecutorSettings(**tomllib.loads(settings_text(settings=SETTINGS)))
    assert {name: str(path) for name, path in settings.mounts.items()} == {
        "media": "/mnt/media",
        "out": "/mnt/50% done",
    }
    assert (settings.scheduler, settings.name) == ("render.lan:7600", 'DIT "one" ü')
    assert str(settings.resolve_python) == "C:\\venv\\python.exe"
    assert settings.model_fields_set == {
        *("scheduler", "name", "mount", "ffmpeg", "ffprobe"),
        *("resolve_path", "resolve_script_api_path", "resolve_python"),
    }
