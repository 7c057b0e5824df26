"""The certificate for one target, and the facts that it rests on. Words are contract and only grow."""

from dataclasses import dataclass
from enum import StrEnum


class RelinkTarget(StrEnum):
    """The editing system in which a proxy is to stand in for its source."""

    RESOLVE = "RESOLVE"
    PREMIERE = "PREMIERE"
    AVID = "AVID"


class WillAttach(StrEnum):
    """The answer. UNCERTAIN: it depends on something that no file states, or it attaches and causes trouble later."""

    YES = "YES"
    NO = "NO"
    UNCERTAIN = "UNCERTAIN"


class Strength(StrEnum):
    """What a rule rests on: the vendor's own documents, or what users report."""

    DOCUMENTED = "DOCUMENTED"
    REPORTED = "REPORTED"


class Effect(StrEnum):
    """What a broken rule does: BLOCKS the proxy, leaves a DOUBT, or is a NOTE on how to attach it."""

    BLOCKS = "BLOCKS"
    DOUBT = "DOUBT"
    NOTE = "NOTE"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelinkReason:
    """One rule that does not hold, or cannot be told: what it asks, what was found, and who says so."""

    rule: str
    requirement: str
    effect: Effect
    expected: str
    actual: str
    strength: Strength
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RelinkCertificate:
    """The answer for one target. `satisfied` names the rules that hold, `reasons` are the others, in table order."""

    target: RelinkTarget
    will_attach: WillAttach
    satisfied: tuple[str, ...]
    reasons: tuple[RelinkReason, ...]
