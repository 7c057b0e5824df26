"""The catalogue is sound, and docs/FIDELITY.md lists exactly what is in it."""

from collections import Counter

from tests.fidelity.catalogue import FAULTS, label
from tests.fidelity.good_set import GOOD_SET, SHORT_GOOD_SET
from tests.footage.kind import ClipKind
from tools.fidelity_report import DOCUMENT, documented_faults, known_faults


def test_every_fault_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(label(fault) for fault in FAULTS).items() if count > 1] == []


def test_the_short_run_is_a_cut_through_all_groups() -> None:
    assert 12 <= sum(fault.short for fault in FAULTS) <= 30


def test_every_kind_of_footage_is_in_the_good_set_and_in_its_short_run() -> None:
    assert {scene.name.partition("-")[0] for scene in GOOD_SET} == {kind.value for kind in ClipKind}
    assert [scene.name.partition("-")[0] for scene in SHORT_GOOD_SET] == [kind.value for kind in ClipKind]


def test_the_document_lists_the_faults_of_the_catalogue() -> None:
    assert documented_faults(DOCUMENT.read_text(encoding="utf-8")) == known_faults()
