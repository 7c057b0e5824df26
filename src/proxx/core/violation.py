"""One broken rule of a JobSpec, of its options or of a source: a fact, never advice without a fact."""

from dataclasses import dataclass
from enum import StrEnum


class ViolationCode(StrEnum):
    """Every rule that can refuse a job before anything is encoded. Part of the contract; only grows."""

    JSON_INVALID = "JSON_INVALID"
    VERSION_MISSING = "VERSION_MISSING"
    VERSION_UNSUPPORTED = "VERSION_UNSUPPORTED"
    FIELD_UNKNOWN = "FIELD_UNKNOWN"
    FIELD_MISSING = "FIELD_MISSING"
    FIELD_TYPE = "FIELD_TYPE"
    FIELD_VALUE = "FIELD_VALUE"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    CODEC_CONTAINER = "CODEC_CONTAINER"
    FPS_MODE = "FPS_MODE"
    PROFILE_UNKNOWN = "PROFILE_UNKNOWN"
    PROFILE_MISMATCH = "PROFILE_MISMATCH"
    PROFILE_ENGINE = "PROFILE_ENGINE"
    NAMING_TOKEN = "NAMING_TOKEN"  # noqa: S105  a naming token is no secret
    NAMING_AMBIGUOUS = "NAMING_AMBIGUOUS"
    NAMING_COLLISION = "NAMING_COLLISION"
    NAMING_ILLEGAL = "NAMING_ILLEGAL"
    OPTION_UNSUPPORTED = "OPTION_UNSUPPORTED"
    PATH_NOT_ABSOLUTE = "PATH_NOT_ABSOLUTE"
    PATH_OUTSIDE_ROOTS = "PATH_OUTSIDE_ROOTS"
    SOURCE_MISSING = "SOURCE_MISSING"
    SOURCE_NOT_A_FILE = "SOURCE_NOT_A_FILE"
    SOURCE_UNIT = "SOURCE_UNIT"
    SOURCE_UNREADABLE = "SOURCE_UNREADABLE"
    SOURCE_EMPTY = "SOURCE_EMPTY"
    SOURCE_UNSUPPORTED = "SOURCE_UNSUPPORTED"
    SOURCE_TRUNCATED = "SOURCE_TRUNCATED"
    SOURCE_TIMECODE = "SOURCE_TIMECODE"
    SOURCE_MIXED_ENGINES = "SOURCE_MIXED_ENGINES"
    SOURCE_CANNOT_FIT_PROFILE = "SOURCE_CANNOT_FIT_PROFILE"
    OUTPUT_DIRECTORY_MISSING = "OUTPUT_DIRECTORY_MISSING"
    OUTPUT_DIRECTORY_UNWRITABLE = "OUTPUT_DIRECTORY_UNWRITABLE"
    OUTPUT_DIRECTORY_UNSAFE = "OUTPUT_DIRECTORY_UNSAFE"
    OUTPUT_EXISTS = "OUTPUT_EXISTS"
    OUTPUT_RESERVED = "OUTPUT_RESERVED"
    OUTPUT_IS_SOURCE = "OUTPUT_IS_SOURCE"
    SUFFIX_EXHAUSTED = "SUFFIX_EXHAUSTED"
    PROBE_FAILED = "PROBE_FAILED"
    ENGINE_UNAVAILABLE = "ENGINE_UNAVAILABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """What is wrong (`message`, one sentence with every fact), where (`field`, for example `sources[3]`)."""

    code: ViolationCode
    field: str
    message: str
    expected: str = ""
    actual: str = ""


class ViolationsError(ValueError):
    """Something was refused; carries every violation at once."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        """Keep the violations; the text of the error is their messages, one a line."""
        super().__init__("\n".join(violation.message for violation in violations))
        self.violations = violations
