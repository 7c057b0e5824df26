"""From what is asked to the steps of an installation, and of its removal. Pure."""

from dataclasses import dataclass
from pathlib import PurePath

from proxx_resolve_executor.discovery import Platform
from proxx_resolve_executor.install.host_layout import LABEL, TASK, UNIT, HostLayout
from proxx_resolve_executor.install.service_text import launchd_plist, run_words, systemd_unit, windows_task
from proxx_resolve_executor.install.settings_text import FirstSettings, settings_text
from proxx_resolve_executor.install.steps import MakeDirectory, Remove, RunCommand, Step, WriteFile


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Whose session it is: the number that launchd wants (0 elsewhere), the name that Windows wants."""

    uid: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallRequest:
    """What is to be installed.

    `python` makes the environment and `package` (a wheel, or a checkout) goes into it, after the packages of `lock`.
    Without a package no environment is made, and the service runs `python` itself, which has Proxx. `installed`: a
    service definition is there already. `start`: the service is registered and started.
    """

    layout: HostLayout
    user: User
    python: PurePath
    package: PurePath | None
    lock: PurePath | None
    settings: FirstSettings
    installed: bool
    start: bool


def install_steps(*, request: InstallRequest) -> tuple[Step, ...]:
    """Return the steps, in order.

    Raises:
        InstallError: a value cannot stand in the settings file.
    """
    layout = request.layout
    steps: list[Step] = [RunCommand(words=_stop(layout, request.user), may_fail=True)] if request.installed else []
    steps += _environment_steps(request)
    text = settings_text(settings=request.settings)
    steps += [
        MakeDirectory(path=layout.settings.parent),
        WriteFile(path=layout.settings, content=text.encode(), keep=True),
        MakeDirectory(path=layout.service.parent),
        WriteFile(path=layout.service, content=service_content(request=request)),
    ]
    if layout.log is not None:
        steps.append(MakeDirectory(path=layout.log.parent))
    if request.start:
        steps += [RunCommand(words=words) for words in _start(layout, request.user)]
    return tuple(steps)


def uninstall_steps(*, layout: HostLayout, user: User) -> tuple[Step, ...]:
    """Return the steps that remove the service and the environment. Settings, log and state stay."""
    steps: list[Step] = [RunCommand(words=words, may_fail=True) for words in _unregister(layout, user)]
    steps.append(Remove(path=layout.service))
    if layout.platform is Platform.LINUX:
        steps.append(RunCommand(words=("systemctl", "--user", "daemon-reload"), may_fail=True))
    return (*steps, Remove(path=layout.base))


def service_python(*, request: InstallRequest) -> PurePath:
    """Return the Python that the service runs."""
    return request.python if request.package is None else request.layout.python


def service_content(*, request: InstallRequest) -> bytes:
    """Return the bytes of the service definition."""
    layout = request.layout
    words = run_words(python=service_python(request=request), settings=layout.settings)
    if layout.platform is Platform.WINDOWS:
        return windows_task(words=words, user=request.user.name).replace("\n", "\r\n").encode("utf-16")
    if layout.log is not None:
        return launchd_plist(words=words, log=layout.log).encode()
    return systemd_unit(words=words).encode()


def _environment_steps(request: InstallRequest) -> list[Step]:
    if request.package is None:
        return []
    layout = request.layout
    pip = [str(layout.python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    steps: list[Step] = [
        MakeDirectory(path=layout.base),
        RunCommand(words=(str(request.python), "-m", "venv", "--clear", str(layout.venv))),
    ]
    if request.lock is not None:
        steps.append(RunCommand(words=(*pip, "--require-hashes", "-r", str(request.lock))))
        pip.append("--no-deps")
    return [*steps, RunCommand(words=(*pip, str(request.package)))]


def _start(layout: HostLayout, user: User) -> list[tuple[str, ...]]:
    match layout.platform:
        case Platform.LINUX:
            return [
                ("systemctl", "--user", "daemon-reload"),
                ("systemctl", "--user", "enable", "--now", UNIT),
            ]
        case Platform.MACOS:
            return [("launchctl", "bootstrap", f"gui/{user.uid}", str(layout.service))]
        case Platform.WINDOWS:
            return [
                ("schtasks", "/Create", "/TN", TASK, "/XML", str(layout.service), "/F"),
                ("schtasks", "/Run", "/TN", TASK),
            ]


def _stop(layout: HostLayout, user: User) -> tuple[str, ...]:
    match layout.platform:
        case Platform.LINUX:
            return ("systemctl", "--user", "stop", UNIT)
        case Platform.MACOS:
            return ("launchctl", "bootout", f"gui/{user.uid}/{LABEL}")
        case Platform.WINDOWS:
            return ("schtasks", "/End", "/TN", TASK)


def _unregister(layout: HostLayout, user: User) -> list[tuple[str, ...]]:
    match layout.platform:
        case Platform.LINUX:
            return [("systemctl", "--user", "disable", "--now", UNIT)]
        case Platform.MACOS:
            return [_stop(layout, user)]
        case Platform.WINDOWS:
            return [_stop(layout, user), ("schtasks", "/Delete", "/TN", TASK, "/F")]
