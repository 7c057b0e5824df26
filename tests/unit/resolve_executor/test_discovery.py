"""Where Resolve is looked for, on each platform; every case runs on any host."""

import plistlib
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest

from proxx_resolve_executor.discovery import (
    Capability,
    DiskPlaces,
    Installation,
    Platform,
    check_capability,
    find_installation,
    platform_of,
)
from proxx_resolve_executor.resolve_error import ResolveNotFoundError, ResolveValidationError

MODULE = "Modules/DaVinciResolveScript.py"
MAC_API = "/Library/Application Support/Blackmagic Design/DaVinci Resolve/Developer/Scripting"
MAC_APP = "/Applications/DaVinci Resolve/DaVinci Resolve.app"
STORE_APP = "/Applications/DaVinci Resolve Studio.app"
WINDOWS = {"PROGRAMDATA": "C:\\ProgramData", "ProgramFiles": "C:\\Program Files", "APPDATA": "C:\\Users\\dit\\AppData"}
WINDOWS_API = "C:\\ProgramData\\Blackmagic Design\\DaVinci Resolve\\Support\\Developer\\Scripting"
WINDOWS_FOLDER = "C:\\Program Files\\Blackmagic Design\\DaVinci Resolve"


class FakePlaces:
    """Implements Places."""

    def __init__(self, *files: str, contents: dict[str, bytes] | None = None) -> None:
        self._contents = {**dict.fromkeys(files, b""), **(contents or {})}

    def is_file(self, path: PurePath) -> bool:
        return str(path) in self._contents

    def read(self, path: PurePath, limit: int) -> bytes | None:
        content = self._contents.get(str(path))
        return None if content is None else content[:limit]

    def size(self, path: PurePath) -> int:
        return len(self._contents.get(str(path), b""))


def linux(root: str) -> Installation:
    place = PurePosixPath(root)
    return Installation(
        platform=Platform.LINUX,
        binary=place / "bin/resolve",
        script_api=place / "Developer/Scripting",
        library=place / "libs/Fusion/fusionscript.so",
        logs=PurePosixPath("/home/dit/.local/share/DaVinciResolve/logs"),
        version=None,
    )


@pytest.mark.parametrize("root", ["/opt/resolve", "/home/resolve"], ids=["package", "iso"])
def test_linux_defaults(root: str) -> None:
    places = FakePlaces(f"{root}/bin/resolve", f"{root}/Developer/Scripting/{MODULE}")
    found = find_installation(platform=Platform.LINUX, places=places, environment={"HOME": "/home/dit"})
    assert found == linux(root)
    assert found.modules == PurePosixPath(root, "Developer/Scripting/Modules")


@pytest.mark.parametrize("override", ["/srv/dvr", "/srv/dvr/bin/resolve"], ids=["folder", "program"])
def test_an_override_comes_before_the_defaults(override: str) -> None:
    both = [
        f"{root}/{file}"
        for root in ("/opt/resolve", "/srv/dvr")
        for file in ("bin/resolve", f"Developer/Scripting/{MODULE}")
    ]
    found = find_installation(
        platform=Platform.LINUX,
        places=FakePlaces(*both),
        environment={"HOME": "/home/dit"},
        resolve_path=PurePosixPath(override),
    )
    assert found == linux("/srv/dvr")


def test_a_wrong_override_is_refused_though_a_default_would_do() -> None:
    places = FakePlaces("/opt/resolve/bin/resolve", f"/opt/resolve/Developer/Scripting/{MODULE}")
    with pytest.raises(ResolveNotFoundError) as caught:
        find_installation(
            platform=Platform.LINUX, places=places, environment={}, resolve_path=PurePosixPath("/srv/dvr")
        )
    assert str(caught.value) == (
        'PROXX_RESOLVE_PATH names no DaVinci Resolve; looked for "/srv/dvr", "/srv/dvr/bin/resolve"'
    )


def test_nothing_installed_names_every_place() -> None:
    assert check_capability(platform=Platform.LINUX, places=FakePlaces(), environment={}) == Capability(
        is_available=False,
        installation=None,
        failure_reason='DaVinci Resolve was not found; looked for "/opt/resolve/bin/resolve",'
        ' "/home/resolve/bin/resolve";'
        " set PROXX_RESOLVE_PATH where it lies elsewhere",
    )


def test_a_program_without_its_module_is_named() -> None:
    with pytest.raises(ResolveValidationError) as caught:
        find_installation(platform=Platform.LINUX, places=FakePlaces("/opt/resolve/bin/resolve"), environment={})
    assert str(caught.value) == (
        '"/opt/resolve/bin/resolve" has no scripting module; looked for '
        '"/opt/resolve/Developer/Scripting/Modules/DaVinciResolveScript.py";'
        " set PROXX_RESOLVE_SCRIPT_API_PATH where it lies elsewhere"
    )


def test_the_scripting_folder_can_lie_elsewhere() -> None:
    places = FakePlaces("/opt/resolve/bin/resolve", f"/srv/api/{MODULE}")
    found = check_capability(
        platform=Platform.LINUX, places=places, environment={}, script_api_path=PurePosixPath("/srv/api")
    )
    assert found.is_available
    assert found.installation is not None
    assert (found.installation.script_api, found.installation.logs) == (PurePosixPath("/srv/api"), None)


def test_macos_with_the_shared_scripting_folder() -> None:
    info = plistlib.dumps({"CFBundleShortVersionString": "20.3.2"})
    places = FakePlaces(
        f"{MAC_APP}/Contents/MacOS/Resolve",
        f"{MAC_API}/{MODULE}",
        contents={f"{MAC_APP}/Contents/Info.plist": info},
    )
    found = find_installation(platform=Platform.MACOS, places=places, environment={"HOME": "/Users/dit"})
    assert found == Installation(
        platform=Platform.MACOS,
        binary=PurePosixPath(MAC_APP, "Contents/MacOS/Resolve"),
        script_api=PurePosixPath(MAC_API),
        library=PurePosixPath(MAC_APP, "Contents/Libraries/Fusion/fusionscript.so"),
        logs=PurePosixPath("/Users/dit/Library/Application Support/Blackmagic Design/DaVinci Resolve/logs"),
        version="20.3.2",
    )


@pytest.mark.parametrize(
    "override",
    [None, STORE_APP, f"{STORE_APP}/Contents/MacOS/Resolve", "/Applications"],
    ids=["default", "bundle", "program", "folder"],
)
def test_the_app_store_build_keeps_its_module_inside(override: str | None) -> None:
    api = f"{STORE_APP}/Contents/Resources/Developer/Scripting"
    places = FakePlaces(f"{STORE_APP}/Contents/MacOS/Resolve", f"{api}/{MODULE}", f"{MAC_API}/{MODULE}")
    found = find_installation(
        platform=Platform.MACOS,
        places=places,
        environment={},
        resolve_path=None if override is None else PurePosixPath(override),
    )
    assert (found.script_api, found.version) == (PurePosixPath(api), None)


@pytest.mark.parametrize(
    "plist", [b"no plist", b"<plist><dict></dict></plist>", plistlib.dumps([1]), plistlib.dumps({"x": 1})]
)
def test_a_bundle_whose_version_cannot_be_read_is_used_nevertheless(plist: bytes) -> None:
    places = FakePlaces(
        f"{MAC_APP}/Contents/MacOS/Resolve", f"{MAC_API}/{MODULE}", contents={f"{MAC_APP}/Contents/Info.plist": plist}
    )
    assert find_installation(platform=Platform.MACOS, places=places, environment={}).version is None


@pytest.mark.parametrize(
    "override", [None, WINDOWS_FOLDER, f"{WINDOWS_FOLDER}\\Resolve.exe"], ids=["default", "folder", "program"]
)
def test_windows(override: str | None) -> None:
    places = FakePlaces(f"{WINDOWS_FOLDER}\\Resolve.exe", f"{WINDOWS_API}\\Modules\\DaVinciResolveScript.py")
    found = find_installation(
        platform=Platform.WINDOWS,
        places=places,
        environment=WINDOWS,
        resolve_path=None if override is None else PureWindowsPath(override),
    )
    assert found == Installation(
        platform=Platform.WINDOWS,
        binary=PureWindowsPath(WINDOWS_FOLDER, "Resolve.exe"),
        script_api=PureWindowsPath(WINDOWS_API),
        library=PureWindowsPath(WINDOWS_FOLDER, "fusionscript.dll"),
        logs=PureWindowsPath("C:\\Users\\dit\\AppData\\Blackmagic Design\\DaVinci Resolve\\Support\\logs"),
        version=None,
    )


def test_the_vendors_variable_moves_the_logs() -> None:
    places = FakePlaces("/opt/resolve/bin/resolve", f"/opt/resolve/Developer/Scripting/{MODULE}")
    environment = {"HOME": "/home/dit", "BMD_RESOLVE_LOGS_DIR": "/var/log/resolve"}
    found = find_installation(platform=Platform.LINUX, places=places, environment=environment)
    assert found.logs == PurePosixPath("/var/log/resolve")


@pytest.mark.parametrize(
    ("system", "platform"),
    [("darwin", Platform.MACOS), ("win32", Platform.WINDOWS), ("linux", Platform.LINUX), ("freebsd14", Platform.LINUX)],
)
def test_platforms(system: str, platform: Platform) -> None:
    assert platform_of(system=system) is platform


def test_a_real_disk(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    places = DiskPlaces()
    assert (places.is_file(file), places.read(file, 3), places.size(file)) == (True, b"123", 5)
    gone = tmp_path / "gone"
    assert (places.is_file(gone), places.read(gone, 3), places.size(gone)) == (False, None, 0)
