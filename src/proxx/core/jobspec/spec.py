"""The JobSpec: the locked, immutable contract of what to make. Version 2.1 is the one form inside Proxx."""

import dataclasses
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from proxx.core.jobspec.fps_mode import FpsMode
from proxx.core.jobspec.frozen_map import FrozenMap
from proxx.core.jobspec.vocabulary import JOBSPEC_VERSION

if TYPE_CHECKING:
    from proxx.core.profile_library import ProfileLibrary

_OPTIONAL = ("job_id", "created_at", "fps_explicit", "resolved_tokens", "user_metadata")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    """What to make, in the words of JobSpec 2.1; the fields stand in the documented order.

    Building one checks nothing: `validate` does, and says everything at once. Lists become tuples and maps become
    read-only, so that a spec never changes. `job_id` (eight lower-case hex characters) and `created_at` (ISO 8601 with
    offset) stay None until the server assigns them: core has no clock and no randomness.
    """

    jobspec_version: str = JOBSPEC_VERSION
    job_id: str | None = None
    created_at: str | None = None
    sources: tuple[str, ...]
    output_directory: str
    codec: str
    container: str
    resolution: str
    fps_mode: FpsMode = FpsMode.SAME_AS_SOURCE
    fps_explicit: float | None = None
    naming_template: str
    proxy_profile: str = ""
    resolved_tokens: Mapping[str, str] = dataclasses.field(default_factory=FrozenMap)
    user_metadata: Mapping[str, str] = dataclasses.field(default_factory=FrozenMap)

    def __post_init__(self) -> None:
        """Make the values immutable; a value of a wrong type stays as it is, for `validate` to name."""
        if isinstance(self.sources, list):
            object.__setattr__(self, "sources", tuple(self.sources))
        if isinstance(self.fps_mode, str) and self.fps_mode in set(FpsMode):
            object.__setattr__(self, "fps_mode", FpsMode(self.fps_mode))
        for name in ("resolved_tokens", "user_metadata"):
            value = getattr(self, name)
            if isinstance(value, Mapping):
                object.__setattr__(self, name, FrozenMap(value))

    def completed(self, *, job_id: str, created_at: str) -> "JobSpec":
        """Return a copy with both set; a value that the spec already has is kept."""
        return dataclasses.replace(
            self,
            job_id=self.job_id if self.job_id is not None else job_id,
            created_at=self.created_at if self.created_at is not None else created_at,
        )

    def to_dict(self) -> dict[str, object]:
        """Return the spec as JSON values, keys in the documented order; absent fields and empty maps are left out."""
        plain = {field.name: _json_value(getattr(self, field.name)) for field in dataclasses.fields(self)}
        return {name: value for name, value in plain.items() if name not in _OPTIONAL or value not in (None, {})}

    def to_json(self) -> str:
        """Return the spec as indented JSON with ordered keys; `from_json` gives back an equal spec.

        Raises:
            ValueError: a number is not finite.
            TypeError: a value has no JSON form.
        """
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    @staticmethod
    def from_dict(data: Mapping[str, object]) -> "JobSpec":
        """Read JobSpec 2.1 from JSON values, strictly: field by field, without rules that need a profile.

        Raises:
            JobSpecValidationError: every structural violation at once.
        """
        from proxx.core.jobspec.parsing import spec_from_object

        return spec_from_object(data=data)

    @staticmethod
    def from_json(text: str) -> "JobSpec":
        """Read JobSpec 2.1 from JSON text, as `from_dict` does; other versions go through `parse_jobspec`.

        Raises:
            JobSpecValidationError: the text is not JSON, or breaks structural rules.
        """
        from proxx.core.jobspec.parsing import spec_from_text

        return spec_from_text(text=text)

    def validate(self, *, library: "ProfileLibrary | None" = None) -> None:
        """Check every rule that needs no file system; without a library, those that need a profile are left out.

        Raises:
            JobSpecValidationError: every violation at once.
        """
        from proxx.core.jobspec.error import JobSpecValidationError
        from proxx.core.jobspec.validation import validate_spec

        violations = validate_spec(spec=self, library=library)
        if violations:
            raise JobSpecValidationError(violations)


def _json_value(value: object) -> object:
    if isinstance(value, FpsMode):
        return value.value
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    return value
