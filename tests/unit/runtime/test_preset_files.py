"""The shipped presets, and a site's own beside them."""

from pathlib import Path

import pytest

from proxx.core.presets import Category, PresetNotFoundError, PresetValidationError, agreement_problems
from proxx.core.presets.category_presets import CodecPreset, FolderOutputPreset
from proxx.runtime.preset_files import builtin_presets, load_presets
from proxx.runtime.profile_files import builtin_library
from tests.fakes.presets import category_text, global_text, preset_files

PURPOSES = {"offline_edit_prores", "offline_edit_premiere", "avid_dnxhr_mxf", "dailies_review_h264", "web_h264"}


def write(directory: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (directory / name).write_text(text)
    return directory


def test_recipes_for_the_usual_purposes_are_shipped_and_fit_the_shipped_profiles() -> None:
    library, profiles = builtin_presets(), builtin_library()
    assert {preset.id for preset in library.global_presets} >= PURPOSES
    assert [
        problem.sentence
        for preset in library.global_presets
        for problem in agreement_problems(preset=preset, library=library, profiles=profiles)
    ] == []
    assert {preset.category for preset in library.category_presets} == set(Category)


def test_every_shipped_codec_preset_names_a_shipped_profile() -> None:
    names = {preset.profile for preset in builtin_presets().category_presets if isinstance(preset, CodecPreset)}
    assert names <= set(builtin_library().names())


def test_a_recipe_that_names_a_folder_of_its_own_may_make_it() -> None:
    folders = [preset for preset in builtin_presets().category_presets if isinstance(preset, FolderOutputPreset)]
    assert [preset.id for preset in folders if preset.subfolder and not preset.create] == []


def test_a_site_directory_adds_its_presets_and_may_refer_to_shipped_ones(tmp_path: Path) -> None:
    references = [(category.value, "one") for category in Category if category is not Category.QUEUE]
    files = {**preset_files(), "global.all.toml": global_text(references=[*references, ("QUEUE", "continue")])}
    write(tmp_path, {**files, "notes.txt": "no preset"})
    added = {preset.file for preset in load_presets(directory=tmp_path).category_presets}
    assert added - {preset.file for preset in builtin_presets().category_presets} == {
        name for name in files if not name.startswith("global")
    }
    assert load_presets(directory=tmp_path).global_preset(preset_id="all").version == 1


def test_all_problems_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    files = preset_files(SCALING='resolution = "tiny"\n')
    write(tmp_path, {**files, "broken.toml": "=", "queue.one.toml": category_text("QUEUE").replace("-5", "5000")})
    (tmp_path / "latin.toml").write_bytes(b"kind = '\xe9'")
    (tmp_path / "naming.one.toml").unlink()
    with pytest.raises(PresetValidationError) as caught:
        load_presets(directory=tmp_path)
    assert type(caught.value) is PresetValidationError
    assert [(problem.file, problem.key) for problem in caught.value.problems] == [
        ("broken.toml", ""),
        ("latin.toml", ""),
        ("queue.one.toml", "priority"),
        ("scaling.one.toml", "resolution"),
        ("global.all.toml", "presets"),
    ]


def test_a_reference_to_a_broken_file_is_not_counted_as_a_second_fault(tmp_path: Path) -> None:
    write(tmp_path, preset_files(SCALING='resolution = "tiny"\n'))
    with pytest.raises(PresetValidationError) as caught:
        load_presets(directory=tmp_path)
    assert [problem.file for problem in caught.value.problems] == ["scaling.one.toml"]


def test_errors_of_one_kind_keep_their_type(tmp_path: Path) -> None:
    files = preset_files()
    del files["naming.one.toml"]
    with pytest.raises(PresetNotFoundError, match="there is no NAMING preset of this id"):
        load_presets(directory=write(tmp_path, files))


def test_a_shipped_id_cannot_be_taken(tmp_path: Path) -> None:
    write(tmp_path, {"scaling.half.toml": category_text("SCALING", preset_id="half")})
    with pytest.raises(PresetValidationError, match=r"scaling\.half\.toml: id: there is a SCALING preset of this id"):
        load_presets(directory=tmp_path)


def test_a_missing_directory_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(PresetValidationError, match=f"{tmp_path / 'absent'}: the preset directory cannot be read"):
        load_presets(directory=tmp_path / "absent")
