"""What the collision policy of a job makes of output paths that are taken: a violation, another name, or a move.

Pure: the dry run and the admission of a real job call the same function.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from proxx.core.facts import SourceIdentity
from proxx.core.jobs import CollisionPolicy
from proxx.core.naming import MAX_NAME_BYTES
from proxx.core.path_key import path_key
from proxx.core.quoting import quote
from proxx.core.suffixes import (
    MAX_SUFFIX,
    SUFFIX_TOKEN,
    WantedOutput,
    choose_suffixes,
    fits_suffix,
    suffixed_name,
    suffixed_output,
)
from proxx.core.violation import Violation, ViolationCode
from proxx_scheduler.app.records import StoredClip


@dataclass(frozen=True, slots=True, kw_only=True)
class Collisions:
    """The clips with the outputs that they get, and every reason why one gets none."""

    clips: tuple[StoredClip, ...]
    violations: tuple[Violation, ...] = ()


def resolve_collisions(*, policy: CollisionPolicy, clips: Sequence[StoredClip], taken: Set[str]) -> Collisions:
    """Apply the policy to clips whose sources were probed. `taken` are the keys of outputs that other jobs hold.

    Under FAIL and OVERWRITE a path that another job holds is left to the reservation, which names its holder.
    """
    if policy is CollisionPolicy.SUFFIX:
        return _suffixed(clips, taken)
    if policy is CollisionPolicy.OVERWRITE:
        return _replacing(clips)
    found = tuple(_exists(clip) for clip in clips if clip.probed is not None and clip.probed.output_exists)
    return Collisions(clips=tuple(clips), violations=found)


def _exists(clip: StoredClip) -> Violation:
    return Violation(
        code=ViolationCode.OUTPUT_EXISTS,
        field=_field(clip),
        message=f"Output {clip.output_path} exists already; nothing is ever overwritten",
        expected="absent",
        actual="present",
    )


def _suffixed(clips: Sequence[StoredClip], taken: Set[str]) -> Collisions:
    wanted = [
        WantedOutput(
            output=clip.output,
            exists=clip.probed is not None and clip.probed.output_exists,
            suffixes_taken=() if clip.probed is None else clip.probed.suffixes_taken,
        )
        for clip in clips
    ]
    chosen: list[StoredClip] = []
    violations: list[Violation] = []
    for clip, number in zip(clips, choose_suffixes(wanted=wanted, taken=taken), strict=True):
        if number and fits_suffix(name=clip.output.name):
            chosen.append(_under(clip, number))
            continue
        chosen.append(clip)
        if number is None:
            violations.append(_exhausted(clip))
        elif number:
            violations.append(_too_long(clip, number))
    return Collisions(clips=tuple(chosen), violations=tuple(violations))


def _under(clip: StoredClip, number: int) -> StoredClip:
    directory = clip.output_path.removesuffix(clip.output.name)
    return replace(
        clip,
        output=suffixed_output(output=clip.output, number=number),
        output_path=directory + suffixed_name(name=clip.output.name, number=number),
        tokens={**clip.tokens, SUFFIX_TOKEN: f"{number:03d}"},
        suffix=number,
    )


def _exhausted(clip: StoredClip) -> Violation:
    last = suffixed_name(name=clip.output.name, number=MAX_SUFFIX)
    return Violation(
        code=ViolationCode.SUFFIX_EXHAUSTED,
        field=_field(clip),
        message=f"Output {clip.output_path} is taken, and so is every numbered name up to {quote(text=last)}",
        expected=f"a free number from 1 to {MAX_SUFFIX}",
        actual="none is free",
    )


def _too_long(clip: StoredClip, number: int) -> Violation:
    name = suffixed_name(name=clip.output.name, number=number)
    length = len(name.encode("utf-8", "surrogatepass"))
    message = (
        f"Output {clip.output_path} is taken, and {quote(text=name)} has {length} bytes in UTF-8: a file name has at"
        f" most {MAX_NAME_BYTES}"
    )
    return Violation(
        code=ViolationCode.NAMING_ILLEGAL,
        field=_field(clip),
        message=message,
        expected=f"at most {MAX_NAME_BYTES} bytes",
        actual=f"{length} bytes",
    )


def _replacing(clips: Sequence[StoredClip]) -> Collisions:
    sources = {path_key(clip.source): clip for clip in clips}
    bytes_of = {_file(clip.probed.identity): clip for clip in clips if clip.probed and clip.probed.identity}
    chosen: list[StoredClip] = []
    violations: list[Violation] = []
    for clip in clips:
        existing = None if clip.probed is None else clip.probed.existing
        if clip.probed is None or not clip.probed.output_exists:
            chosen.append(clip)
            continue
        read = sources.get(path_key(clip.output))
        if read is None and existing is not None:
            read = bytes_of.get(_file(existing))
        chosen.append(replace(clip, replaces=existing))
        if read is not None:
            violations.append(_is_source(clip, read))
        elif existing is None and not clip.probed.violations:
            message = (
                f"Output {clip.output_path} exists, and the executor does not say what it is; it is not moved aside"
            )
            violations.append(Violation(code=ViolationCode.OUTPUT_EXISTS, field=_field(clip), message=message))
    return Collisions(clips=tuple(chosen), violations=tuple(violations))


def _is_source(clip: StoredClip, read: StoredClip) -> Violation:
    return Violation(
        code=ViolationCode.OUTPUT_IS_SOURCE,
        field=_field(clip),
        message=f"Output {clip.output_path} is the source of clip {read.clip_index}; a source is never moved aside",
        expected="an output that is no source of this job",
        actual=read.source_path,
    )


def _file(identity: SourceIdentity) -> tuple[int, int, int, str]:
    """Return what two names of one file have in common."""
    return (identity.size_bytes, identity.mtime_ns, identity.inode, identity.edge_sha256)


def _field(clip: StoredClip) -> str:
    return f"sources[{clip.clip_index}]"
