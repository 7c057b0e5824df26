"""The lines between the bridge and its child."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx_resolve_executor.bridge.wire import (
    LINE_LIMIT,
    Answered,
    CallBegun,
    CallEnded,
    Fault,
    Faulted,
    Question,
    Reply,
    WireError,
    question_line,
    read_question,
    read_reply,
    reply_line,
)

REPLIES: list[Reply] = [
    CallBegun(id=1, call='ProjectManager.LoadProject("a\\nb")'),
    CallEnded(id=1, result="None"),
    Answered(id=2, value={"a": [1, 2.5, None, True, "ü\ud800"]}),
    Faulted(id=3, fault=Fault.SCRIPT, text="TypeError"),
]


@pytest.mark.parametrize("reply", REPLIES, ids=["begun", "ended", "answered", "faulted"])
def test_a_reply_comes_back_as_it_was(reply: Reply) -> None:
    line = reply_line(reply)
    assert (line.count(b"\n"), read_reply(line)) == (1, reply)


def test_a_question_comes_back_as_it_was() -> None:
    question = Question(id=7, operation="set_setting", arguments={"key": "superScale", "value": "1"})
    assert read_question(question_line(question)) == question


def test_a_question_with_an_object_is_refused() -> None:
    with pytest.raises(WireError, match="the arguments of load are not plain JSON"):
        question_line(Question(id=1, operation="load", arguments={"modules": object()}))


def test_a_value_too_long_for_a_line_becomes_a_fault() -> None:
    reply = read_reply(reply_line(Answered(id=4, value="x" * LINE_LIMIT)))
    assert isinstance(reply, Faulted)
    assert (reply.id, reply.fault) == (4, Fault.ANSWER)


BAD = [
    b"",
    b"{",
    b"[]",
    b"{}",
    b'{"id": 1}',
    b'{"id": "1", "value": 1}',
    b'{"id": 1, "value": 1, "more": 2}',
    b'{"id": 1, "fault": "OTHER", "text": ""}',
    b"[" * 100_000,
    b"\xff",
    b" " * (LINE_LIMIT + 1),
]


@pytest.mark.parametrize("line", BAD, ids=range(len(BAD)))
def test_any_other_line_is_refused(line: bytes) -> None:
    for read in (read_reply, read_question):
        with pytest.raises(WireError):
            read(line)


@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_be_refused(line: bytes) -> None:
    for read in (read_reply, read_question):
        try:
            read(line)
        except WireError:
            continue
