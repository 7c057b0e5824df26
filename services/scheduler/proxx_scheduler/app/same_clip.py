"""Two sources of one job that name the same clip of several files: its folder and its first file.

Pure: the dry run and the admission of a real job call the same function. One path given twice is left to the names of
the outputs, as for any file.
"""

from collections.abc import Sequence

from proxx.core.roots import RootPath
from proxx.core.violation import Violation, ViolationCode
from proxx_scheduler.app.records import StoredClip


def same_clips(*, clips: Sequence[StoredClip]) -> tuple[Violation, ...]:
    """Return a violation for each source that names, by another path, the clip of one before it."""
    first: dict[RootPath, StoredClip] = {}
    found = []
    for clip in clips:
        identity = None if clip.probed is None else clip.probed.identity
        if identity is None:
            continue
        # A first part that is alone in its clip has no parts, and is known by its own path.
        path = identity.parts[0].path if identity.parts else clip.source.path
        other = first.setdefault(RootPath(root=clip.source.root, path=path), clip)
        if other.source == clip.source:
            continue
        message = (
            f"{clip.source_path} names the same clip as sources[{other.clip_index}] {other.source_path}; a job has each"
            " clip once"
        )
        found.append(
            Violation(
                code=ViolationCode.SOURCE_UNIT,
                field=f"sources[{clip.clip_index}]",
                message=message,
                expected="a clip that no source before it names",
                actual=other.source_path,
            )
        )
    return tuple(found)
