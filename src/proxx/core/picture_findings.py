"""What looking at a proxy's pictures and listening to its sound found, and what that means for the verdict. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from proxx.core.picture_checks import PictureChecks
from proxx.core.verdict import Check, CheckLevel

_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of a track, in seconds from its beginning. `end` is None when it lasts to the end."""

    start: Fraction
    end: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How like the source every picture is. `mean` is over all frames; None: no frame was compared.

    An infinite PSNR (equal pictures) counts as `EQUAL_DECIBELS`.
    """

    mean: Fraction | None
    worst: Fraction | None
    worst_frame: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFindings:
    """Everything found. `silent` is by track, each stretch of any channel; `seconds` is the proxy's length."""

    seconds: Fraction
    black: tuple[Stretch, ...]
    frozen: tuple[Stretch, ...]
    silent: tuple[tuple[Stretch, ...], ...]
    ssim: Likeness
    psnr: Likeness


EQUAL_DECIBELS = Fraction(100)
"""What equal pictures count in a mean of PSNR values: above every lossy one."""


def judge_pictures(*, checks: PictureChecks, found: PictureFindings) -> tuple[Check, ...]:
    """Return one check for everything that the profile asks for, in a fixed order."""
    return tuple(_checks(checks, found))


def _checks(checks: PictureChecks, found: PictureFindings) -> Iterator[Check]:
    stretches: Mapping[str, tuple[int | None, tuple[Stretch, ...]]] = {
        "black": (checks.black_milliseconds, found.black),
        "freeze": (checks.freeze_milliseconds, found.frozen),
    }
    for name, (least, seen) in stretches.items():
        if least is not None:
            yield _stretches(name, least, seen, found.seconds, checks.level)
    if checks.silence_milliseconds is not None:
        for number, seen in enumerate(found.silent):
            name = f"audio[{number}].silence"
            yield _stretches(name, checks.silence_milliseconds, seen, found.seconds, checks.level)
    for name, wanted, likeness, unit in (
        ("ssim", checks.least_ssim, found.ssim, ""),
        ("psnr", checks.least_psnr_db, found.psnr, " dB"),
    ):
        if wanted is not None:
            yield _likeness(name, wanted, likeness, unit, checks.level)


def _stretches(name: str, least: int, seen: tuple[Stretch, ...], length: Fraction, level: CheckLevel) -> Check:
    shortest = Fraction(least, 1000)
    long = [stretch for stretch in seen if (stretch.end or length) - stretch.start >= shortest]
    asked = f"no stretch of {float(shortest):.3f} s or more"
    if not long:
        return Check(name=name, level=CheckLevel.PASS, expected=asked, actual="none")
    shown = "; ".join(_span(stretch, length) for stretch in long[:_SHOWN])
    more = f"; {len(long) - _SHOWN} more" if len(long) > _SHOWN else ""
    return Check(name=name, level=level, expected=asked, actual=shown + more)


def _span(stretch: Stretch, length: Fraction) -> str:
    end = f"{float(stretch.end):.3f} s" if stretch.end is not None else f"the end ({float(length):.3f} s)"
    return f"{float(stretch.start):.3f} s to {end}"


def _likeness(name: str, wanted: Fraction, found: Likeness, unit: str, level: CheckLevel) -> Check:
    asked = f"mean at least {float(wanted):g}{unit}"
    if found.mean is None or found.worst is None:
        return Check(name=name, level=CheckLevel.FAIL, expected=asked, actual="no picture could be compared")
    actual = f"mean {float(found.mean):.4f}{unit}, worst {float(found.worst):.4f}{unit} at frame {found.worst_frame}"
    return Check(name=name, level=CheckLevel.PASS if found.mean >= wanted else level, expected=asked, actual=actual)
