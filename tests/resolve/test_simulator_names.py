"""Which names the simulated objects have, by version, and the switches as a file."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from tests.resolve.local_resolve import LocalResolve
from tests.resolve_simulator.quirks import CHOICES, Quirks, parse_quirks, read_quirks
from tests.resolve_simulator.stub_check import CLASSES, differences, stub_calls

STUBS = """
class Folder:
    def GetName(self) -> str: ...
    def GetClipList(self, kind: str) -> list: ...
    def GetUniqueId(self) -> str: ...
"""


@pytest.mark.parametrize(
    ("version", "names"),
    [
        pytest.param("17.4", [], id="17"),
        pytest.param("18.6.6", ["GetUniqueId"], id="18"),
        pytest.param("20.3.2", ["GetUniqueId", "LinkFullResolutionMedia"], id="20"),
        pytest.param("21.0.4", ["GetUniqueId", "LinkFullResolutionMedia", "SetName"], id="21"),
        pytest.param("21.1", ["GetUniqueId", "LinkFullResolutionMedia", "SetAudioMapping", "SetName"], id="21.1"),
    ],
)
def test_a_clip_has_the_calls_of_its_version(tmp_path: Path, version: str, names: list[str]) -> None:
    local = LocalResolve(tmp_path, Quirks(version=version))
    local.cut()
    (clip,) = local.project.pool.root.clips
    newer = {"GetUniqueId", "LinkFullResolutionMedia", "SetAudioMapping", "SetName"}
    assert sorted(newer & set(clip.calls())) == names


@pytest.mark.parametrize(
    ("version", "listed"), [pytest.param("21.0.4", False, id="21.0"), pytest.param("21.1", True, id="21.1")]
)
def test_is_studio_is_listed_from_21_1_on(tmp_path: Path, version: str, listed: bool) -> None:
    local = LocalResolve(tmp_path, Quirks(version=version))
    assert ("IsStudio" in local.resolve.calls()) is listed


def test_the_photo_page_came_with_version_21(tmp_path: Path) -> None:
    answers = []
    for version in ("20.3.2", "21.0.4"):
        local = LocalResolve(tmp_path / version, Quirks(version=version))
        answers.append((local.ask(local.resolve, "OpenPage", "photo"), local.ask(local.resolve, "GetCurrentPage")))
    assert answers == [(False, "media"), (True, "photo")]


def test_the_comparison_with_stubs_names_what_differs() -> None:
    found = [each for each in differences(stub_calls(STUBS)) if each.startswith("Folder.")]
    assert found == [
        "Folder.GetClipList: the stubs say [(1, 1)], here (0, 0)",
        "Folder.GetIsFolderStale: not in the stubs",
        "Folder.GetSubFolderList: not in the stubs",
    ]
    assert len(CLASSES) == 9


def _another(value: Any) -> Any:
    """Return a value of the same type that a switch is not at rest with."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return value + "x"
        case tuple():
            return (*value, "x")
        case dict():
            return {**value, "x": "y"}
    return 7


@pytest.mark.parametrize("name", [pytest.param(each.name, id=each.name) for each in fields(Quirks)])
def test_every_switch_goes_through_its_file(name: str) -> None:
    value: Any = CHOICES[name][-1] if name in CHOICES else _another(getattr(Quirks(), name))
    change: dict[str, Any] = {name: value}
    quirks = replace(Quirks(), **change)
    assert quirks != Quirks()
    assert parse_quirks(quirks.text()) == quirks


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('{"wegded": true}', "no such switch: wegded", id="name"),
        pytest.param('{"platform": "mac"}', "platform: expected one of linux, darwin, windows, got 'mac'", id="value"),
        pytest.param("[]", "expected an object, got list", id="document"),
    ],
)
def test_what_is_no_switch_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_quirks(text)


def test_without_a_file_every_switch_is_at_rest(tmp_path: Path) -> None:
    assert read_quirks(tmp_path) == Quirks()


def test_every_switch_and_every_output_is_in_the_documentation() -> None:
    text = Path("docs/RESOLVE.md").read_text(encoding="utf-8")
    names = [*(field.name for field in fields(Quirks)), *CHOICES["output"]]
    assert [each for each in names if f"`{each}`" not in text] == []
