"""The idempotency key of a drop: the same content at the same place is the same submission, for ever."""

from proxx.core.canonical import digest

SPEC_KIND = "jobspec"
MEDIA_KIND = "media"
_DIGITS = 40


def submission_key(*, kind: str, folder: str, path: str, content_digest: str, generation: int) -> str:
    """Return the request_id of a submission.

    `path` is relative to the inbox of the folder, with surrogate escapes for bytes that are not UTF-8; no time is in
    the key, because file systems round and shift times. `generation` is 0 and grows by one with each explicit retry.
    """
    return f"watch-{digest([kind, folder, path, content_digest, generation])[:_DIGITS]}"
