"""Where the executor lies on a host of each platform. Pure.

Everything is the user's own: Resolve needs the graphics card and the session of a user, so its executor does too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath, PureWindowsPath

from proxx.core.quoting import quote
from proxx_resolve_executor.discovery import Platform
from proxx_resolve_executor.install.install_error import InstallError

UNIT = "proxx-resolve-executor.service"
LABEL = "org.proxx.resolve-executor"
TASK = "Proxx\\Resolve Executor"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLayout:
    """The places of one installation.

    `base` is a directory that holds nothing but what the installer makes, `settings` the settings file, `service` the
    service definition, `log` where the executor's log goes; None where the platform keeps it (journal, console).
    """

    platform: Platform
    base: PurePath
    settings: PurePath
    service: PurePath
    log: PurePath | None

    @property
    def venv(self) -> PurePath:
        """The Python environment of the executor."""
        return self.base / "venv"

    @property
    def python(self) -> PurePath:
        """The Python of that environment."""
        return self.venv / ("Scripts/python.exe" if self.platform is Platform.WINDOWS else "bin/python")


def host_layout(*, platform: Platform, environment: Mapping[str, str]) -> HostLayout:
    """Return the places for the user of this environment.

    Args:
        platform: whose conventions count.
        environment: HOME, XDG_DATA_HOME, XDG_CONFIG_HOME; on Windows LOCALAPPDATA.

    Raises:
        InstallError: the environment names no home, or one that no service definition can name.
    """
    match platform:
        case Platform.LINUX:
            home = _posix(environment, "HOME")
            data = _posix(environment, "XDG_DATA_HOME", home / ".local/share")
            config = _posix(environment, "XDG_CONFIG_HOME", home / ".config")
            return HostLayout(
                platform=platform,
                base=data / "proxx-resolve-executor",
                settings=config / "proxx/resolve_executor.toml",
                service=config / "systemd/user" / UNIT,
                log=None,
            )
        case Platform.MACOS:
            library = _posix(environment, "HOME") / "Library"
            own = library / "Application Support/Proxx"
            return HostLayout(
                platform=platform,
                base=own / "resolve_executor",
                settings=own / "resolve_executor.toml",
                service=library / "LaunchAgents" / f"{LABEL}.plist",
                log=library / "Logs/Proxx/resolve_executor.log",
            )
        case Platform.WINDOWS:
            own_folder = PureWindowsPath(_named(environment, "LOCALAPPDATA")) / "Proxx"
            return HostLayout(
                platform=platform,
                base=own_folder / "resolve_executor",
                settings=own_folder / "resolve_executor.toml",
                service=own_folder / "resolve_executor.task.xml",
                log=None,
            )


def check_plain(*, text: str, what: str) -> str:
    """Return the text, if a service definition and a settings file can hold it.

    Raises:
        InstallError: it has control characters, or is no Unicode.
    """
    if any(ord(character) < 32 or ord(character) == 127 for character in text) or not _is_unicode(text):
        raise InstallError(f"{what} is {quote(text=text, limit=400)}: control characters, or not Unicode")
    return text


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _named(environment: Mapping[str, str], name: str) -> str:
    text = environment.get(name, "")
    if not text:
        raise InstallError(f"the environment has no {name}: it says where the user's files lie")
    return check_plain(text=text, what=name)


def _posix(environment: Mapping[str, str], name: str, default: PurePosixPath | None = None) -> PurePosixPath:
    """A directory that a variable names; one that is not absolute counts as none (XDG base directories)."""
    if default is not None and not environment.get(name, "").startswith("/"):
        return default
    return PurePosixPath(_named(environment, name))
