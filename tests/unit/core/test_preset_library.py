"""The preset library: whatever refers to something finds it, and an id stands for one preset."""

import pytest

from proxx.core.presets import (
    Category,
    GlobalPreset,
    MissingCategoryError,
    PresetFault,
    PresetLibrary,
    PresetNotFoundError,
    PresetReference,
    PresetValidationError,
    read_preset,
)
from proxx.core.presets.category_presets import ScalingPreset
from tests.fakes.presets import category_text, global_text, made_library, made_presets, preset_files

ALL = [(category.value, "one") for category in Category]


def test_presets_are_found_by_category_and_id_and_by_global_id() -> None:
    library = made_library()
    scaling = library.category_preset(category=Category.SCALING, preset_id="one")
    recipe = library.global_preset(preset_id="all")
    assert library.part(preset=recipe, kind=ScalingPreset) is scaling
    assert [preset.category for preset in library.category_presets] == list(Category)
    assert library.global_presets == (recipe,)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        pytest.param(
            lambda library: library.category_preset(category=Category.SCALING, preset_id="two"),
            'scaling.two.toml: there is no SCALING preset of this id; expected one of one, got "two"',
            id="category preset",
        ),
        pytest.param(
            lambda library: library.global_preset(preset_id="none"),
            'global.none.toml: there is no GLOBAL preset of this id; expected one of all, got "none"',
            id="global preset",
        ),
    ],
)
def test_what_is_not_there_is_said_with_what_is(ask, said: str) -> None:
    with pytest.raises(PresetNotFoundError) as caught:
        ask(made_library())
    assert str(caught.value) == said


def test_a_reference_to_nothing_is_refused_when_it_is_added() -> None:
    references = [(category, "two" if category == "NAMING" else name) for category, name in ALL]
    with pytest.raises(PresetNotFoundError) as caught:
        made_library().adding(
            read_preset(text=global_text(preset_id="new", references=references), file="global.new.toml")
        )
    assert str(caught.value) == (
        'global.new.toml: presets: there is no NAMING preset of this id; expected one of one, got "two"'
    )


def test_adding_makes_a_new_library_and_leaves_the_old_one() -> None:
    library = made_library()
    two = read_preset(text=category_text("NAMING", preset_id="two"), file="naming.two.toml")
    assert len(library.adding(two).category_presets) == len(library.category_presets) + 1 == 10


@pytest.mark.parametrize(
    "preset",
    [
        pytest.param(read_preset(text=category_text("NAMING"), file="naming.one.toml"), id="category"),
        pytest.param(read_preset(text=global_text(), file="global.all.toml"), id="global"),
    ],
)
def test_an_id_that_is_taken_is_refused(preset) -> None:
    with pytest.raises(PresetValidationError) as caught:
        made_library().adding(preset)
    assert [problem.fault for problem in caught.value.problems] == [PresetFault.DUPLICATE_ID]


def test_a_global_preset_made_by_a_program_is_held_to_the_same_rules() -> None:
    half = GlobalPreset(
        id="half",
        version=1,
        description="",
        presets=tuple(PresetReference(category=Category(word), id="one") for word, _ in ALL[:4]),
    )
    with pytest.raises(MissingCategoryError) as caught:
        made_library().adding(half)
    assert len(caught.value.problems) == 5


def test_all_problems_of_all_presets_are_in_one_error() -> None:
    files = preset_files()
    del files["scaling.one.toml"], files["queue.one.toml"]
    files["global.more.toml"] = global_text(preset_id="more")
    with pytest.raises(PresetNotFoundError) as caught:
        PresetLibrary(made_presets(files))
    assert [(problem.file, problem.rule) for problem in caught.value.problems] == [
        ("global.all.toml", "there is no SCALING preset of this id"),
        ("global.all.toml", "there is no QUEUE preset of this id"),
        ("global.more.toml", "there is no SCALING preset of this id"),
        ("global.more.toml", "there is no QUEUE preset of this id"),
    ]
