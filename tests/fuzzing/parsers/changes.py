"""Changes to an input that fit its form: trees of JSON, words and lines of text, or plain bytes."""

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.fuzzing.mutate import mutate
from tests.fuzzing.parsers.target import Form, Target

_ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**30, 0.5, -0.0, 1e308, 1e-320),
    *("", " ", "0", "-", "/", "..", "a\x00b", "\x1b[31m", "\u202e", "\ud800", "é", "=1+1", "%d", "{", "1/0", "0/1"),
    *(
        "9" * 20,
        "9" * 400,
        "--5",
        "1e999999999",
        "1e-999999999",
        "Infinity",
        "2026-11-20T10:00:00Z",
        "0001-01-01T00:00:00+14:00",
    ),
    *([], {}, [[]], [{}], {"": ""}),
)
_TOKEN = re.compile(r"\s+|[A-Za-z_]+|[0-9]+|.", re.DOTALL)
_WORDS = (
    *(
        "0",
        "-1",
        "1",
        "255",
        "65536",
        "99999999999999999999",
        "1e400",
        "nan",
        "inf",
        "\x00",
        "\x1b",
        "\u202e",
        "\udcff",
    ),
    *(
        "\n",
        "\r\n",
        "\t",
        " ",
        "=",
        ":",
        ";",
        ",",
        ".",
        "/",
        "\\",
        '"',
        "'",
        "[",
        "]",
        "{",
        "}",
        "<",
        ">",
        "&",
        "%",
        "#",
    ),
    *("٣", "²", "½", "é", "e\u0301", "𝟘", "－"),  # noqa: RUF001  digits and signs that are not ASCII
)
_DEEPEST = 60


def change(target: Target, data: bytes, *, random: Random, other: bytes) -> bytes:
    """Return the input after some changes that fit its form; `other` lends parts."""
    if target.form is Form.JSON and random.random() < 0.8:
        changed = _change_json(data, random, other)
    elif target.form is not Form.BYTES and random.random() < 0.8:
        changed = _change_text(data, random, other, target.words)
    else:
        changed = mutate(data, random=random, other=other)
    return changed[: target.longest]


def _change_json(data: bytes, random: Random, other: bytes) -> bytes:
    """Change one object of JSON, or one line of several; text that is none is changed as text."""
    lines = data.split(b"\n")
    numbers = [number for number, line in enumerate(lines) if line.strip()]
    whole = _loaded(data)
    if whole is not None or not numbers:
        tree = whole if whole is not None else [{}]
        return _dumped(_changed(tree, random, _loaded(other)), random)
    number = random.choice(numbers)
    tree = _loaded(lines[number])
    if tree is None:
        return _change_text(data, random, other, ())
    lines[number] = _dumped(_changed(tree, random, None), random)
    return b"\n".join(lines)


def _loaded(data: bytes) -> list[Any] | None:
    """Return the value in a list of one, None where the text is no JSON."""
    try:
        return [json.loads(data)]
    except (ValueError, RecursionError):
        return None


def _dumped(tree: list[Any], random: Random) -> bytes:
    compact = (",", ":") if random.random() < 0.7 else None
    return json.dumps(tree[0], ensure_ascii=random.random() < 0.8, separators=compact).encode("utf-8", "surrogatepass")


def _changed(tree: list[Any], random: Random, other: list[Any] | None) -> list[Any]:
    for _ in range(1 << random.randrange(3)):
        places = list(_places(tree, 0))
        holder, key = random.choice(places)
        _CHANGES[random.randrange(len(_CHANGES))](holder, key, random, other)
        if not tree:
            tree.append({})
    return tree


def _places(holder: Any, depth: int) -> Any:
    keys: Sequence[Any] = list(holder) if isinstance(holder, dict) else range(len(holder))
    for key in keys:
        yield holder, key
        value = holder[key]
        if isinstance(value, dict | list) and depth < _DEEPEST:
            yield from _places(value, depth + 1)


def _put_odd(holder: Any, key: Any, random: Random, other: list[Any] | None) -> None:
    holder[key] = json.loads(json.dumps(random.choice(_ODD)))


def _drop(holder: Any, key: Any, random: Random, other: list[Any] | None) -> None:
    del holder[key]


def _lend(holder: Any, key: Any, random: Random, other: list[Any] | None) -> None:
    lender, place = random.choice(list(_places(other if other is not None else [0], 0)))
    holder[key] = json.loads(json.dumps(lender[place]))


def _rename(holder: Any, key: Any, random: Random, other: list[Any] | None) -> None:
    if isinstance(holder, dict):
        holder[str(random.choice(_ODD))[:40]] = holder.pop(key)
    else:
        holder.insert(random.randrange(len(holder) + 1), json.loads(json.dumps(holder[key])))


def _nudge(holder: Any, key: Any, random: Random, other: list[Any] | None) -> None:
    value = holder[key]
    if isinstance(value, bool) or value is None:
        holder[key] = not value
    elif isinstance(value, int):
        holder[key] = value + random.choice((-1, 1, 2**16, -(2**40)))
    elif isinstance(value, float):
        holder[key] = -value
    elif isinstance(value, str):
        holder[key] = _tokens_changed(value, random, "", ())
    else:
        holder[key] = [value]


_CHANGES: tuple[Callable[[Any, Any, Random, list[Any] | None], None], ...] = (
    _put_odd,
    _put_odd,
    _drop,
    _lend,
    _rename,
    _nudge,
    _nudge,
)


def _change_text(data: bytes, random: Random, other: bytes, words: tuple[str, ...]) -> bytes:
    text, lent = (part.decode("utf-8", "surrogateescape") for part in (data, other))
    return _tokens_changed(text, random, lent, words).encode("utf-8", "surrogatepass")


def _tokens_changed(text: str, random: Random, lent: str, words: tuple[str, ...]) -> str:
    """Drop, double, replace, swap and insert words; or take a part of another text."""
    tokens = _TOKEN.findall(text)
    for _ in range(1 << random.randrange(4)):
        at, kind = random.randrange(len(tokens) + 1), random.randrange(6)
        if kind == 0 or not tokens or at == len(tokens):
            tokens.insert(at, random.choice((*_WORDS, *words)))
        elif kind == 1:
            del tokens[at : at + 1 + random.randrange(4)]
        elif kind == 2:
            tokens[at] = random.choice((*_WORDS, *words))
        elif kind == 3:
            tokens[at:at] = tokens[at : at + 1 + random.randrange(12)] * random.choice((1, 1, 1, 50))
        elif kind == 4:
            from_there = random.randrange(len(tokens))
            tokens[at], tokens[from_there] = tokens[from_there], tokens[at]
        elif lent:
            begin = random.randrange(len(lent))
            tokens.insert(at, lent[begin : begin + random.randrange(200)])
    return "".join(tokens)
