"""What reading a JobSpec gives."""

from dataclasses import dataclass

from proxx.core.jobspec.spec import JobSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedSpec:
    """A JobSpec that was accepted, and what was received. `received_digest` is the sha256 of the text in UTF-8."""

    spec: JobSpec
    received_text: str
    received_version: str
    received_digest: str
