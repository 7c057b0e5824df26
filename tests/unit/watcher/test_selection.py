"""Which names are footage, and what the others are for."""

import pytest

from proxx.core.presets.category_presets import DuplicatesPreset, ExclusionsPreset
from proxx.core.units import UnitKind
from proxx_watcher.domain.selection import (
    Interest,
    SelectionRules,
    Selector,
    excluded_by_preset,
    temporary_origin,
)
from tests.fakes.presets import made_library


@pytest.mark.parametrize(
    ("path", "interest"),
    [
        ("a.mov", Interest.MEDIA),
        ("A/B/clip.MXF", Interest.MEDIA),
        ("a b\n.mp4", Interest.MEDIA),
        ("x.avi", Interest.MEDIA),
        ("x.mkv", Interest.MEDIA),
        ("x.ts", Interest.NONE),
        ("mov", Interest.NONE),
        (".mov", Interest.NONE),
        (".hidden.mov", Interest.NONE),
        ("._a.mov", Interest.NONE),
        (".DS_Store", Interest.NONE),
        (".a.mov.Xy12Ab", Interest.TEMPORARY),
        ("a.mov.part", Interest.TEMPORARY),
        ("a.mov.PARTIAL", Interest.TEMPORARY),
        ("a.mov.filepart", Interest.TEMPORARY),
        ("a.mov.crdownload", Interest.TEMPORARY),
        ("a.mov.tmp", Interest.TEMPORARY),
        ("a.mov~", Interest.TEMPORARY),
        ("~$a.mov", Interest.TEMPORARY),
        (".~lock.mov", Interest.TEMPORARY),
        ("a.mov.done", Interest.MARKER),
        ("card.mhl", Interest.LIST),
        ("sha256sums", Interest.LIST),
        ("A.R3D", Interest.NONE),
        ("CONTENTS/VIDEO/0001AB.MXF", Interest.PART),
        ("card/CONTENTS/AUDIO/0001AB00.MXF", Interest.PART),
        ("VIDEO/0001AB.MXF", Interest.MEDIA),
    ],
)
def test_a_name_says_what_a_file_is_for(path: str, interest: Interest) -> None:
    assert Selector(SelectionRules()).interest(path=path) is interest


def test_a_folder_can_choose() -> None:
    rules = SelectionRules(
        extensions=("ts",),
        hidden_files=True,
        exclude=("*_proxy.*", "trash/*"),
        temporary=("upload-*",),
        marker_suffix="",
        folder_marker="READY",
        lists=False,
        units=frozenset({UnitKind.R3D}),
    )
    names = (".x.ts", "a_PROXY.ts", "trash/b.ts", "upload-1.ts", "a.ts.done", "A/ready", "a.mhl", "a_001.R3D", "a.ts")
    assert [Selector(rules).interest(path=name) for name in names] == [
        Interest.MEDIA,
        Interest.NONE,
        Interest.NONE,
        Interest.TEMPORARY,
        Interest.NONE,
        Interest.MARKER,
        Interest.NONE,
        Interest.PART,
        Interest.MEDIA,
    ]


@pytest.mark.parametrize(
    ("path", "rules", "expected"),
    [
        pytest.param("A", SelectionRules(), True, id="an ordinary directory"),
        pytest.param("A", SelectionRules(recursive=False), False, id="not recursive"),
        pytest.param("ascmhl", SelectionRules(recursive=False), True, id="lists of a folder that is not recursive"),
        pytest.param(".Trashes", SelectionRules(), False, id="hidden"),
        pytest.param("A/.x", SelectionRules(hidden_files=True), True, id="hidden and wanted"),
        pytest.param("A/.proxx", SelectionRules(hidden_files=True), False, id="where proxies are staged"),
        pytest.param("$RECYCLE.BIN", SelectionRules(), False, id="a bin"),
        pytest.param("out/proxies", SelectionRules(outputs=("out/proxies",)), False, id="the folder's own output"),
        pytest.param("A/old", SelectionRules(exclude=("OLD",)), False, id="excluded"),
    ],
)
def test_which_directories_are_looked_into(path: str, rules: SelectionRules, expected: bool) -> None:
    assert Selector(rules).descends(path=path) is expected


def test_a_preset_leaves_names_out_and_says_by_which_rule() -> None:
    library = made_library(
        EXCLUSIONS='patterns = ["*_x.*"]\nextensions = ["thm"]\nhidden_files = true\nsmaller_than_bytes = 9\n'
    )
    preset = library.global_preset(preset_id="all")
    exclusions = library.part(preset=preset, kind=ExclusionsPreset)
    duplicates = library.part(preset=preset, kind=DuplicatesPreset)
    said = [
        excluded_by_preset(name=name, exclusions=exclusions, duplicates=duplicates) for name in ("a.mov", "A_X.mov")
    ]
    assert said == ["", 'its name matches "*_x.*" (exclusions.one.toml: patterns)']


@pytest.mark.parametrize(
    ("temporary", "final", "expected"),
    [
        (".a.mov.Xy12Ab", "a.mov", True),
        ("A.MOV.part", "a.mov", True),
        ("Unconfirmed 1.crdownload", "a.mov", False),
        ("other.mov.part", "a1.mov", False),
    ],
)
def test_a_temporary_name_belongs_to_a_final_one(temporary: str, final: str, expected: bool) -> None:
    assert temporary_origin(temporary=temporary, final=final) is expected
