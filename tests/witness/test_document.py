"""docs/WITNESSES.md has the facts and the known differences that the code has."""

from tests.witness.testimony import FACTS
from tools.witness_report import DOCUMENT, documented, known_rows


def test_the_document_lists_the_facts_and_the_known_differences_of_the_code() -> None:
    assert documented(DOCUMENT.read_text(encoding="utf-8")) == (list(FACTS), known_rows())
