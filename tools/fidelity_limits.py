"""The limits of the witness beside the worst of the good set: a section of docs/FIDELITY.md."""

from proxx.core.witness import PictureWitness, WitnessReport
from proxx.core.witness.limits import INTRA, LONG_GOP, PictureLimits, picture_limits
from proxx.core.witness.sound import LARGEST_SHARE

_HEAD = "| what | codecs | worst of the good set | limit |\n| --- | --- | --- | --- |"
_TEXT = """A limit is about twice what good proxies reach, generated and real. Once, 607 proxies of the 96 smaller real
clips were made in 7 ways down to a quarter of the raster: the worst difference was 4.1 levels, the worst part 28,
contrast 0.970 to 1.008, the worst frame 51 % of the way to its neighbour, the worst window of sound 13 %. None failed
but those of a source that is damaged, and those in MXF whose last sample FFmpeg dropped, which is mended."""


def limits_section(reports: list[tuple[str, WitnessReport]]) -> str:
    """Return the section; `reports` are those of the good set, each with the codec word of its proxy."""
    rows: list[tuple[str, str, str, str]] = []
    for kind, limits in (("intra", INTRA), ("long GOP", LONG_GOP)):
        own = [report.pictures for codec, report in reports if picture_limits(codec) is limits]
        rows += [(what, kind, worst, limit) for what, worst, limit in _rows(own, limits)]
    shares = [track.difference for _, report in reports for track in report.sound]
    worst = f"{max(shares, default=0) / 10:.1f} %"
    rows.append(("energy of a window of sound", "AAC, Opus", worst, f"{LARGEST_SHARE:.0%}"))
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"## Limits of the witness\n\n{_TEXT}\n\n{_HEAD}\n{table}"


def _rows(found: list[PictureWitness], limits: PictureLimits) -> list[tuple[str, str, str]]:
    contrasts = [pictures.contrast for pictures in found if pictures.contrast is not None]
    weaves = [pictures.weave for pictures in found if pictures.weave is not None]
    return [
        (
            "difference of a frame, root mean square",
            f"{max((pictures.difference for pictures in found), default=0) / 1000:.2f} levels",
            f"{limits.difference / 1000:.1f} levels",
        ),
        (
            "difference of one part of a frame",
            f"{max((pictures.cell for pictures in found), default=0)} levels",
            f"{limits.cell} levels",
        ),
        (
            "contrast",
            f"{min(contrasts, default=1000) / 1000:.3f} to {max(contrasts, default=1000) / 1000:.3f}",
            f"1 ± {limits.contrast / 1000:.2f}",
        ),
        (
            f"way to the neighbour, frames that move by {limits.least_motion:.0f} levels and more",
            f"{max((pictures.slip for pictures in found), default=0) / 10:.0f} %",
            f"{limits.slip / 10:.0f} %",
        ),
        ("way to the woven frame", f"{max(weaves, default=0) / 10:.0f} %", f"{limits.weave / 10:.0f} %"),
    ]
