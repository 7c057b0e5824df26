"""Which of several video tracks is the clip: one rule for the bytes and for ffprobe's list."""

from proxx.core.sources.reading import Reading, VideoTrack


def clip_track(*, reading: Reading) -> VideoTrack | None:
    """Return the first track that is not a cover picture, one with samples before one without; None without any."""
    clips = [track for track in reading.video if not track.cover]
    return next((track for track in clips if track.has_samples), clips[0] if clips else None)
