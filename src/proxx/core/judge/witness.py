"""Checks of what the witness says: the proxy holds the very pictures and sounds that its encoders were given."""

from collections.abc import Iterator

from proxx.core.judge.wording import check, equal
from proxx.core.plan import Expected
from proxx.core.verdict import Check
from proxx.core.witness import PictureWitness, SoundWitness, TrackHash, WitnessReport
from proxx.core.witness.files import is_lossless
from proxx.core.witness.limits import LARGEST_SOUND_EXCESS, LARGEST_SOUND_LOSS, picture_limits
from proxx.core.witness.sound import SAMPLE_RATE

_HASH_SHOWN = 16


def witness_checks(*, expected: Expected, report: WitnessReport) -> Iterator[Check]:
    """Yield the checks of the witness, pictures first."""
    yield from _pictures(expected, report.pictures)
    yield from _packets(expected, report.packets)
    samples, sound = iter(report.samples), iter(report.sound)
    for number, track in enumerate(expected.audio):
        name = f"audio[{number}].sound_witness"
        if is_lossless(track):
            yield _samples(name, next(samples, TrackHash(planned="", found="")))
        else:
            yield _sound(name, next(sound, None))


def _pictures(expected: Expected, found: PictureWitness) -> Iterator[Check]:
    limits = picture_limits(expected.codec)
    name = "picture_witness"
    yield equal(name=f"{name}.source_frames", expected=expected.frame_count, actual=found.planned)
    yield equal(name=f"{name}.frames", expected=found.planned, actual=found.found)
    yield check(
        name=f"{name}.difference",
        passed=found.difference_frame is not None and found.difference <= limits.difference,
        expected=f"at most {limits.difference / 1000:.1f} levels in every frame (root mean square)",
        actual=_at(found.difference_frame, f"{found.difference / 1000:.2f} levels"),
    )
    yield check(
        name=f"{name}.cell",
        passed=found.cell <= limits.cell,
        expected=f"at most {limits.cell} levels in every part of every frame",
        actual=_at(found.cell_frame, f"{found.cell} levels"),
    )
    if found.contrast is not None:
        yield check(
            name=f"{name}.contrast",
            passed=abs(found.contrast - 1000) <= limits.contrast,
            expected=f"1.000 ± {limits.contrast / 1000:.3f} of the source's",
            actual=f"{found.contrast / 1000:.3f}",
        )
    yield check(
        name=f"{name}.order",
        passed=found.slip <= limits.slip,
        expected=f"every frame that moves by {limits.least_motion} levels nearer to its own than to the next",
        actual=_at(found.slip_frame, f"{found.slip / 10:.0f} % of the way", f"of {found.moving} that move"),
    )
    if found.weave is not None:
        untouched = found.moving > 0 and not found.apart
        woven = _at(found.weave_frame, f"{found.weave / 10:.0f} % of the way")
        yield check(
            name=f"{name}.fields",
            passed=found.weave <= limits.weave and not untouched,
            expected="every frame nearer to one whole picture than to two woven fields",
            actual="no frame differs from its two fields woven" if untouched else woven,
        )


def _packets(expected: Expected, packets: tuple[TrackHash, ...]) -> Iterator[Check]:
    tracks = 1 + len(expected.audio)
    differing = [number for number, track in enumerate(packets) if track.planned != track.found or not track.planned]
    shown = ", ".join(f"track {number}: {_hashes(packets[number])}" for number in differing)
    yield check(
        name="packets",
        passed=len(packets) == tracks and not differing,
        expected=f"{tracks} tracks hold what their encoders gave, byte for byte",
        actual=shown or f"{len(packets)} tracks do",
    )


def _samples(name: str, track: TrackHash) -> Check:
    same = track.planned == track.found and bool(track.planned)
    return check(
        name=name,
        passed=same,
        expected="every sample as the encoder was given it",
        actual="the same" if same else _hashes(track),
    )


def _sound(name: str, found: SoundWitness | None) -> Check:
    expected = (
        f"every 50 ms as the encoder was given it; {LARGEST_SOUND_LOSS} ms shorter to {LARGEST_SOUND_EXCESS} ms longer"
    )
    if found is None:
        return check(name=name, passed=False, expected=expected, actual="no track")
    longer = (found.found - found.planned) * 1000 / SAMPLE_RATE
    alike = found.differing == 0 and -LARGEST_SOUND_LOSS <= longer <= LARGEST_SOUND_EXCESS
    first = f", the first after {found.first_milliseconds} ms" if found.first_milliseconds is not None else ""
    actual = (
        f"{found.differing} of {found.windows} differ{first}; {found.difference / 10:.0f} % in the worst; "
        f"{abs(longer):.0f} ms {'longer' if longer >= 0 else 'shorter'}"
    )
    return check(name=name, passed=alike, expected=expected, actual=actual)


def _at(frame: int | None, what: str, more: str = "") -> str:
    if frame is None:
        return f"no frame {more}".strip() if more else "no frame was compared"
    return f"worst frame {frame}: {what}{f', {more}' if more else ''}"


def _hashes(track: TrackHash) -> str:
    return f"{_short(track.planned)} went in, {_short(track.found)} came out"


def _short(value: str) -> str:
    return value.rpartition("=")[2][:_HASH_SHOWN] or "nothing"
