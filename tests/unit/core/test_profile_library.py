"""The library: exact names, no second profile of a name."""

from dataclasses import replace

import pytest

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
