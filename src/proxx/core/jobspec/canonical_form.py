"""The canonical form of a JobSpec: one object for one meaning, itself a valid JobSpec 2.1, and the digest over it."""

from proxx.core.canonical import digest
from proxx.core.jobspec.spec import JobSpec
from proxx.core.rate import exact_rate, rate_number


def canonical_form(spec: JobSpec) -> dict[str, object]:
    """Return the canonical JobSpec 2.1 as JSON values (protos/vectors/README.md states the rules).

    Absent fields and empty maps are left out, fps_mode always stands, a rate has its one number, and resolved_tokens
    are left out: they say nothing that the other fields do not (C27).

    Raises:
        ValueError: fps_explicit is no rate of the table.
    """
    form = spec.to_dict()
    form.pop("resolved_tokens", None)
    if spec.fps_explicit is not None:
        form["fps_explicit"] = rate_number(rate=exact_rate(value=spec.fps_explicit))
    return form


def spec_digest(spec: JobSpec) -> str:
    """Return the sha256 over the canonical JSON of the canonical form, 64 lower-case hex characters.

    Raises:
        ValueError: as `canonical_form`.
    """
    return digest(canonical_form(spec))
