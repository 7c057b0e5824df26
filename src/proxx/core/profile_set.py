"""All profile files of an installation, read together: recipes first, then the variants that stand on them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from proxx.core.asset_files import AssetFiles
from proxx.core.detection import Engine
from proxx.core.look_reader import read_look
from proxx.core.profile import Profile
from proxx.core.profile_reader import ProfileReader, profile_digest, read_profile
from proxx.core.quoting import quote
from proxx.core.table_reader import ProfileError, load_table

SUFFIX = ".toml"
_VARIANT_KEYS = ("name", "version", "description", "variant_of", "variant", "look")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFile:
    """One file: its name, its text, and the files beside it that it may name."""

    origin: str
    text: str
    assets: AssetFiles


def read_profiles(*, files: tuple[ProfileFile, ...], known: tuple[Profile, ...]) -> tuple[Profile, ...]:
    """Return the profiles of `files`, in their order. Variants may stand on these or on the `known` ones.

    Raises:
        ProfileError: a file is broken, is not named after its profile, takes a name that is known, stands on what is
            no recipe, or is the second variant of its name. All problems of all files are listed.
    """
    problems: list[str] = []
    tables: list[tuple[ProfileFile, Mapping[str, object]]] = []
    for file in files:
        try:
            tables.append((file, load_table(text=file.text, origin=file.origin)))
        except ProfileError as error:
            problems += error.problems
    found: dict[str, Profile] = {}
    names = {profile.name: profile for profile in known}
    for variants in (False, True):
        bases = {**names, **{profile.name: profile for profile in found.values()}}
        for file, table in tables:
            if ("variant_of" in table) is not variants:
                continue
            try:
                profile = _read(file, table, bases if variants else None)
                _check_name(file, profile, names)
            except ProfileError as error:
                problems += error.problems
                continue
            found[file.origin] = profile
    problems += _doubled_variants((*known, *found.values()))
    if problems:
        raise ProfileError(tuple(problems))
    return tuple(found[file.origin] for file in files)


def _read(file: ProfileFile, table: Mapping[str, object], bases: Mapping[str, Profile] | None) -> Profile:
    if bases is None:
        return read_profile(table=table, origin=file.origin, assets=file.assets)
    return read_variant(table=table, origin=file.origin, assets=file.assets, bases=bases)


def read_variant(
    *, table: Mapping[str, object], origin: str, assets: AssetFiles, bases: Mapping[str, Profile]
) -> Profile:
    """Return the variant that a TOML table holds: its base in everything but name, version, description and look.

    Raises:
        ProfileError: keys are unknown, missing or wrong, or the base is unknown, a variant itself, or not FFmpeg's.
    """
    reader = ProfileReader(origin=origin, table=table)
    reader.check_keys(_VARIANT_KEYS, elsewhere=" for a variant: everything but the look is the base profile's")
    name, version = reader.name(), reader.count("version", least=1)
    description, variant = reader.text("description"), reader.name("variant")
    base_name = reader.text("variant_of")
    base = bases.get(base_name)
    if base_name and base is None:
        reader.problem("variant_of", f"no profile is named {quote(text=base_name)}")
    if base is not None and base.variant_of:
        reader.problem("variant_of", f"{base.name} is itself a variant, of {base.variant_of}; name that")
    if base is not None and base.engine is not Engine.FFMPEG:
        reader.problem("variant_of", f"{base.name} is for {base.engine.value}, which draws no look")
    look = read_look(table=reader, assets=assets, pixel_format=base.pixel_format if base is not None else "")
    reader.raise_problems()
    if base is None:
        raise ValueError("a variant without a base was not refused")
    profile = replace(
        base, name=name, version=version, description=description, variant_of=base.name, variant=variant, look=look
    )
    return replace(profile, digest=profile_digest(profile))


def _check_name(file: ProfileFile, profile: Profile, known: Mapping[str, Profile]) -> None:
    if file.origin != f"{profile.name}{SUFFIX}":
        sentence = f"the file of {profile.name} must be named {profile.name}{SUFFIX}"
        raise ProfileError((f"{file.origin}: name: {sentence}",))
    if profile.name in known:
        sentence = f"{profile.name} is a shipped profile; a name stands for one recipe"
        raise ProfileError((f"{file.origin}: name: {sentence}",))


def _doubled_variants(profiles: tuple[Profile, ...]) -> list[str]:
    first: dict[tuple[str, str], str] = {}
    problems = []
    for profile in profiles:
        if not profile.variant_of:
            continue
        other = first.setdefault((profile.variant_of, profile.variant), profile.name)
        if other != profile.name:
            sentence = f"{other} is the variant {quote(text=profile.variant)} of {profile.variant_of} already"
            problems.append(f"{profile.name}{SUFFIX}: variant: {sentence}")
    return problems
