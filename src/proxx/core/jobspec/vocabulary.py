"""What each accepted version of the JobSpec calls the fields and the frame rate modes (C1 to C3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from proxx.core.jobspec.fps_mode import FpsMode

JOBSPEC_VERSION = "2.1"
"""The canonical version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """One version: its name for each canonical field, and its word for each frame rate mode."""

    version: str
    fields: Mapping[str, str]
    fps_words: Mapping[str, FpsMode]

    def label(self, field: str) -> str:
        """Return what this version calls the canonical field."""
        return self.fields[field]

    def fps_word(self, mode: FpsMode) -> str:
        """Return this version's word for the mode."""
        return next(word for word, meaning in self.fps_words.items() if meaning is mode)


CANONICAL_FIELDS = (
    "jobspec_version",
    "job_id",
    "created_at",
    "sources",
    "output_directory",
    "codec",
    "container",
    "resolution",
    "fps_mode",
    "fps_explicit",
    "naming_template",
    "proxy_profile",
    "resolved_tokens",
    "user_metadata",
)
"""The fields of JobSpec 2.1 in the documented order."""

_RENAMED = {"output_directory": "output_dir", "naming_template": "output_name_template"}

V2_1 = Vocabulary(
    version=JOBSPEC_VERSION,
    fields=MappingProxyType({field: field for field in CANONICAL_FIELDS}),
    fps_words=MappingProxyType({mode.value: mode for mode in FpsMode}),
)
"""JobSpec 2.1 (seed 004, and optional user_metadata)."""

V1_0_0 = Vocabulary(
    version="1.0.0",
    fields=MappingProxyType(
        {field: _RENAMED.get(field, field) for field in CANONICAL_FIELDS if field != "resolved_tokens"}
    ),
    fps_words=MappingProxyType({"preserve_source": FpsMode.SAME_AS_SOURCE, "explicit": FpsMode.EXPLICIT}),
)
"""JobSpec 1.0.0 (the example of seed 001)."""

VOCABULARIES: Mapping[str, Vocabulary] = MappingProxyType({entry.version: entry for entry in (V2_1, V1_0_0)})
"""Every version that Proxx reads."""

ACCEPTED_VERSIONS = tuple(VOCABULARIES)
"""The default of a site's list of accepted versions."""
