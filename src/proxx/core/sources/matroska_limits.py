"""How much a Matroska file may keep beside its media: FFmpeg reads it all, and compares each tag with every other."""

from collections.abc import Iterable

from proxx.core.sources.bounded_reader import SourceFormatError

CHAPTERS, TAGS, ATTACHMENTS = 0x1043A770, 0x1254C367, 0x1941A469

MOST_TAG_BYTES = 64 * 1024
MOST_CHAPTER_BYTES = 1024 * 1024
MOST_ATTACHED_BYTES = 64 * 1024 * 1024

LIMITS = {
    CHAPTERS: ("chapters", MOST_CHAPTER_BYTES),
    TAGS: ("tags", MOST_TAG_BYTES),
    ATTACHMENTS: ("attached files", MOST_ATTACHED_BYTES),
}


def check_beside(*, elements: Iterable[tuple[int, int]]) -> None:
    """Check (identity, bytes of content) of the elements that FFmpeg reads before the media.

    Raises:
        SourceFormatError: one is larger than its limit.
    """
    for identity, size in elements:
        what, limit = LIMITS.get(identity, ("", size))
        if size > limit:
            raise SourceFormatError(f"keeps {size} bytes of {what}; the limit is {limit} bytes")
