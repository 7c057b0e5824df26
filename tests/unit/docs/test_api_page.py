"""docs/API.md names every word of the contract."""

import re
from pathlib import Path

import pytest

from proxx.core.detection import DetectionReason
from proxx.core.failure import FailureKind, output_missing, tool_not_found
from proxx.core.violation import ViolationCode
from proxx.rpc.reasons import Reason
from proxx_scheduler.domain.transitions import ClipEvent, JobEventKind

PAGE = (Path(__file__).parents[3] / "docs" / "API.md").read_text(encoding="utf-8")
WORDS = set(re.findall(r"[A-Za-z_.]+", PAGE))


@pytest.mark.parametrize(
    "words", [DetectionReason, FailureKind, ViolationCode, Reason], ids=lambda words: words.__name__
)
def test_every_word_of_an_enum_is_explained(words: type) -> None:
    assert {str(word) for word in words} - WORDS == set()


def test_every_kind_of_event_is_listed() -> None:
    kinds = {f"clip.{event}" for event in ClipEvent} | {f"job.{event}" for event in JobEventKind}
    assert kinds - {word.rstrip(".") for word in WORDS} == set()


def test_the_sentences_of_the_source_documents_stand_word_for_word() -> None:
    assert tool_not_found().message in PAGE
    assert output_missing().message in PAGE
