"""How the settings spell what the site says about queues, resources and staging budgets."""

import re
from collections.abc import Iterable

from proxx_scheduler.domain.ordering import WEIGHT_LIMIT
from proxx_scheduler.domain.rules import QueueRule, Resource, Rules

QUEUES_LIMIT = 200
"""Most queues that are named: each grant looks at those that have a limit."""

COUNT_LIMIT = 100_000
UNITS = {"": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_SIZE = re.compile(r"(?P<digits>[0-9]{1,15})(?P<unit>|KiB|MiB|GiB|TiB)")


def read_rules(*, queues: Iterable[str], resources: Iterable[str], budgets: Iterable[str] = ()) -> Rules:
    """Read NAME=WEIGHT[:LIMIT] for queues, NAME=COUNT:USER[+USER...] for resources, ROOT=BYTES for staging budgets.

    A USER is `engine/NAME` or `profile/NAME`. BYTES is a whole number, of KiB, MiB, GiB or TiB with that unit behind.

    Raises:
        ValueError: a text breaks the form, or a name comes twice; the error quotes it.
    """
    named: dict[str, QueueRule] = {}
    for text in queues:
        name, rule = _queue(text)
        if name in named:
            raise ValueError(f"queue {name!r} is named twice")
        named[name] = rule
    if len(named) > QUEUES_LIMIT:
        raise ValueError(f"at most {QUEUES_LIMIT} queues can be named, got {len(named)}")
    known: dict[str, Resource] = {}
    for text in resources:
        resource = _resource(text)
        if resource.name in known:
            raise ValueError(f"resource {resource.name!r} is named twice")
        known[resource.name] = resource
    sizes: dict[str, int] = {}
    for text in budgets:
        root, size = _budget(text)
        if root in sizes:
            raise ValueError(f"root {root!r} is named twice")
        sizes[root] = size
    return Rules(queues=named, resources=known, budgets=sizes)


def _queue(text: str) -> tuple[str, QueueRule]:
    name, _, rest = text.rpartition("=")
    weight, colon, limit = rest.partition(":")
    if not name:
        raise ValueError(f"{text!r}: expected NAME=WEIGHT or NAME=WEIGHT:LIMIT, for example night=1:4")
    return name, QueueRule(
        weight=_number(text, weight, most=WEIGHT_LIMIT), limit=_number(text, limit, most=COUNT_LIMIT) if colon else None
    )


def _resource(text: str) -> Resource:
    name, _, rest = text.rpartition("=")
    count, _, users = rest.partition(":")
    kinds: dict[str, set[str]] = {"engine": set(), "profile": set()}
    for user in users.split("+"):
        kind, _, value = user.partition("/")
        if not name or kind not in kinds or not value:
            rule = "expected NAME=COUNT:USER, a USER being engine/NAME or profile/NAME, more of them joined with +"
            raise ValueError(f"{text!r}: {rule}, for example resolve_licences=2:engine/resolve")
        kinds[kind].add(value)
    return Resource(
        name=name,
        count=_number(text, count, most=COUNT_LIMIT),
        engines=frozenset(kinds["engine"]),
        profiles=frozenset(kinds["profile"]),
    )


def _budget(text: str) -> tuple[str, int]:
    root, _, size = text.rpartition("=")
    found = _SIZE.fullmatch(size)
    if not root or found is None:
        raise ValueError(f"{text!r}: expected ROOT=BYTES, for example media=500GiB")
    return root, int(found["digits"]) * UNITS[found["unit"]]


def _number(text: str, digits: str, *, most: int) -> int:
    if not (digits.isascii() and digits.isdecimal() and 1 <= int(digits) <= most):
        raise ValueError(f"{text!r}: {digits!r} is not a whole number from 1 to {most}")
    return int(digits)
