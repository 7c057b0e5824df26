"""The JobSpec: reading, checking, canonical form. Importing this package does not import pydantic; reading does."""

from proxx.core.jobspec.canonical_form import canonical_form, spec_digest
from proxx.core.jobspec.error import JobSpecValidationError
from proxx.core.jobspec.fps_mode import FpsMode
from proxx.core.jobspec.parsed import ParsedSpec
from proxx.core.jobspec.parsing import parse_jobspec, upgrade_text
from proxx.core.jobspec.spec import JobSpec
from proxx.core.jobspec.validation import validate_spec
from proxx.core.jobspec.values import MAX_SOURCES, MAX_TEXT_BYTES
from proxx.core.jobspec.vocabulary import ACCEPTED_VERSIONS, JOBSPEC_VERSION

__all__ = [
    "ACCEPTED_VERSIONS",
    "JOBSPEC_VERSION",
    "MAX_SOURCES",
    "MAX_TEXT_BYTES",
    "FpsMode",
    "JobSpec",
    "JobSpecValidationError",
    "ParsedSpec",
    "canonical_form",
    "parse_jobspec",
    "spec_digest",
    "upgrade_text",
    "validate_spec",
]
