"""JobSpec text of any accepted version to the one canonical JobSpec, or every violation at once."""

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from proxx.core.jobspec.error import JobSpecValidationError
from proxx.core.jobspec.json_text import read_object
from proxx.core.jobspec.parsed import ParsedSpec
from proxx.core.jobspec.spec import JobSpec
from proxx.core.jobspec.structure import Structure, check_structure, check_version
from proxx.core.jobspec.validation import rule_violations
from proxx.core.jobspec.vocabulary import ACCEPTED_VERSIONS, JOBSPEC_VERSION
from proxx.core.violation import Violation

if TYPE_CHECKING:
    from proxx.core.profile_library import ProfileLibrary


def parse_jobspec(
    *, text: str, library: "ProfileLibrary", accepted_versions: tuple[str, ...] = ACCEPTED_VERSIONS
) -> ParsedSpec:
    """Read and check JobSpec text of any accepted version; a site may narrow the versions.

    Raises:
        JobSpecValidationError: every violation at once. Text that is not JSON and an unknown version stand alone: the
            rest cannot be read by any rule.
    """
    structure = _with_profile_resolution(structure=_read(text=text, accepted=accepted_versions), library=library)
    violations = (*structure.violations, *rule_violations(structure=structure, library=library))
    if violations:
        raise JobSpecValidationError(violations)
    return ParsedSpec(
        spec=structure.spec,
        received_text=text,
        received_version=structure.vocabulary.version,
        received_digest=hashlib.sha256(text.encode("utf-8")).hexdigest(),
    )


def upgrade_text(*, text: str, library: "ProfileLibrary") -> str:
    """Return the spec as JobSpec 2.1 JSON, indented and in the documented order.

    Raises:
        JobSpecValidationError: as `parse_jobspec`.
    """
    return parse_jobspec(text=text, library=library).spec.to_json()


def spec_from_text(*, text: str) -> JobSpec:
    """Read JobSpec 2.1 text by its schema alone.

    Raises:
        JobSpecValidationError: every structural violation at once.
    """
    return _sound(_read(text=text, accepted=(JOBSPEC_VERSION,)))


def spec_from_object(*, data: Mapping[str, object]) -> JobSpec:
    """Read a JobSpec 2.1 object by its schema alone.

    Raises:
        JobSpecValidationError: every structural violation at once.
    """
    return _sound(_structure(data=data, accepted=(JOBSPEC_VERSION,)))


def _read(*, text: str, accepted: tuple[str, ...]) -> Structure:
    data = read_object(text=text)
    if isinstance(data, Violation):
        raise JobSpecValidationError((data,))
    return _structure(data=data, accepted=accepted)


def _structure(*, data: Mapping[str, object], accepted: tuple[str, ...]) -> Structure:
    vocabulary = check_version(data=data, accepted=accepted)
    if isinstance(vocabulary, Violation):
        raise JobSpecValidationError((vocabulary,))
    return check_structure(data=data, vocabulary=vocabulary)


def _sound(structure: Structure) -> JobSpec:
    if structure.violations:
        raise JobSpecValidationError(structure.violations)
    return structure.spec


def _with_profile_resolution(*, structure: Structure, library: "ProfileLibrary") -> Structure:
    """Fill the resolution that JobSpec 1.0.0 may leave to its profile (C6)."""
    if structure.spec.resolution or "resolution" in structure.broken:
        return structure
    profile = library.get(structure.spec.proxy_profile)
    if profile is None:
        return dataclasses.replace(structure, broken=structure.broken | {"resolution"})
    spec = dataclasses.replace(structure.spec, resolution=profile.default_resolution)
    return dataclasses.replace(structure, spec=spec)
