"""The rules between fields, and between a JobSpec and its profile. Each adds every violation that it finds."""

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from proxx.core.jobspec.fps_mode import FpsMode
from proxx.core.jobspec.spec import JobSpec
from proxx.core.jobspec.structure import Structure, check_structure, check_version
from proxx.core.jobspec.vocabulary import JOBSPEC_VERSION
from proxx.core.media_table import ANY_RASTER, CODEC_CONTAINERS, DNXHD_IN_MOV, raster
from proxx.core.naming import naming_violations, template_violations
from proxx.core.profile import Profile
from proxx.core.quoting import quote
from proxx.core.rate import exact_rate, format_rate
from proxx.core.violation import Violation, ViolationCode

if TYPE_CHECKING:
    from proxx.core.profile_library import ProfileLibrary


def validate_spec(*, spec: JobSpec, library: "ProfileLibrary | None") -> tuple[Violation, ...]:
    """Return every rule that the spec breaks, in a fixed order; None for a library leaves out the profile rules."""
    data = spec.to_dict()
    vocabulary = check_version(data=data, accepted=(JOBSPEC_VERSION,))
    if isinstance(vocabulary, Violation):
        return (vocabulary,)
    structure = check_structure(data=data, vocabulary=vocabulary)
    return (*structure.violations, *rule_violations(structure=structure, library=library))


def rule_violations(*, structure: Structure, library: "ProfileLibrary | None") -> tuple[Violation, ...]:
    """Return what the sound fields of a structure break among themselves and with the profile."""
    found = [*_pair(structure), *_frame_rate(structure)]
    if library is not None:
        found.extend(_profile(structure, library))
    found.extend(_naming(structure))
    return tuple(found)


def _pair(structure: Structure) -> Iterator[Violation]:
    if structure.broken & {"codec", "container"}:
        return
    codec, container = structure.spec.codec, structure.spec.container
    allowed = CODEC_CONTAINERS[codec]
    if container in allowed:
        return
    message = f'codec "{codec}" cannot be wrapped in "{container}"; it goes into {", ".join(allowed)}'
    if (codec, container) == ("dnxhd", "mov"):
        message = DNXHD_IN_MOV
    yield Violation(
        code=ViolationCode.CODEC_CONTAINER,
        field="container",
        message=message,
        expected=", ".join(allowed),
        actual=container,
    )


def _frame_rate(structure: Structure) -> Iterator[Violation]:
    if structure.broken & {"fps_mode", "fps_explicit"}:
        return
    mode, value = structure.spec.fps_mode, structure.spec.fps_explicit
    word = structure.vocabulary.fps_word(mode)
    message = ""
    if mode is FpsMode.EXPLICIT and value is None:
        message = f'fps_mode is "{word}" and fps_explicit is missing'
    elif mode is FpsMode.SAME_AS_SOURCE and value is not None:
        message = f'fps_mode is "{word}" and fps_explicit is {value!r}; fps_explicit goes with fps_mode "explicit" only'
    elif value is not None:
        try:
            exact_rate(value=value)
        except ValueError as error:
            message = f"fps_explicit {error}"
    if message:
        yield Violation(code=ViolationCode.FPS_MODE, field="fps_explicit", message=message)


def _profile(structure: Structure, library: "ProfileLibrary") -> Iterator[Violation]:
    if "proxy_profile" in structure.broken:
        return
    name = structure.spec.proxy_profile
    profile = library.get(name)
    if profile is None:
        names = library.names()
        near = difflib.get_close_matches(name, names, n=3)
        listed = f"the nearest: {', '.join(near)}" if near else f"known: {', '.join(names)}"
        yield Violation(
            code=ViolationCode.PROFILE_UNKNOWN,
            field="proxy_profile",
            message=f"Unknown profile {quote(text=name)}; {listed}",
            expected=", ".join(names),
            actual=name,
        )
        return
    spec = structure.spec
    codecs = (profile.codec, *profile.codec_aliases)
    rasters = profile.resolutions
    any_raster = ANY_RASTER in rasters and raster(resolution=spec.resolution) is not None
    agreements = (
        ("codec", spec.codec, codecs, spec.codec in codecs),
        ("container", spec.container, profile.containers, spec.container in profile.containers),
        ("resolution", spec.resolution, rasters, any_raster or spec.resolution in rasters),
    )
    for field, value, allowed, agrees in agreements:
        if field not in structure.broken and not agrees:
            yield _mismatch(field, f'"{value}"', profile, [f'"{word}"' for word in allowed])
    yield from _profile_rate(structure, profile)


def _profile_rate(structure: Structure, profile: Profile) -> Iterator[Violation]:
    value = structure.spec.fps_explicit
    if not profile.frame_rates or value is None or structure.broken & {"fps_mode", "fps_explicit"}:
        return
    try:
        rate = exact_rate(value=value)
    except ValueError:
        return  # _frame_rate says it already
    if rate not in profile.frame_rates:
        yield _mismatch("fps_explicit", repr(value), profile, [format_rate(rate=item) for item in profile.frame_rates])


def _mismatch(field: str, value: str, profile: Profile, allowed: list[str]) -> Violation:
    listed = ", ".join(allowed)
    return Violation(
        code=ViolationCode.PROFILE_MISMATCH,
        field=field,
        message=f'{field} {value} does not agree with profile "{profile.name}", which allows {listed}',
        expected=listed,
        actual=value,
    )


def _naming(structure: Structure) -> tuple[Violation, ...]:
    spec, broken = structure.spec, structure.broken
    field = structure.vocabulary.label("naming_template")
    if "naming_template" in broken:
        return ()
    if broken & {"sources", "container", "codec", "resolution", "job_id", "created_at", "resolved_tokens"}:
        return template_violations(template=spec.naming_template, source_count=len(spec.sources), field=field)
    return naming_violations(spec=spec, template_field=field)
