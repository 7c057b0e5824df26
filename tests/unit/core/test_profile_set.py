"""All profile files together: variants stand on recipes, by name."""

from dataclasses import replace

import pytest

from proxx.core.look import Place, TextKind, TextMark
from proxx.core.profile import Profile
from proxx.core.profile_reader import profile_digest
from proxx.core.profile_set import ProfileFile, read_profiles
from proxx.core.table_reader import ProfileError
from tests.fakes.assets import FONT, MemoryAssets
from tests.unit.core.test_profile_reader import GOOD, RESOLVE

ASSETS = MemoryAssets(letters_ttf=FONT)
VARIANT = """
name = "site_h264_draft"
version = 7
description = "Site H.264, marked"
variant_of = "site_h264"
variant = "draft"

[look]
font = "letters.ttf"

[[look.text]]
kind = "text"
text = "DRAFT"
place = "top"
height_permille = 50
opacity_percent = 40
"""


def files(**texts: str) -> tuple[ProfileFile, ...]:
    return tuple(ProfileFile(origin=f"{name}.toml", text=text, assets=ASSETS) for name, text in texts.items())


def problems(*given: ProfileFile, known: tuple[Profile, ...] = ()) -> tuple[str, ...]:
    with pytest.raises(ProfileError) as caught:
        read_profiles(files=given, known=known)
    return caught.value.problems


def test_a_variant_is_its_base_in_everything_but_name_version_description_and_look() -> None:
    variant, base = read_profiles(files=files(site_h264_draft=VARIANT, site_h264=GOOD), known=())
    assert variant.look is not None
    assert variant.look.texts == (
        TextMark(
            kind=TextKind.TEXT, text="DRAFT", place=Place.TOP, height_permille=50, opacity_percent=40, optional=False
        ),
    )
    expected = replace(
        base,
        name="site_h264_draft",
        version=7,
        description="Site H.264, marked",
        variant_of="site_h264",
        variant="draft",
        look=variant.look,
    )
    assert variant == replace(expected, digest=profile_digest(expected))


def test_a_variant_may_stand_on_a_profile_that_is_known_already() -> None:
    known = read_profiles(files=files(site_h264=GOOD), known=())
    (variant,) = read_profiles(files=files(site_h264_draft=VARIANT), known=known)
    assert (variant.variant_of, variant.encoder) == ("site_h264", "libx264")


def test_a_change_of_the_base_is_a_change_of_the_variant() -> None:
    before, _ = read_profiles(files=files(site_h264_draft=VARIANT, site_h264=GOOD), known=())
    after, _ = read_profiles(files=files(site_h264_draft=VARIANT, site_h264=GOOD.replace('"23"', '"24"')), known=())
    assert before.digest != after.digest


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param('"site_h264"', '"nobody"', 'variant_of: no profile is named "nobody"', id="unknown base"),
        pytest.param(
            '"site_h264"',
            '"raw_prores"',
            "variant_of: raw_prores is for resolve, which draws no look",
            id="base of another engine",
        ),
        pytest.param(
            "[look]", "threads = 2\n[look]", "threads: unknown key for a variant: everything but the", id="more"
        ),
        pytest.param('variant = "draft"\n', "", "variant: required key is missing", id="no word"),
        pytest.param('"draft"', '"Draft!"', "variant: expected 1 to 64 of a-z 0-9 _ . - (first a letter or", id="word"),
        pytest.param(
            '"site_h264_draft"',
            '"other"',
            "name: the file of other must be named other.toml",
            id="file of another name",
        ),
    ],
)
def test_a_wrong_variant_is_refused_by_its_key(old: str, new: str, problem: str) -> None:
    assert old in VARIANT
    found = problems(*files(site_h264_draft=VARIANT.replace(old, new), site_h264=GOOD, raw_prores=RESOLVE))
    assert len(found) == 1
    assert found[0].startswith(f"site_h264_draft.toml: {problem}")


def test_a_variant_needs_a_look() -> None:
    found = problems(*files(site_h264_draft=VARIANT[: VARIANT.index("[look]")], site_h264=GOOD))
    assert found == ("site_h264_draft.toml: look: required key is missing",)


def test_a_variant_of_a_variant_is_refused() -> None:
    second = VARIANT.replace('"site_h264"', '"site_h264_draft"').replace('name = "site_h264_draft"', 'name = "second"')
    known = read_profiles(files=files(site_h264=GOOD, site_h264_draft=VARIANT), known=())
    expected = ("second.toml: variant_of: site_h264_draft is itself a variant, of site_h264; name that",)
    assert problems(*files(second=second), known=known) == expected


def test_two_variants_of_one_word_are_refused_with_both_names() -> None:
    twin = VARIANT.replace('"site_h264_draft"', '"twin"')
    assert problems(*files(site_h264=GOOD, site_h264_draft=VARIANT, twin=twin)) == (
        'twin.toml: variant: site_h264_draft is the variant "draft" of site_h264 already',
    )


def test_the_problems_of_all_files_are_listed_at_once() -> None:
    broken = VARIANT.replace("version = 7", "version = 0")
    found = problems(*files(a="=", site_h264_draft=broken, site_h264=GOOD.replace("threads = 1", "threads = 0")))
    assert [problem.split(": ")[:2] for problem in found] == [
        ["a.toml", "not TOML"],
        ["site_h264.toml", "threads"],
        ["site_h264_draft.toml", "version"],
        ["site_h264_draft.toml", "variant_of"],
    ]
