"""Whether a version has a known vulnerability: by branch, by backport, and honestly unknown."""

from datetime import date

import pytest

from proxx.core.advisories import Advisory, AdvisoryError, open_advisories, read_advisories

MAGIC = Advisory(
    package="ffmpeg",
    id="CVE-1",
    what="writes beyond its memory",
    fixed=("7.1.5", "8.0.3", "8.1.2"),
    source="https://example.org",
    checked=date(2026, 11, 20),
    backports=("5.1.10-0+deb12u1",),
)
ENTRY = {
    "package": "ffmpeg",
    "id": "CVE-1",
    "what": "writes beyond its memory",
    "fixed": ["7.1.5", "8.0.3", "8.1.2"],
    "source": "https://example.org",
    "checked": date(2026, 11, 20),
    "backports": ["5.1.10-0+deb12u1"],
}


@pytest.mark.parametrize(
    ("version", "has_it"),
    [
        pytest.param("5.1.9-0+deb12u1", True, id="an old branch that nobody mended"),
        pytest.param("5.1.10-0+deb12u1", False, id="a distribution that carries the fix"),
        pytest.param("7.1.4", True, id="the last release before the fix"),
        pytest.param("7.1.5", False, id="the first with it"),
        pytest.param("7.1.12", False, id="numbers, not texts"),
        pytest.param("8.0", True, id="the first of a branch"),
        pytest.param("n8.1.2", False, id="a tag of the sources"),
        pytest.param("8.2", False, id="a newer branch"),
        pytest.param("9.0.1-static https://example.org", False, id="a build with words behind"),
        pytest.param("7.0.9", True, id="a branch between those that were mended"),
    ],
)
def test_a_release_has_it_or_not(version: str, has_it: bool) -> None:
    assert open_advisories(known=(MAGIC,), package="ffmpeg", version=version) == ((MAGIC,) if has_it else ())


@pytest.mark.parametrize("version", ["N-118190-g1e7d2007c3-20250101", "git-2026", "", "unknown"])
def test_of_a_development_build_nobody_can_tell(version: str) -> None:
    assert open_advisories(known=(MAGIC,), package="ffmpeg", version=version) is None


def test_another_package_is_not_concerned() -> None:
    assert open_advisories(known=(MAGIC,), package="grpcio", version="1.0.0") == ()


def test_a_table_is_read_as_it_stands() -> None:
    assert read_advisories(table={"advisory": [ENTRY]}) == (MAGIC,)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"fixed": []}, "fixed, backports or guard cannot be read"),
        ({"fixed": ["soon"]}, "fixed, backports or guard cannot be read"),
        ({"source": ""}, "source cannot be read"),
        ({"checked": "2026-11-20"}, "checked is no date"),
        ({"severity": "high"}, "expected the keys"),
    ],
    ids=["no release", "no number", "no source", "a text for a date", "an unknown key"],
)
def test_a_broken_entry_is_named(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(AdvisoryError, match=rf"advisory\[1\]: {sentence}"):
        read_advisories(table={"advisory": [ENTRY, {**ENTRY, **change}]})
