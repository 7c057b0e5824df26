"""Operations of the child on media and timelines of the open project."""

from typing import cast

from proxx_resolve_executor.bridge.api import ImportClip, MediaPool, MediaPoolItem, TimelineItem
from proxx_resolve_executor.bridge.session import Session, present
from proxx_resolve_executor.bridge.values import entries, plain, text_fields, text_or_none

VIDEO_TRACK = 1


def import_file(session: Session, *, path: str) -> object:
    """Import one file into the root folder; answer with how many clips came of it. One is kept for what follows."""
    session.forget_media()
    pool = _pool_at_root(session)
    found = session.recorder.call("MediaPool.ImportMedia", pool.ImportMedia, [path])
    return _keep(session, found)


def import_sequence(session: Session, *, pattern: str, first: int, last: int) -> object:
    """Import numbered frames as one clip; answer with how many clips came of it."""
    session.forget_media()
    pool = _pool_at_root(session)
    wanted: ImportClip = {"FilePath": pattern, "StartIndex": first, "EndIndex": last}
    found = session.recorder.call("MediaPool.ImportMedia", pool.ImportMedia, [wanted])
    return _keep(session, found)


def clip_properties(session: Session) -> object:
    """Answer with all properties of the clip, as text."""
    clip = present(session.clip, "no clip is imported")
    return text_fields(session.recorder.call("MediaPoolItem.GetClipProperty", clip.GetClipProperty))


def audio_mapping(session: Session) -> object:
    """Answer with the mapping of the clip's audio, word for word."""
    clip = present(session.clip, "no clip is imported")
    return text_or_none(session.recorder.call("MediaPoolItem.GetAudioMapping", clip.GetAudioMapping)) or ""


def make_timeline(session: Session, *, name: str) -> object:
    """Make a timeline of the clip; answer with what lies on its first video track, None without one."""
    clip = present(session.clip, "no clip is imported")
    pool = _pool_at_root(session)
    timeline = session.recorder.call("MediaPool.CreateTimelineFromClips", pool.CreateTimelineFromClips, name, [clip])
    if timeline is None:
        return None
    session.timeline = timeline
    items = session.recorder.call("Timeline.GetItemListInTrack", timeline.GetItemListInTrack, "video", VIDEO_TRACK)
    return [_placement(session, cast(TimelineItem, item)) for item in entries(items)]


def _placement(session: Session, item: TimelineItem) -> object:
    duration = session.recorder.call("TimelineItem.GetDuration", item.GetDuration)
    offset = session.recorder.call("TimelineItem.GetLeftOffset", item.GetLeftOffset)
    return {"duration": plain(duration), "left_offset": plain(offset)}


def _pool_at_root(session: Session) -> MediaPool:
    """The media pool, its root folder current: imports go to the current folder, timelines are made from it."""
    pool = session.pool()
    root = present(session.recorder.call("MediaPool.GetRootFolder", pool.GetRootFolder), "the pool has no root folder")
    session.recorder.call("MediaPool.SetCurrentFolder", pool.SetCurrentFolder, root)
    return pool


def _keep(session: Session, found: object) -> int:
    clips = entries(found)
    if len(clips) == 1:
        session.clip = cast(MediaPoolItem, clips[0])
    return len(clips)
