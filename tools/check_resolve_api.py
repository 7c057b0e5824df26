"""Check our calls of Resolve's scripting API against the public typed stubs `fusionscript-stubs`.

Run: python -m tools.check_resolve_api [--stubs WHEEL]. Without a wheel it is fetched with pip into a temporary
directory; it is never installed, and nothing of Proxx depends on it. The types that we wrote ourselves
(`bridge/api.py`) are replaced by those of the stubs, and mypy looks at every module that makes calls. Every difference
that is known is listed below with its reason; another one, or one that is gone, fails the check.
"""

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from proxx.core.render_settings import RENDER_SETTINGS
from proxx.core.setting_rule import SettingType
from tools.locked_install import locked_download

PROJECT = Path(__file__).resolve().parents[1]
PACKAGE = Path("services/resolve_executor/proxx_resolve_executor")
STUBS = "fusionscript-stubs==21.0.0 --hash=sha256:33ee177190cdc78fd50e5bfa6ada781eca3a0e3ab6bac812301f8ad6314fcc26\n"
CALLERS = (
    "session",
    "host_operations",
    "project_operations",
    "media_operations",
    "render_operations",
    "survey_operations",
)

SHIM = '''"""The types of the stubs, under our names."""

from typing import Literal, Protocol

from fusionscript import Folder as Folder
from fusionscript import ImportClipInfo as ImportClip
from fusionscript import MediaPool as MediaPool
from fusionscript import MediaPoolItem as MediaPoolItem
from fusionscript import Project as Project
from fusionscript import ProjectManager as ProjectManager
from fusionscript import RenderMode as RenderMode
from fusionscript import Resolve as Resolve
from fusionscript import Timeline as Timeline
from fusionscript import TimelineItem as TimelineItem
from fusionscript import TrackType as TrackType

__all__ = ["ImportClip"]
INDIVIDUAL_CLIPS: Literal[0] = 0
SINGLE_CLIP: Literal[1] = 1


class NewerResolve(Resolve):
    def IsStudio(self) -> bool:
        return True


class ScriptModule(Protocol):
    def scriptapp(self, name: str, /) -> NewerResolve | None: ...
'''

OPTIONAL = "the stubs write an argument that may be left out as Optional, without a default; the vendor's README"
KNOWN = {
    ("project_operations", 'Missing positional argument "mediaLocationPath"'): f"{OPTIONAL} has it optional",
    ("project_operations", 'Missing positional argument "settingName"'): f"{OPTIONAL} lists all settings without it",
    ("media_operations", 'Missing positional argument "propertyName"'): f"{OPTIONAL} lists all properties without it",
    ("survey_operations", 'Missing positional argument "settingName"'): f"{OPTIONAL} lists all settings without it",
    ("survey_operations", 'Missing positional argument "propertyName"'): f"{OPTIONAL} lists all properties without it",
    ("media_operations", 'Missing positional argument "subframe_precision"'): (
        "GetDuration and GetLeftOffset: versions before 20 have no such argument, and later ones do without"
    ),
    ("render_operations", 'expected "RenderSettings"'): (
        "the stubs want every key at once; the keys and their types are compared below"
    ),
}
TYPES = {
    SettingType.BOOL: {"bool"},
    SettingType.INT: {"int", "Literal[0, 1]"},
    SettingType.FLOAT: {"float"},
    SettingType.TEXT: {"str", "Literal['BurnIn', 'EmbeddedCaptions', 'SeparateFile']"},
    SettingType.QUALITY: {"str | int"},
}
NEWER_KEYS = {
    "UseUniqueFilenames": "21.1",
    "AudioFormat": "21.1",
    "UseFullExtents": "21.0.4",
    "AddFrameHandles": "21.0.4",
    "DataBurnIn": "21.0.4",
}
"""Keys that the stubs, made of 21.0, do not have yet."""

_ERROR = re.compile(r".*?(\w+)\.py:\d+: error: (.*)")


def check(*, wheel: Path, work: Path) -> list[str]:
    """Return every difference that is not known, and every known one that is gone. `work` is an empty directory."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(work / "wheel")
    stubs = work / "stubs" / "fusionscript"
    shutil.copytree(work / "wheel" / "fusionscript-stubs", stubs)
    ours = work / "ours"
    shutil.copytree(PROJECT / PACKAGE, ours / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    bridge = ours / PACKAGE.name / "bridge"
    (bridge / "api.py").write_text(SHIM, encoding="utf-8")
    found = _mypy(work, [bridge / f"{caller}.py" for caller in CALLERS], [ours, PROJECT / "src", stubs.parent])
    return [*_unknown(found), *_keys(stubs / "fusionscript.pyi")]


def _mypy(work: Path, files: list[Path], paths: list[Path]) -> list[tuple[str, str]]:
    """The errors in our callers: module and message. Those in the stubs themselves are not ours."""
    argv = [
        sys.executable, "-m", "mypy", "--strict", "--python-version", "3.11", "--no-error-summary",
        "--explicit-package-bases", "--namespace-packages", "--cache-dir", str(work / "cache"), *map(str, files),
    ]  # fmt: skip
    environment = {**os.environ, "MYPYPATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run(argv, cwd=work, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"mypy did not run: {done.stdout}{done.stderr}")
    matches = (_ERROR.fullmatch(line) for line in done.stdout.splitlines())
    return [(match[1], match[2]) for match in matches if match is not None and match[1] in (*CALLERS, "api")]


def _unknown(found: list[tuple[str, str]]) -> list[str]:
    problems, seen = [], set()
    for module, message in found:
        known = next((key for key in KNOWN if key[0] == module and key[1] in message), None)
        if known is None:
            problems.append(f"{module}: {message}")
        else:
            seen.add(known)
    gone = [f"no difference any more: {module}: {text}" for module, text in KNOWN if (module, text) not in seen]
    return problems + gone


def _keys(stub: Path) -> list[str]:
    """Compare the keys of SetRenderSettings, and their types, with `core/render_settings.py`."""
    tree = ast.parse(stub.read_text(encoding="utf-8"))
    settings = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "RenderSettings")
    theirs = {
        node.target.id: ast.unparse(node.annotation)
        for node in settings.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    problems = [f"SetRenderSettings: {key} is none of our keys" for key in theirs if key not in RENDER_SETTINGS]
    for key, rule in RENDER_SETTINGS.items():
        if key not in theirs and key not in NEWER_KEYS:
            problems.append(f"SetRenderSettings: {key} is none of theirs")
        if key in theirs and theirs[key] not in TYPES[rule.type]:
            problems.append(f"SetRenderSettings: {key} is {theirs[key]} in the stubs, {rule.type.value} with us")
    return problems


def main() -> int:
    """Check, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stubs", type=Path, help="the wheel of the stubs (default: fetched with pip)")
    wheel: Path | None = parser.parse_args().stubs
    with tempfile.TemporaryDirectory(prefix="proxx-resolve-api-") as name:
        work = Path(name)
        if wheel is None:
            lock = work / "stubs.lock"
            lock.write_text(STUBS, encoding="utf-8")
            subprocess.run(locked_download(python=sys.executable, lock=lock, folder=work), check=True)
            wheel = next(work.glob("*.whl"))
        problems = check(wheel=wheel.resolve(), work=work)
    for problem in problems:
        print(problem)
    for (module, text), reason in KNOWN.items():
        print(f"known: {module}: {text}: {reason}")
    print(f"{len(problems)} differences that are not known, {len(KNOWN)} known")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
