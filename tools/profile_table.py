"""Prints the tables of docs/PROFILES.md from shipped profiles and code; with --check, compares them; --write writes."""

import sys
from collections.abc import Callable
from pathlib import Path

from proxx.core.detection import Engine
from proxx.core.planner.dnxhd_table import LEGAL, CompressionId
from proxx.core.profile import AudioRecipe, Profile, Tracks, VariableRate
from proxx.runtime.profile_files import builtin_library

DOCUMENT = Path(__file__).parents[1] / "docs" / "PROFILES.md"
_HEAD = (
    "| profile | v | codec | containers | resolutions | rates | fields | audio | width | for |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
)
_VARIANT_HEAD = ("| profile | v | variant of | asked for by | for |", "| --- | --- | --- | --- | --- |")
_DNXHD_HEAD = (
    "| id | raster | sampling | bytes a frame | Mbit/s at the legal frame rates | `-b:v` |",
    "| --- | --- | --- | --- | --- | --- |",
)
_FITS = {"scale": "", "pad": " letterboxed", "inside": " at most"}
_SAMPLING = {"yuv422p": "4:2:2, 8 bit", "yuv422p10le": "4:2:2, 10 bit", "yuv444p10le": "4:4:4, 10 bit"}


def profile_table() -> str:
    """Return the profiles: FFmpeg, then Resolve, then the variants with a look."""
    profiles = builtin_library().profiles
    parts = []
    for engine, title in ((Engine.FFMPEG, "FFmpeg profiles"), (Engine.RESOLVE, "Resolve profiles")):
        rows = [_row(profile) for profile in profiles if profile.engine is engine and not profile.variant_of]
        parts.append("\n".join((f"**{title}**", "", *_HEAD, *rows)))
    variants = [_variant_row(profile) for profile in profiles if profile.variant_of]
    if variants:
        parts.append("\n".join(("**Variants with a look**", "", *_VARIANT_HEAD, *variants)))
    return "\n\n".join(parts)


def dnxhd_table() -> str:
    """Return every compression id of DNxHD."""
    return "\n".join((*_DNXHD_HEAD, *(_dnxhd_row(entry) for entry in LEGAL)))


TABLES: dict[str, Callable[[], str]] = {"profiles": profile_table, "dnxhd": dnxhd_table}
"""What stands between `<!-- NAME: begin -->` and `<!-- NAME: end -->` of the document."""


def _row(profile: Profile) -> str:
    cells = (
        f"`{profile.name}`",
        str(profile.version),
        " / ".join((profile.codec, *profile.codec_aliases)),
        ", ".join(profile.containers),
        ", ".join(profile.resolutions) + _FITS[profile.fit],
        _rates(profile),
        profile.interlaced.value if profile.engine is Engine.FFMPEG else "host",
        ", ".join(_audio(recipe) for recipe in profile.audio) or profile.render.get("AudioCodec", ""),
        str(profile.threads) if profile.engine is Engine.FFMPEG else "host",
        profile.description,
    )
    return f"| {' | '.join(cells)} |"


def _rates(profile: Profile) -> str:
    exact = ", ".join(f"{float(rate):.5g}" for rate in profile.frame_rates)
    if exact:
        return exact
    return "any constant" if profile.variable_rate is VariableRate.REFUSE else "any"


def _audio(recipe: AudioRecipe) -> str:
    mono = ", mono tracks" if recipe.tracks is Tracks.MONO else ""
    return f"{recipe.codec} ({' '.join(recipe.containers)}{mono})"


def _variant_row(profile: Profile) -> str:
    cells = (
        f"`{profile.name}`",
        str(profile.version),
        f"`{profile.variant_of}`",
        f"`{profile.variant}`",
        profile.description,
    )
    return f"| {' | '.join(cells)} |"


def _dnxhd_row(entry: CompressionId) -> str:
    rates = ", ".join(f"{entry.megabits(rate=rate):.0f} at {float(rate):.5g}" for rate in entry.rates)
    selectors = ", ".join(f"{number}M" for number in entry.selectors)
    cells = (
        str(entry.number),
        entry.scan,
        _SAMPLING[entry.pixel_format],
        str(entry.frame_bytes),
        rates,
        f"not written: {entry.unwritable}" if entry.unwritable else selectors,
    )
    return f"| {' | '.join(cells)} |"


def documented(text: str, *, name: str) -> tuple[str, str, str] | None:
    """Return what stands before, between and after the markers of one table, None when they are missing."""
    head, begin, rest = text.partition(f"<!-- {name}: begin -->\n")
    body, end, tail = rest.partition(f"<!-- {name}: end -->")
    return (head + begin, body.strip(), end + tail) if begin and end else None


def main(arguments: list[str]) -> int:
    """Print, --check or --write the tables: 0 when document and tables agree, 1 when not, 64 for misuse."""
    if arguments not in ([], ["--check"], ["--write"]):
        print("usage: profile_table.py [--check | --write]", file=sys.stderr)
        return 64
    if not arguments:
        print("\n\n".join(make() for make in TABLES.values()))
        return 0
    text, wrong = DOCUMENT.read_text(encoding="utf-8"), []
    for name, make in TABLES.items():
        found = documented(text, name=name)
        if found is None:
            wrong.append(f"{DOCUMENT.name}: the markers of the table {name} are missing")
        elif found[1] != make():
            wrong.append(
                f"{DOCUMENT.name}: the table {name} is not that of the code; run tools/profile_table.py --write"
            )
            text = f"{found[0]}{make()}\n{found[2]}"
    if arguments == ["--write"]:
        DOCUMENT.write_text(text, encoding="utf-8")
        return 0
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
