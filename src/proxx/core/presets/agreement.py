"""Whether a global preset fits the profiles: checked without any source, by the rules of the JobSpec themselves."""

from proxx.core.jobspec.spec import JobSpec
from proxx.core.jobspec.validation import validate_spec
from proxx.core.presets.category_presets import (
    NO_WATERMARK,
    CategoryPreset,
    CodecPreset,
    NamingPreset,
    ScalingPreset,
    WatermarkPreset,
)
from proxx.core.presets.errors import PresetFault, PresetProblem
from proxx.core.presets.global_preset import GlobalPreset
from proxx.core.presets.preset_library import PresetLibrary
from proxx.core.profile import Profile
from proxx.core.profile_library import ProfileLibrary
from proxx.core.quoting import quote


def agreement_problems(
    *, preset: GlobalPreset, library: PresetLibrary, profiles: ProfileLibrary
) -> tuple[PresetProblem, ...]:
    """Return every reason why `preset` can make no job with these profiles, whatever the sources are."""
    chosen = chosen_profile(preset=preset, library=library, profiles=profiles)
    if isinstance(chosen, PresetProblem):
        return (chosen,)
    codec = library.part(preset=preset, kind=CodecPreset)
    scaling = library.part(preset=preset, kind=ScalingPreset)
    naming = library.part(preset=preset, kind=NamingPreset)
    owners: dict[str, tuple[CategoryPreset, str]] = {
        "codec": (codec, "codec"),
        "container": (codec, "container"),
        "fps_explicit": (codec, "fps_explicit"),
        "resolution": (scaling, "resolution"),
        "naming_template": (naming, "template"),
    }
    violations = validate_spec(
        spec=preset_spec(
            preset=preset, library=library, profile=chosen, sources=("/source.mov",), output_directory="/"
        ),
        library=profiles,
    )
    found = []
    for violation in violations:
        owner, key = owners.get(violation.field, (naming, "template"))
        found.append(
            PresetProblem(
                fault=PresetFault.PROFILE_MISMATCH,
                file=owner.file,
                key=key,
                rule=f"{violation.message} (global preset {preset.id})",
            )
        )
    return tuple(found)


def preset_spec(
    *,
    preset: GlobalPreset,
    library: PresetLibrary,
    profile: Profile,
    sources: tuple[str, ...],
    output_directory: str,
    job_id: str | None = None,
    created_at: str | None = None,
) -> JobSpec:
    """Return the JobSpec that CODEC, SCALING, WATERMARK and NAMING make of these sources."""
    codec = library.part(preset=preset, kind=CodecPreset)
    return JobSpec(
        job_id=job_id,
        created_at=created_at,
        sources=sources,
        output_directory=output_directory,
        codec=codec.codec,
        container=codec.container,
        resolution=library.part(preset=preset, kind=ScalingPreset).resolution,
        fps_mode=codec.fps_mode,
        fps_explicit=codec.fps_explicit,
        naming_template=library.part(preset=preset, kind=NamingPreset).template,
        proxy_profile=profile.name,
    )


def chosen_profile(
    *, preset: GlobalPreset, library: PresetLibrary, profiles: ProfileLibrary
) -> Profile | PresetProblem:
    """Return the profile that CODEC names, or its variant that WATERMARK asks for; the problem when there is none."""
    codec = library.part(preset=preset, kind=CodecPreset)
    base = profiles.get(codec.profile)
    if base is None:
        return PresetProblem(
            fault=PresetFault.PROFILE_NOT_FOUND,
            file=codec.file,
            key="profile",
            rule="there is no profile of this name",
            expected=f"one of {', '.join(profiles.names())}",
            actual=quote(text=codec.profile),
        )
    if base.variant_of:
        return PresetProblem(
            fault=PresetFault.PROFILE_MISMATCH,
            file=codec.file,
            key="profile",
            rule=f"this profile is a variant of {base.variant_of}, and only a WATERMARK preset picks variants",
            expected=base.variant_of,
            actual=base.name,
        )
    watermark = library.part(preset=preset, kind=WatermarkPreset)
    if watermark.variant == NO_WATERMARK:
        return base
    variants = {profile.variant: profile for profile in profiles.profiles if profile.variant_of == base.name}
    if watermark.variant in variants:
        return variants[watermark.variant]
    there = ", ".join(sorted(variants))
    return PresetProblem(
        fault=PresetFault.VARIANT_NOT_FOUND,
        file=watermark.file,
        key="variant",
        rule=f"profile {base.name} has no such variant (global preset {preset.id})",
        expected=f"{NO_WATERMARK} or one of {there}" if there else f"{NO_WATERMARK}: it has no variants",
        actual=quote(text=watermark.variant),
    )
