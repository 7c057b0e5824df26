"""Which names are JobSpecs, and the names that are made of them."""

import pytest

from proxx_watcher.domain.sighted_name import NameKind, SightedName
from proxx_watcher.domain.spec_names import judge_name, numbered, result_name


def entry(name: str, kind: NameKind = NameKind.FILE) -> SightedName:
    return SightedName(name=name, kind=kind, sighting=None)


@pytest.mark.parametrize(
    ("name", "kind", "results_here", "taken", "told"),
    [
        pytest.param("a.json", NameKind.FILE, True, True, False, id="a_spec"),
        pytest.param("a b\n\u202e.json", NameKind.FILE, True, True, False, id="a_hostile_name"),
        pytest.param("\udcff.json", NameKind.FILE, False, True, False, id="raw_bytes"),
        pytest.param("a.JSON", NameKind.FILE, True, False, True, id="upper_case_ending"),
        pytest.param("a.result.json", NameKind.FILE, True, False, False, id="a_result_where_results_lie"),
        pytest.param("a.result.json", NameKind.FILE, False, False, True, id="a_result_in_pending"),
        pytest.param("processed_manifest.json", NameKind.FILE, True, False, False, id="the_manifest"),
        pytest.param("processed_manifest_012.json", NameKind.FILE, True, False, False, id="a_kept_manifest"),
        pytest.param(".a.json", NameKind.FILE, True, False, False, id="hidden"),
        pytest.param("~a.json", NameKind.FILE, True, False, False, id="an_editors_temporary"),
        pytest.param("a.json.part", NameKind.FILE, True, False, False, id="a_copy_tools_temporary"),
        pytest.param("notes.txt", NameKind.FILE, True, False, False, id="something_else"),
        pytest.param("a.json", NameKind.DIRECTORY, True, False, True, id="a_directory"),
        pytest.param("a.json", NameKind.SYMLINK, True, False, True, id="a_link"),
        pytest.param("a.json", NameKind.OTHER, True, False, True, id="a_pipe"),
        pytest.param("n" * 239 + ".json", NameKind.FILE, True, True, False, id="the_longest_name"),
        pytest.param("n" * 240 + ".json", NameKind.FILE, True, False, True, id="too_long_for_its_result"),
    ],
)
def test_a_name_is_judged(name: str, kind: NameKind, results_here: bool, taken: bool, told: bool) -> None:
    verdict = judge_name(entry=entry(name, kind), results_here=results_here)
    assert (verdict.candidate, verdict.told, bool(verdict.reason)) == (taken, told, told)


def test_what_gives_way_gets_a_number_before_its_whole_ending() -> None:
    assert result_name("a.b.json") == "a.b.result.json"
    assert numbered(name="a.b.json", number=7) == "a.b_007.json"
    assert numbered(name="a.b.result.json", number=7) == "a.b_007.result.json"
