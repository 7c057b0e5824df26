"""The library: exact names, no second profile of a name."""

import hashlib
from dataclasses import replace

import pytest

from proxx.core.look import Asset, Font, Look
from proxx.core.profile_library import ProfileLibrary
from tests.fakes.profiles import make_profile

A = make_profile(name="a", codec="h264", containers=("mp4",))
B = make_profile(name="b", codec="h264", containers=("mp4",))


def test_profiles_are_listed_by_name_in_whatever_order_they_came() -> None:
    library = ProfileLibrary((B, A))
    assert (library.names(), library.profiles) == (("a", "b"), (A, B))


def test_a_name_is_matched_exactly_or_not_at_all() -> None:
    library = ProfileLibrary((A,))
    assert [library.get(name) for name in ("a", "A", " a", "")] == [A, None, None, None]


def test_a_name_used_twice_is_refused_and_named() -> None:
    with pytest.raises(ValueError, match=r"used more than once: a, b$"):
        ProfileLibrary((A, B, replace(A, version=2), replace(B, version=2)))


FONT = b"font"
ASSET = Asset(name="letters.ttf", sha256=hashlib.sha256(FONT).hexdigest(), size_bytes=len(FONT))
DRAWN = replace(
    A,
    name="a_marked",
    variant_of="a",
    variant="marked",
    look=Look(lut=None, image=None, texts=(), font=Font(asset=ASSET, widest_permille=600)),
)


def test_variants_are_found_by_the_profile_that_they_stand_on_and_their_word() -> None:
    library = ProfileLibrary((A, B, DRAWN), assets={ASSET.sha256: FONT})
    assert library.variant(of="a", word="marked") == DRAWN
    assert [library.variant(of=of, word=word) for of, word in (("b", "marked"), ("a", "a_marked"), ("a", ""))] == [
        None,
        None,
        None,
    ]
    assert (library.variants(of="a"), library.variants(of="b")) == ((DRAWN,), ())


def test_a_library_has_the_files_of_its_looks_and_no_others() -> None:
    library = ProfileLibrary((DRAWN,), assets={ASSET.sha256: FONT, "0" * 64: b"nobody's"})
    assert (library.asset(ASSET.sha256), library.asset("0" * 64)) == (FONT, None)


def test_a_look_without_its_file_is_refused_and_the_file_named() -> None:
    with pytest.raises(ValueError, match=r"looks need files that are not given: letters\.ttf$"):
        ProfileLibrary((DRAWN,))
