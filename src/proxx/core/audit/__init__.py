"""The audit of the event log: the rule of its chains, the check of a log, exports. Shared by scheduler and clients."""

from proxx.core.audit.anchor import Anchor
from proxx.core.audit.chain_check import ChainCheck
from proxx.core.audit.chain_rule import NO_HASH, event_hash, hash_of
from proxx.core.audit.export_reader import ExportReader, NotAnExportError
from proxx.core.audit.export_writer import ExportWriter
from proxx.core.audit.fault import Fault, FaultKind
from proxx.core.audit.log_check import PRUNE_KIND, LogCheck, OtherChainError
from proxx.core.audit.log_range import LogRange
from proxx.core.audit.record import (
    AuditRecord,
    ChainFacts,
    ChainHead,
    ChainPiece,
    Checkpoint,
    LogPage,
    LogPlace,
    PrunePlan,
    PruneResult,
)
from proxx.core.audit.summary import AuditSummary, ChainSummary

__all__ = [
    "NO_HASH",
    "PRUNE_KIND",
    "Anchor",
    "AuditRecord",
    "AuditSummary",
    "ChainCheck",
    "ChainFacts",
    "ChainHead",
    "ChainPiece",
    "ChainSummary",
    "Checkpoint",
    "ExportReader",
    "ExportWriter",
    "Fault",
    "FaultKind",
    "LogCheck",
    "LogPage",
    "LogPlace",
    "LogRange",
    "NotAnExportError",
    "OtherChainError",
    "PrunePlan",
    "PruneResult",
    "event_hash",
    "hash_of",
]
