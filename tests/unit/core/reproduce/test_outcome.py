"""Three digests, one outcome."""

import pytest

from proxx.core.reproduce import Outcome, Published, PublishedState, Reproduction, judge_digests
from tests.unit.cli.samples import TOOLCHAIN
from tests.unit.core.reproduce.clips import reproduced

A, B, C = "a" * 64, "b" * 64, "c" * 64


def published(state: PublishedState, sha256: str | None = None) -> Published:
    return Published(state=state, sha256=sha256)


@pytest.mark.parametrize(
    ("remade", "file", "outcome", "sentence"),
    [
        (A, published(PublishedState.AS_RECORDED, A), Outcome.EQUAL, "the same bytes as recorded"),
        (
            A,
            published(PublishedState.ABSENT),
            Outcome.EQUAL,
            "the same bytes as recorded; the published file is not there any more",
        ),
        (
            A,
            published(PublishedState.ALTERED, B),
            Outcome.DIFFERENT,
            "the remade file is the recorded one; the published file was altered since",
        ),
        (
            B,
            published(PublishedState.AS_RECORDED, A),
            Outcome.DIFFERENT,
            "other bytes than the published file, which is the recorded one",
        ),
        (
            B,
            published(PublishedState.ALTERED, B),
            Outcome.DIFFERENT,
            "the remade file is the published one; the digest in the result is of another file",
        ),
        (
            B,
            published(PublishedState.ALTERED, C),
            Outcome.DIFFERENT,
            "other bytes than recorded, and the published file was altered since",
        ),
        (
            B,
            published(PublishedState.ABSENT),
            Outcome.DIFFERENT,
            "other bytes than recorded; the published file is not there any more to compare with",
        ),
        (
            B,
            published(PublishedState.UNREADABLE),
            Outcome.DIFFERENT,
            "other bytes than recorded; the published file cannot be read to compare with",
        ),
    ],
)
def test_the_recorded_the_remade_and_the_published_file_decide(remade, file, outcome, sentence):
    assert judge_digests(recorded=A, remade=remade, published=file) == (outcome, sentence)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([Outcome.EQUAL, Outcome.EQUAL], Outcome.EQUAL),
        ([Outcome.EQUAL, Outcome.IMPOSSIBLE], Outcome.IMPOSSIBLE),
        ([Outcome.IMPOSSIBLE, Outcome.DIFFERENT, Outcome.EQUAL], Outcome.DIFFERENT),
        ([], Outcome.IMPOSSIBLE),
    ],
    ids=["all equal", "one impossible", "one different", "none"],
)
def test_the_worst_clip_decides(outcomes, expected):
    clips = tuple(reproduced(outcome) for outcome in outcomes)

    assert Reproduction(job_id="j", job_key="k", toolchain=TOOLCHAIN, clips=clips).outcome is expected
