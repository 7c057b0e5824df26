"""Why a clip waits: one closed list, with the facts of the case."""

from dataclasses import dataclass
from enum import StrEnum


class WaitingCode(StrEnum):
    """Why a clip or job waits. Part of the contract; only grows (docs/ORDERING.md explains each)."""

    PROBING = "PROBING"
    HELD = "HELD"
    PAUSED = "PAUSED"
    RECOVERY = "RECOVERY"
    HEAD = "HEAD"
    WINDOW = "WINDOW"
    NO_EXECUTOR = "NO_EXECUTOR"
    NO_ROOT = "NO_ROOT"
    PLANNER_VERSION = "PLANNER_VERSION"
    DRAINED = "DRAINED"
    RESOURCE = "RESOURCE"
    QUEUE_LIMIT = "QUEUE_LIMIT"
    STAGING_BUDGET = "STAGING_BUDGET"
    PRIORITY = "PRIORITY"
    FAIR_SHARE = "FAIR_SHARE"
    TURN = "TURN"
    SLOT = "SLOT"
    STORAGE = "STORAGE"
    FENCED = "FENCED"
    NO_CODEC = "NO_CODEC"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingReason:
    """One reason: what programs compare, and a sentence with the facts for people."""

    code: WaitingCode
    detail: str
