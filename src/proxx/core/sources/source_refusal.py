"""Why a source has no facts."""

from dataclasses import dataclass

from proxx.core.violation import ViolationCode


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRefusal:
    """Why there are no facts: the code, one clause with every fact, and the two sides of a comparison."""

    code: ViolationCode
    clause: str
    expected: str = ""
    actual: str = ""
