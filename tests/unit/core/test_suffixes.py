"""Numbered names: the first free one, never one twice, and always the same for the same things that exist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.naming import MAX_NAME_BYTES, name_fault
from proxx.core.path_key import fold_name, path_key
from proxx.core.roots import RootPath
from proxx.core.suffixes import (
    MAX_SUFFIX,
    WantedOutput,
    choose_suffixes,
    fits_suffix,
    suffixed_name,
    suffixed_output,
    taken_suffixes,
)

ALL = tuple(range(1, MAX_SUFFIX + 1))


def at(name: str) -> RootPath:
    return RootPath(root="media", path=f"out/{name}")


def wanted(name: str, *, exists: bool = False, taken: tuple[int, ...] = ()) -> WantedOutput:
    return WantedOutput(output=at(name), exists=exists, suffixes_taken=taken)


def keys(*names: str) -> frozenset[str]:
    return frozenset(path_key(at(name)) for name in names)


@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        pytest.param("A001.mov", 0, "A001.mov", id="none"),
        pytest.param("A001.mov", 1, "A001_001.mov", id="first"),
        pytest.param("A001.mov", 999, "A001_999.mov", id="last"),
        pytest.param("A001.C002.mov", 7, "A001.C002_007.mov", id="before the last dot"),
        pytest.param("A001_001.mov", 1, "A001_001_001.mov", id="of a name that looks numbered"),
    ],
)
def test_a_suffix_stands_before_the_extension(name: str, number: int, expected: str) -> None:
    assert suffixed_name(name=name, number=number) == expected


def test_a_free_name_keeps_itself() -> None:
    assert choose_suffixes(wanted=[wanted("a.mov"), wanted("b.mov")], taken=frozenset()) == (0, 0)


def test_a_taken_name_gets_the_first_number_that_is_free_on_disk_and_in_reservations() -> None:
    chosen = choose_suffixes(wanted=[wanted("a.mov", exists=True, taken=(1, 3))], taken=keys("a_002.mov"))
    assert chosen == (4,)


def test_a_name_that_another_job_holds_is_taken_although_nothing_stands_there() -> None:
    assert choose_suffixes(wanted=[wanted("a.mov")], taken=keys("A.MOV")) == (1,)


def test_a_suffix_never_takes_the_own_name_of_another_clip() -> None:
    chosen = choose_suffixes(wanted=[wanted("a.mov", exists=True), wanted("a_001.mov")], taken=frozenset())
    assert chosen == (2, 0)


def test_the_limit_is_999() -> None:
    almost = wanted("a.mov", exists=True, taken=ALL[:-1])
    full = wanted("b.mov", exists=True, taken=ALL)
    assert choose_suffixes(wanted=[almost, full], taken=frozenset()) == (999, None)


def test_names_on_disk_count_whatever_their_case_and_unicode_form() -> None:
    entries = frozenset(map(fold_name, ["Cafe\u0301_001.MOV", "caf\u00e9_002.mov", "caf\u00e9_3.mov", "other_004.mov"]))
    assert taken_suffixes(name="Caf\u00e9.mov", names=entries) == (1, 2)


def test_a_name_of_255_bytes_has_no_room_for_a_suffix() -> None:
    longest = "x" * (MAX_NAME_BYTES - len("_001.mov"))
    assert (fits_suffix(name=f"{longest}.mov"), fits_suffix(name=f"{longest}x.mov")) == (True, False)
    assert not fits_suffix(name="\u00e9" * 124 + ".mov")


STEMS = st.sampled_from(["a", "A", "a_001", "a_002", "b", "\u00e9", "e\u0301"])
NUMBERS = st.sets(st.integers(min_value=1, max_value=6)).map(lambda found: tuple(sorted(found)))
OUTPUTS = st.lists(
    st.builds(
        WantedOutput,
        output=STEMS.map(lambda stem: at(f"{stem}.mov")),
        exists=st.booleans(),
        suffixes_taken=NUMBERS,
    ),
    max_size=8,
    unique_by=lambda item: path_key(item.output),
)
HELD = st.frozensets(st.builds(suffixed_name, name=STEMS.map("{}.mov".format), number=st.integers(0, 4))).map(
    lambda names: keys(*names)
)


@given(outputs=OUTPUTS, held=HELD)
def test_no_two_clips_and_no_two_jobs_get_one_path(outputs: list[WantedOutput], held: frozenset[str]) -> None:
    chosen = choose_suffixes(wanted=outputs, taken=held)
    places = [
        path_key(suffixed_output(output=item.output, number=number))
        for item, number in zip(outputs, chosen, strict=True)
        if number is not None
    ]
    assert len(set(places)) == len(places) == len(outputs)
    assert not held.intersection(places)


@given(outputs=OUTPUTS, held=HELD)
def test_nothing_that_stands_on_disk_is_chosen_and_no_free_number_is_passed_over(
    outputs: list[WantedOutput], held: frozenset[str]
) -> None:
    own = {path_key(item.output) for item in outputs}
    used = set(held)
    for item, number in zip(outputs, choose_suffixes(wanted=outputs, taken=held), strict=True):
        assert number is not None
        assert number != 0 or not item.exists
        assert number not in item.suffixes_taken
        for passed in range(1, number):
            key = path_key(suffixed_output(output=item.output, number=passed))
            assert passed in item.suffixes_taken or key in own | used
        used.add(path_key(suffixed_output(output=item.output, number=number)))


@given(outputs=OUTPUTS, held=HELD)
def test_the_same_things_that_exist_give_the_same_names(outputs: list[WantedOutput], held: frozenset[str]) -> None:
    assert choose_suffixes(wanted=outputs, taken=held) == choose_suffixes(wanted=outputs, taken=set(held))


@given(stem=st.text(min_size=1, max_size=60), number=st.integers(1, MAX_SUFFIX))
def test_a_suffix_makes_no_legal_name_illegal_but_by_its_length(stem: str, number: int) -> None:
    name = f"{stem}.mov"
    if not name_fault(name=name) and fits_suffix(name=name):
        assert name_fault(name=suffixed_name(name=name, number=number)) == ""
