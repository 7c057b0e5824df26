"""What parent and child say to each other: JSON, one message a line, each with the id of its question.

The parent asks one operation at a time. The child tells each call of the API before it makes it, so that a call that
never returns has a name; then what came back; and at last the value of the operation, or its fault.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

LINE_LIMIT = 4 * 1024 * 1024


class WireError(ValueError):
    """A line that is no message. The message says what it is instead."""


class Fault(StrEnum):
    """Why an operation has no value."""

    MODULE = "MODULE"
    """The scripting module cannot be imported."""

    SCRIPT = "SCRIPT"
    """A call of the API raised an error."""

    ANSWER = "ANSWER"
    """A call of the API returned what the reference does not know."""

    ABSENT = "ABSENT"
    """The operation needs an object that is not there: Resolve, a project, a clip, a timeline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One operation to be done."""

    id: int
    operation: str
    arguments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBegun:
    """A call of the API is about to be made."""

    id: int
    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded:
    """What that call returned, as text."""

    id: int
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The value of the operation: plain JSON."""

    id: int
    value: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulted:
    """The operation has no value."""

    id: int
    fault: Fault
    text: str


Reply = CallBegun | CallEnded | Answered | Faulted


def question_line(question: Question) -> bytes:
    """Return a question as one line.

    Raises:
        WireError: an argument is not plain JSON.
    """
    try:
        text = json.dumps({"id": question.id, "op": question.operation, "args": dict(question.arguments)})
    except (TypeError, ValueError) as error:
        raise WireError(f"the arguments of {question.operation} are not plain JSON: {error}") from error
    return text.encode() + b"\n"


def read_question(line: bytes) -> Question:
    """Return the question of a line.

    Raises:
        WireError: it is none.
    """
    fields = _fields(line)
    match fields:
        case {"id": int(number), "op": str(operation), "args": dict(arguments), **rest} if not rest:
            return Question(id=number, operation=operation, arguments=arguments)
    raise WireError("a line is no question")


def reply_line(reply: Reply) -> bytes:
    """Return a reply as one line. A value that is too long for a line, or not plain, becomes a fault."""
    match reply:
        case CallBegun(id=number, call=call):
            fields: dict[str, object] = {"id": number, "call": call}
        case CallEnded(id=number, result=result):
            fields = {"id": number, "result": result}
        case Answered(id=number, value=value):
            fields = {"id": number, "value": value}
        case Faulted(id=number, fault=fault, text=text):
            fields = {"id": number, "fault": fault.value, "text": text}
    line = json.dumps(fields).encode() + b"\n"
    if len(line) <= LINE_LIMIT:
        return line
    sentence = f"an answer of {len(line)} bytes; {LINE_LIMIT} is the limit"
    return reply_line(Faulted(id=reply.id, fault=Fault.ANSWER, text=sentence))


def read_reply(line: bytes) -> Reply:
    """Return the reply of a line.

    Raises:
        WireError: it is none.
    """
    fields = _fields(line)
    match fields:
        case {"id": int(number), "call": str(call), **rest} if not rest:
            return CallBegun(id=number, call=call)
        case {"id": int(number), "result": str(result), **rest} if not rest:
            return CallEnded(id=number, result=result)
        case {"id": int(number), "value": value, **rest} if not rest:
            return Answered(id=number, value=value)
        case {"id": int(number), "fault": str(fault), "text": str(text), **rest} if not rest and fault in set(Fault):
            return Faulted(id=number, fault=Fault(fault), text=text)
    raise WireError("a line is no reply")


def _fields(line: bytes) -> object:
    if len(line) > LINE_LIMIT:
        raise WireError(f"a line of {len(line)} bytes; {LINE_LIMIT} is the limit")
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise WireError("a line is not JSON") from error
