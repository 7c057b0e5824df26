"""Reads what FFmpeg's detectors print, line by line, into findings. Pure; lines that say nothing are passed over."""

import re
from fractions import Fraction

from proxx.core.picture_findings import EQUAL_DECIBELS, Likeness, PictureFindings, Stretch

TRACK_KEY = "proxx_track"
"""The tag that the command puts on every block of sound, so that a line can be told from another track's."""

_FRAME = re.compile(r"frame:([0-9]{1,12})\s.*", re.ASCII)
_TRACK = re.compile(rf"{TRACK_KEY}=([0-9]{{1,3}})", re.ASCII)
_VALUE = re.compile(r"lavfi\.([A-Za-z_.]{1,40}?)(?:\.([0-9]{1,3}))?=(-?[0-9]{1,12}(?:\.[0-9]{1,12})?|inf)", re.ASCII)


class PictureLog:
    """Collects. `feed` takes each line of the tool's standard output; `findings` is asked at the end.

    The lines are those of FFmpeg's `metadata=mode=print` behind blackdetect, freezedetect, silencedetect (every channel
    apart), ssim and psnr.
    """

    def __init__(self, *, tracks: int) -> None:
        """Take the number of audio tracks."""
        self._frame = 0
        self._track = 0
        self._black = _Spans()
        self._frozen = _Spans()
        self._silent: tuple[dict[str, _Spans], ...] = tuple({} for _ in range(tracks))
        self._ssim = _Mean()
        self._psnr = _Mean()

    def feed(self, line: str) -> None:
        """Take one line."""
        if (frame := _FRAME.fullmatch(line)) is not None:
            self._frame = int(frame[1])
        elif (track := _TRACK.fullmatch(line)) is not None:
            self._track = int(track[1])
        elif (value := _VALUE.fullmatch(line)) is not None:
            number = EQUAL_DECIBELS if value[3] == "inf" else Fraction(value[3])
            self._take(value[1], value[2] or "", number)

    def findings(self, *, seconds: Fraction) -> PictureFindings:
        """Return everything found in a proxy of this length."""
        silent = (
            tuple(sorted((stretch for spans in channels.values() for stretch in spans.all()), key=_by_start))
            for channels in self._silent
        )
        return PictureFindings(
            seconds=seconds,
            black=self._black.all(),
            frozen=self._frozen.all(),
            silent=tuple(silent),
            ssim=self._ssim.likeness(),
            psnr=self._psnr.likeness(),
        )

    def _take(self, name: str, channel: str, number: Fraction) -> None:
        if name == "ssim.All":
            self._ssim.add(number, self._frame)
        elif name == "psnr.psnr_avg":
            self._psnr.add(min(number, EQUAL_DECIBELS), self._frame)
        elif name.startswith("black_"):
            self._black.mark(name.removeprefix("black_"), number)
        elif name.startswith("freezedetect.freeze_"):
            self._frozen.mark(name.removeprefix("freezedetect.freeze_"), number)
        elif name.startswith("silence_") and self._track < len(self._silent):
            spans = self._silent[self._track].setdefault(channel, _Spans())
            spans.mark(name.removeprefix("silence_"), max(Fraction(0), number))


class _Spans:
    """Stretches of one kind: a start, then an end, or none at the end of the file."""

    def __init__(self) -> None:
        self._closed: list[Stretch] = []
        self._start: Fraction | None = None

    def mark(self, edge: str, seconds: Fraction) -> None:
        if edge == "start":
            self._start = seconds
        elif edge == "end" and self._start is not None:
            self._closed.append(Stretch(start=self._start, end=seconds))
            self._start = None

    def all(self) -> tuple[Stretch, ...]:
        still = () if self._start is None else (Stretch(start=self._start, end=None),)
        return (*self._closed, *still)


class _Mean:
    """The mean and the worst of a value that every frame has."""

    def __init__(self) -> None:
        self._sum = Fraction(0)
        self._count = 0
        self._worst: Fraction | None = None
        self._worst_frame = 0

    def add(self, value: Fraction, frame: int) -> None:
        self._sum += value
        self._count += 1
        if self._worst is None or value < self._worst:
            self._worst, self._worst_frame = value, frame

    def likeness(self) -> Likeness:
        mean = self._sum / self._count if self._count else None
        return Likeness(mean=mean, worst=self._worst, worst_frame=self._worst_frame)


def _by_start(stretch: Stretch) -> Fraction:
    return stretch.start
