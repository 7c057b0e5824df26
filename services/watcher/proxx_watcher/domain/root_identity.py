"""Whether the directory that stands at a folder's path is the one that was watched: mounts vanish and come back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RootIdentity:
    """Device and inode of a directory, as stat gives them."""

    device: int
    inode: int


def why_not_this_root(
    *, recorded: RootIdentity | None, seen: RootIdentity | None, marker_seen: bool, was_gone: bool
) -> str | None:
    """Return why the directory must not be worked on, None when it may.

    `marker_seen` says that the watcher's own lock file stands in it, `was_gone` that the directory was missing when it
    was last looked for. A directory without the marker that was never recorded is new and may be taken.
    """
    if seen is None:
        return "the folder is not there"
    if recorded is None or marker_seen:
        return None
    if seen != recorded:
        return (
            "another, empty directory stands at the folder's path "
            f"(device {seen.device} inode {seen.inode}, known is device {recorded.device} inode {recorded.inode}): "
            "is its disk mounted?"
        )
    return "the folder came back empty" if was_gone else None
