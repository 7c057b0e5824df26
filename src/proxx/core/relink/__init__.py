"""Relink certificates: will this proxy attach to its source in Resolve, Premiere or Avid, and if not, why."""

from proxx.core.relink.certificate import Effect, RelinkCertificate, RelinkReason, RelinkTarget, Strength, WillAttach
from proxx.core.relink.certify import certify
from proxx.core.relink.text import certificate_line, totals_line

__all__ = [
    "Effect",
    "RelinkCertificate",
    "RelinkReason",
    "RelinkTarget",
    "Strength",
    "WillAttach",
    "certificate_line",
    "certify",
    "totals_line",
]
