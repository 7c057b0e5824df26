"""Where DaVinci Resolve is installed: the overrides first, then the places of the platform. It starts nothing.

Source: the reference on Resolve scripting, section 1. Pure over `Places`, so each platform is tested on any host.
"""

import plistlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Protocol
from xml.parsers.expat import ExpatError

from proxx.core.quoting import quote
from proxx_resolve_executor.resolve_error import ResolveError, ResolveNotFoundError, ResolveValidationError

RESOLVE_PATH_VARIABLE = "PROXX_RESOLVE_PATH"
SCRIPT_API_VARIABLE = "PROXX_RESOLVE_SCRIPT_API_PATH"
MODULE = "DaVinciResolveScript.py"
CRASH_ARCHIVE = "crash_archive.txt"
PLIST_BYTES = 256 * 1024

LINUX_ROOTS = (PurePosixPath("/opt/resolve"), PurePosixPath("/home/resolve"))
MACOS_BUNDLES = (
    PurePosixPath("/Applications/DaVinci Resolve/DaVinci Resolve.app"),
    PurePosixPath("/Applications/DaVinci Resolve Studio.app"),  # the App Store build
)
MACOS_SCRIPT_API = PurePosixPath("/Library/Application Support/Blackmagic Design/DaVinci Resolve/Developer/Scripting")
VENDOR = PurePosixPath("Blackmagic Design/DaVinci Resolve")


class Platform(StrEnum):
    """The systems that Resolve runs on, by the names of `HostFacts.platform`."""

    LINUX = "linux"
    MACOS = "macos"
    WINDOWS = "windows"


def platform_of(*, system: str) -> Platform:
    """Return the platform that `sys.platform` names; whatever is neither macOS nor Windows counts as Linux."""
    return {"darwin": Platform.MACOS, "win32": Platform.WINDOWS}.get(system, Platform.LINUX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One installation. `version` is what its files say, None where they say nothing.

    `script_api` is the directory that RESOLVE_SCRIPT_API names, `library` the file of RESOLVE_SCRIPT_LIB, `logs` where
    Resolve writes its own logs. Whether a licence for Studio is there shows only when it runs.
    """

    platform: Platform
    binary: PurePath
    script_api: PurePath
    library: PurePath
    logs: PurePath | None
    version: str | None

    @property
    def modules(self) -> PurePath:
        """The directory that the scripting module is imported from."""
        return self.script_api / "Modules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """Whether Resolve seems usable here. `failure_reason` is a sentence, None when it is available."""

    is_available: bool
    installation: Installation | None
    failure_reason: str | None


class Places(Protocol):
    """What discovery asks of a file system."""

    def is_file(self, path: PurePath) -> bool:
        """Whether a file can be seen there."""
        ...

    def read(self, path: PurePath, limit: int) -> bytes | None:
        """Return at most so many bytes of a file, None where it cannot be read."""
        ...

    def size(self, path: PurePath) -> int:
        """Return how many bytes a file has; 0 where there is none."""
        ...


class DiskPlaces:
    """The file systems of this host."""

    def is_file(self, path: PurePath) -> bool:
        """Whether a file can be seen there."""
        try:
            return Path(path).is_file()
        except OSError:
            return False

    def read(self, path: PurePath, limit: int) -> bytes | None:
        """Return at most so many bytes of a file, None where it cannot be read."""
        try:
            with Path(path).open("rb") as file:
                return file.read(limit)
        except OSError:
            return None

    def size(self, path: PurePath) -> int:
        """Return how many bytes a file has; 0 where there is none."""
        try:
            return Path(path).stat().st_size
        except OSError:
            return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """One way in which an installation may lie on the disk."""

    binary: PurePath
    script_apis: tuple[PurePath, ...]
    library: PurePath
    plist: PurePath | None = None


def find_installation(
    *,
    platform: Platform,
    places: Places,
    environment: Mapping[str, str],
    resolve_path: PurePath | None = None,
    script_api_path: PurePath | None = None,
) -> Installation:
    """Return the installation of this host. An override that names nothing is an error, never a reason to look on.

    Args:
        platform: whose places and path spellings count.
        places: what can be seen.
        environment: HOME, PROGRAMDATA, ProgramFiles, APPDATA, BMD_RESOLVE_LOGS_DIR.
        resolve_path: the program, its folder, or its bundle (PROXX_RESOLVE_PATH).
        script_api_path: the folder `Developer/Scripting` (PROXX_RESOLVE_SCRIPT_API_PATH).

    Raises:
        ResolveNotFoundError: no program at any of the places, which the message names.
        ResolveValidationError: the program is there, its scripting module is not.
    """
    candidates = _candidates(platform, environment, resolve_path)
    found = next((one for one in candidates if places.is_file(one.binary)), None)
    if found is None:
        looked = ", ".join(quote(text=str(one.binary)) for one in candidates)
        if resolve_path is not None:
            raise ResolveNotFoundError(f"{RESOLVE_PATH_VARIABLE} names no DaVinci Resolve; looked for {looked}")
        raise ResolveNotFoundError(
            f"DaVinci Resolve was not found; looked for {looked}; set {RESOLVE_PATH_VARIABLE} where it lies elsewhere"
        )
    apis = found.script_apis if script_api_path is None else (script_api_path,)
    script_api = next((one for one in apis if places.is_file(one / "Modules" / MODULE)), None)
    if script_api is None:
        looked = ", ".join(quote(text=str(one / "Modules" / MODULE)) for one in apis)
        raise ResolveValidationError(
            f"{quote(text=str(found.binary))} has no scripting module; looked for {looked};"
            f" set {SCRIPT_API_VARIABLE} where it lies elsewhere"
        )
    return Installation(
        platform=platform,
        binary=found.binary,
        script_api=script_api,
        library=found.library,
        logs=_logs(platform, environment),
        version=_bundle_version(places, found.plist),
    )


def check_capability(
    *,
    platform: Platform,
    places: Places,
    environment: Mapping[str, str],
    resolve_path: PurePath | None = None,
    script_api_path: PurePath | None = None,
) -> Capability:
    """Say whether Resolve seems usable on this host. Never raises; the licence is taken for granted."""
    try:
        installation = find_installation(
            platform=platform,
            places=places,
            environment=environment,
            resolve_path=resolve_path,
            script_api_path=script_api_path,
        )
    except ResolveError as error:
        return Capability(is_available=False, installation=None, failure_reason=str(error))
    return Capability(is_available=True, installation=installation, failure_reason=None)


def _candidates(
    platform: Platform, environment: Mapping[str, str], override: PurePath | None
) -> tuple[_Candidate, ...]:
    match platform:
        case Platform.MACOS:
            bundles = MACOS_BUNDLES if override is None else _macos_bundles(PurePosixPath(override))
            return tuple(_macos(bundle) for bundle in bundles)
        case Platform.WINDOWS:
            data = PureWindowsPath(environment.get("PROGRAMDATA", "C:\\ProgramData"))
            default = PureWindowsPath(environment.get("ProgramFiles", "C:\\Program Files"), VENDOR)
            chosen = default if override is None else PureWindowsPath(override)
            folder = chosen.parent if chosen.suffix.lower() == ".exe" else chosen
            binary = chosen if chosen.suffix.lower() == ".exe" else folder / "Resolve.exe"
            api = data / VENDOR / "Support" / "Developer" / "Scripting"
            return (_Candidate(binary=binary, script_apis=(api,), library=folder / "fusionscript.dll"),)
        case Platform.LINUX:
            if override is None:
                return tuple(_linux(root / "bin" / "resolve") for root in LINUX_ROOTS)
            chosen_path = PurePosixPath(override)
            return (_linux(chosen_path), _linux(chosen_path / "bin" / "resolve"))


def _linux(binary: PurePosixPath) -> _Candidate:
    root = binary.parent.parent
    return _Candidate(
        binary=binary,
        script_apis=(root / "Developer" / "Scripting",),
        library=root / "libs" / "Fusion" / "fusionscript.so",
    )


def _macos(bundle: PurePosixPath) -> _Candidate:
    own = bundle / "Contents" / "Resources" / "Developer" / "Scripting"
    return _Candidate(
        binary=bundle / "Contents" / "MacOS" / "Resolve",
        script_apis=(own, MACOS_SCRIPT_API),
        library=bundle / "Contents" / "Libraries" / "Fusion" / "fusionscript.so",
        plist=bundle / "Contents" / "Info.plist",
    )


def _macos_bundles(chosen: PurePosixPath) -> tuple[PurePosixPath, ...]:
    """The bundle that an override names: itself, around its program, or in its folder."""
    if chosen.suffix == ".app":
        return (chosen,)
    if chosen.parts[-3:] == ("Contents", "MacOS", "Resolve"):
        return (chosen.parents[2],)
    return tuple(chosen / bundle.name for bundle in MACOS_BUNDLES)


def _pure(platform: Platform, text: str) -> PurePath:
    return PureWindowsPath(text) if platform is Platform.WINDOWS else PurePosixPath(text)


def _logs(platform: Platform, environment: Mapping[str, str]) -> PurePath | None:
    own = environment.get("BMD_RESOLVE_LOGS_DIR")
    if own:
        return _pure(platform, own)
    if platform is Platform.WINDOWS:
        data = environment.get("APPDATA")
        return PureWindowsPath(data, VENDOR, "Support", "logs") if data else None
    home = environment.get("HOME")
    if not home:
        return None
    if platform is Platform.MACOS:
        return PurePosixPath(home, "Library/Application Support", VENDOR, "logs")
    return PurePosixPath(home, ".local/share/DaVinciResolve/logs")


def _bundle_version(places: Places, plist: PurePath | None) -> str | None:
    """The version of a bundle; nothing depends on it, so an unreadable one is only unknown."""
    content = None if plist is None else places.read(plist, PLIST_BYTES)
    if content is None:
        return None
    try:
        fields = plistlib.loads(content)
    except (ExpatError, ValueError, OverflowError, LookupError, AttributeError, RecursionError):
        return None  # AttributeError: a date that is none; LookupError: an encoding that nobody knows
    version = fields.get("CFBundleShortVersionString") if isinstance(fields, dict) else None
    return version[:64] if isinstance(version, str) and version.isprintable() else None
