"""Installs on this host, and removes again: from the arguments to steps, shown and done."""

import argparse
import getpass
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from proxx.core.quoting import quote
from proxx_resolve_executor.discovery import DiskPlaces, Installation, Platform, find_installation, platform_of
from proxx_resolve_executor.install.carrying_out import carry_out
from proxx_resolve_executor.install.host_layout import HostLayout, host_layout
from proxx_resolve_executor.install.install_error import InstallError
from proxx_resolve_executor.install.plans import (
    InstallRequest,
    User,
    install_steps,
    service_content,
    service_python,
    uninstall_steps,
)
from proxx_resolve_executor.install.pythons import find_python
from proxx_resolve_executor.install.settings_text import FirstSettings, settings_text
from proxx_resolve_executor.install.steps import command_line, step_line
from proxx_resolve_executor.python_facts import PythonFacts
from proxx_resolve_executor.resolve_error import ResolveError

FAILED = 1
PROJECT_FILE = "pyproject.toml"
LOCK_FILE = "requirements.lock"
BOOTSTRAP = "services/resolve_executor/install.py"


def install_host(*, options: argparse.Namespace) -> int:
    """Install for this user. Returns the exit code: 0, or 1 with the reason on stderr."""
    try:
        request, resolve, python = _request(options)
        steps = install_steps(request=request)
        platform = request.layout.platform
        _say(
            f"Resolve {resolve.binary}",
            f"Python  {python}",
            "",
        )
        if options.dry_run:
            _show_dry(request, [step_line(step=step, platform=platform) for step in steps])
            return 0
        carry_out(steps=steps, platform=platform, say=_say)
    except (InstallError, ResolveError) as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    _say_next(request)
    return 0


def uninstall_host(*, dry_run: bool) -> int:
    """Remove what was installed for this user. Returns the exit code: 0, or 1 with the reason on stderr."""
    try:
        layout = _layout(os.environ)
        steps = uninstall_steps(layout=layout, user=_user())
        if dry_run:
            _say("nothing is touched; it would:", *(step_line(step=step, platform=layout.platform) for step in steps))
            return 0
        carry_out(steps=steps, platform=layout.platform, say=_say)
    except InstallError as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    _say("", f"The settings stay: {layout.settings}")
    return 0


def _request(options: argparse.Namespace) -> tuple[InstallRequest, Installation, PythonFacts]:
    _check_mounts(options.mount)
    layout = _layout(os.environ)
    resolve = find_installation(
        platform=layout.platform,
        places=DiskPlaces(),
        environment=os.environ,
        resolve_path=options.resolve_path or _named_path("PROXX_RESOLVE_PATH"),
        script_api_path=options.resolve_script_api_path or _named_path("PROXX_RESOLVE_SCRIPT_API_PATH"),
    )
    package = _package(options.package)
    python = find_python(chosen=options.python if package is not None else options.python or sys.executable)
    lock = package / LOCK_FILE if package is not None and (package / LOCK_FILE).is_file() else None
    own = PurePath(python.program) if package is None else layout.python
    request = InstallRequest(
        layout=layout,
        user=_user(),
        python=Path(python.program),
        package=package,
        lock=lock,
        settings=FirstSettings(
            scheduler=options.scheduler,
            name=options.name,
            mounts=tuple(options.mount),
            ffmpeg=_tool(options.ffmpeg),
            ffprobe=_tool(options.ffprobe),
            resolve_path=str(resolve.binary),
            script_api=str(resolve.script_api),
            python=str(own),
        ),
        installed=Path(layout.service).exists(),
        start=not options.no_start,
    )
    return request, resolve, python


def _layout(environment: Mapping[str, str]) -> HostLayout:
    if environment.get("SUDO_USER"):
        raise InstallError(
            f"this is sudo: run it as {quote(text=environment['SUDO_USER'])}, in whose session Resolve is to run;"
            " nothing here needs more rights"
        )
    return host_layout(platform=platform_of(system=sys.platform), environment=environment)


def _check_mounts(mounts: Sequence[str]) -> None:
    if not mounts:
        raise InstallError("no --mount NAME=DIR: without a root there is no work")
    for mount in mounts:
        name, separator, directory = mount.partition("=")
        if not separator or not name or not Path(directory).is_absolute():
            raise InstallError(f"--mount {quote(text=mount, limit=400)}: expected NAME=absolute directory")


def _package(chosen: Path | None) -> Path | None:
    """The wheel or checkout to install: the chosen one, or that of this file; None where this program is installed."""
    if chosen is not None:
        package = chosen.resolve()
        if not (package.is_file() and package.suffix == ".whl") and not (package / PROJECT_FILE).is_file():
            raise InstallError(f"--package {quote(text=str(chosen), limit=400)} is neither a wheel nor a checkout")
        return package
    checkout = Path(__file__).resolve().parents[4]
    return checkout if (checkout / PROJECT_FILE).is_file() and (checkout / LOCK_FILE).is_file() else None


def _named_path(variable: str) -> Path | None:
    text = os.environ.get(variable)
    return Path(text) if text else None


def _tool(name: str) -> str:
    """The place of a tool: a service does not have the PATH of a shell."""
    return shutil.which(name) or name


def _user() -> User:
    if sys.platform == "win32":
        domain = os.environ.get("USERDOMAIN", "")
        return User(uid=0, name=f"{domain}\\{getpass.getuser()}" if domain else getpass.getuser())
    return User(uid=os.getuid(), name=getpass.getuser())


def _show_dry(request: InstallRequest, lines: list[str]) -> None:
    content = service_content(request=request)
    windows = request.layout.platform is Platform.WINDOWS
    _say("nothing is touched; it would:", *lines)
    _say("", f"{request.layout.settings}:", settings_text(settings=request.settings))
    _say(f"{request.layout.service}:", content.decode("utf-16" if windows else "utf-8"))
    undo = uninstall_steps(layout=request.layout, user=request.user)
    _say("and to undo it:", *(step_line(step=step, platform=request.layout.platform) for step in undo))


def _say_next(request: InstallRequest) -> None:
    layout = request.layout
    own = (str(service_python(request=request)), "-m", "proxx_resolve_executor")
    see = {
        Platform.LINUX: "journalctl --user -u proxx-resolve-executor -f",
        Platform.MACOS: f"tail -f {command_line(words=(str(layout.log),), platform=layout.platform)}",
        Platform.WINDOWS: "the console window of the task",
    }[layout.platform]
    for tool in (request.settings.ffmpeg, request.settings.ffprobe):
        if not Path(tool).is_absolute():
            _say(f"{tool} was not found: install it, and put its path into {layout.settings}")
    undo = _undo_words(request, own)
    _say(
        "",
        f"check   {command_line(words=(*own, 'doctor'), platform=layout.platform)}",
        f"log     {see}",
        f"undo    {command_line(words=undo, platform=layout.platform)}",
    )


def _undo_words(request: InstallRequest, own: tuple[str, ...]) -> tuple[str, ...]:
    """What uninstalls. Windows removes no program that runs, so there the checkout's does it."""
    if request.layout.platform is Platform.WINDOWS and request.package is not None:
        bootstrap = Path(request.package) / BOOTSTRAP
        if bootstrap.is_file():
            return (str(request.python), str(bootstrap), "uninstall")
    return (*own, "uninstall")


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
