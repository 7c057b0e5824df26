"""All checks of a proxy, in their fixed order."""

from collections.abc import Iterator
from dataclasses import replace

from proxx.core.detection import Engine
from proxx.core.judge.chatter import is_chatter
from proxx.core.judge.picture import picture_checks
from proxx.core.judge.sound import sound_checks
from proxx.core.judge.witness import witness_checks
from proxx.core.judge.wording import check, equal, lines, text
from proxx.core.plan import Expected, Plan
from proxx.core.steps import Measured
from proxx.core.stillness import Stillness
from proxx.core.verdict import Check, CheckLevel, Verdict

_ALWAYS_TIMECODE = ("mxf",)
_NO_TIMECODE = ("00:00:00:00", "00:00:00;00")
_PICTURE_STREAMS = ("video:", "picture:")


def judge(*, plan: Plan, measured: Measured) -> Verdict:
    """Return the verdict on one proxy. It passes only when nothing fails; there is no partial credit."""
    rendered = plan.engine is Engine.RESOLVE
    return Verdict(checks=tuple(_checks(plan.expected, measured, rendered)))


def _checks(expected: Expected, measured: Measured, rendered: bool) -> Iterator[Check]:
    yield from _whole_file(expected, measured, rendered)
    if measured.facts.video is not None:
        yield _video_tracks(measured)
        yield from picture_checks(expected=expected, video=measured.facts.video)
        if rendered and expected.frame_count > 1:
            yield _pictures_differ(measured.stillness)
        yield from _labels(expected, measured, rendered)
    yield from sound_checks(expected=expected, measured=measured, rendered=rendered)
    if expected.witness is not None and measured.witness is not None:
        yield from witness_checks(expected=expected, report=measured.witness)
    elif expected.witness is not None:
        yield check(name="witness", passed=False, expected="pictures and sound compared", actual="nothing compared")


def _whole_file(expected: Expected, measured: Measured, rendered: bool) -> Iterator[Check]:
    facts, video = measured.facts, measured.facts.video
    yield lines(name="decodes_to_end", found=measured.decode_errors, wanted="the whole proxy decodes without an error")
    yield lines(
        name="structure", found=measured.structure_errors, wanted="nothing but packets and what belongs to them"
    )
    if not rendered:
        damage = tuple(line for line in measured.source_errors if not is_chatter(line))
        yield lines(name="source_decode_errors", found=damage, wanted="the whole source decodes without an error")
    yield _unchanged("source_unchanged", measured.source_unchanged, "changed while it was read")
    yield _unchanged("output_unchanged", measured.output_unchanged, "changed while it was judged")
    yield equal(name="container", expected=expected.container, actual=facts.container)
    if expected.brand is not None:
        yield equal(name="brand", expected=expected.brand, actual=facts.brand)
    yield equal(name="codec", expected=expected.codec, actual=video.codec if video is not None else None)
    yield equal(name="frame_count", expected=expected.frame_count, actual=measured.decoded_frames)


def _labels(expected: Expected, measured: Measured, rendered: bool) -> Iterator[Check]:
    timecode = measured.facts.timecode
    label = timecode.label if timecode is not None else None
    if expected.timecode is None and (rendered or expected.container in _ALWAYS_TIMECODE):
        absent = label in (None, *_NO_TIMECODE)
        yield check(name="timecode", passed=absent, expected=_NO_TIMECODE[0], actual=text(value=label))
    else:
        yield equal(name="timecode", expected=expected.timecode, actual=label)
    if expected.drop_frame is not None:
        found = timecode.drop_frame if timecode is not None else None
        yield equal(name="drop_frame", expected=expected.drop_frame, actual=found)
    if not rendered:
        yield equal(name="reel_name", expected=expected.reel_name, actual=measured.facts.reel_name)
    elif expected.reel_name is not None:
        yield _rendered_reel(expected.reel_name, measured.facts.reel_name)


def _rendered_reel(wanted: str, found: str | None) -> Check:
    """A reel that Resolve did not write is a loss to know of; another one would attach the proxy to another clip."""
    said = equal(name="reel_name", expected=wanted, actual=found)
    return said if found is not None else replace(said, level=CheckLevel.WARN)


def _video_tracks(measured: Measured) -> Check:
    further = sum(stream.startswith(_PICTURE_STREAMS) for stream in measured.facts.other_streams)
    return equal(name="video_track_count", expected=1, actual=1 + further)


def _pictures_differ(found: Stillness | None) -> Check:
    """Resolve fills a render with one slate where it lost the media; a camera's noise is never twice the same.

    Black is the exception: a lens cap may come out without noise.
    """
    wanted = "pictures that differ"
    if found is None:
        return check(name="pictures_differ", passed=False, expected=wanted, actual="nothing looked at")
    actual = "they differ" if found.moves else "all the same, and black" if found.black else "all the same"
    said = check(name="pictures_differ", passed=found.moves, expected=wanted, actual=actual)
    return replace(said, level=CheckLevel.WARN) if found.black and not found.moves else said


def _unchanged(name: str, same: bool, otherwise: str) -> Check:
    return check(name=name, passed=same, expected="unchanged", actual="unchanged" if same else otherwise)
