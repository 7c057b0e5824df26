"""Prints the tables of docs/PROFILES.md from shipped profiles and code; with --check, compares them; --write writes."""

import sys
from collections.abc import Callable
from pathlib import Path

from proxx.core.detection import Engine
from proxx.core.planner.dnxhd_table import LEGAL, CompressionId
from proxx.core.planner.timeline import DROP_FRAME_RATES, TIMELINE_RATES
from proxx.core.profile import AudioRecipe, Profile, Tracks, VariableRate
from proxx.core.project_settings import PROJECT_SETTINGS
from proxx.core.rate import format_rate
from proxx.core.render_codecs import RENDER_CODECS, SOUND_CODECS, RenderCodec
from proxx.core.render_settings import RENDER_SETTINGS
from proxx.core.setting_rule import SettingRule
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
_SETTINGS_HEAD = ("| key | value | who decides | why |", "| --- | --- | --- | --- |")
_PAIRS_HEAD = (
    "| format id | codec id | makes | probing says | pixels |",
    "| --- | --- | --- | --- | --- |",
)
_RATES_HEAD = ("| frames a second | `timelineFrameRate` | with drop-frame |", "| --- | --- | --- |")
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


def render_settings_table() -> str:
    """Return every key of SetRenderSettings."""
    return "\n".join((*_SETTINGS_HEAD, *map(_setting_row, RENDER_SETTINGS.values())))


def project_settings_table() -> str:
    """Return every project setting that is known."""
    return "\n".join((*_SETTINGS_HEAD, *map(_setting_row, PROJECT_SETTINGS.values())))


def render_codecs_table() -> str:
    """Return the pairs of format and codec that a Resolve profile may name."""
    return "\n".join((*_PAIRS_HEAD, *map(_pair_row, RENDER_CODECS.values())))


def timeline_rates_table() -> str:
    """Return Resolve's words for the rates of a timeline."""
    rows = (
        f"| {format_rate(rate=rate)} | `{word}` | {_code(DROP_FRAME_RATES.get(rate))} |"
        for rate, word in TIMELINE_RATES.items()
    )
    return "\n".join((*_RATES_HEAD, *rows))


def _code(word: str | None) -> str:
    return f"`{word}`" if word is not None else "refused"


TABLES: dict[str, Callable[[], str]] = {
    "profiles": profile_table,
    "dnxhd": dnxhd_table,
    "render_codecs": render_codecs_table,
    "timeline_rates": timeline_rates_table,
    "render_settings": render_settings_table,
    "project_settings": project_settings_table,
}
"""What stands between `<!-- NAME: begin -->` and `<!-- NAME: end -->` of the document."""


def _row(profile: Profile) -> str:
    cells = (
        f"`{profile.name}`",
        str(profile.version),
        " / ".join((profile.codec, *profile.codec_aliases)),
        ", ".join(profile.containers),
        ", ".join(profile.resolutions) + _FITS[profile.fit],
        _rates(profile),
        profile.interlaced.value if profile.engine is Engine.FFMPEG else "refused",
        ", ".join(_audio(recipe) for recipe in profile.audio) or _rendered_audio(profile),
        str(profile.threads) if profile.engine is Engine.FFMPEG else "Resolve's",
        profile.description,
    )
    return f"| {' | '.join(cells)} |"


def _rates(profile: Profile) -> str:
    exact = ", ".join(f"{float(rate):.5g}" for rate in profile.frame_rates)
    if exact:
        return exact
    if profile.engine is Engine.RESOLVE:
        return "those of a timeline"
    return "any constant" if profile.variable_rate is VariableRate.REFUSE else "any"


def _audio(recipe: AudioRecipe) -> str:
    mono = ", mono tracks" if recipe.tracks is Tracks.MONO else ""
    return f"{recipe.codec} ({' '.join(recipe.containers)}{mono})"


def _rendered_audio(profile: Profile) -> str:
    sound = (profile.render["AudioCodec"], profile.render["AudioBitDepth"])
    return f"{SOUND_CODECS[sound]} ({profile.render['format']})"


def _setting_row(rule: SettingRule) -> str:
    kind = ", ".join(f"`{word}`" for word in rule.words) or rule.type.value
    return f"| `{rule.key}` | {kind} | {rule.writer.value} | {rule.why} |"


def _pair_row(pair: RenderCodec) -> str:
    measured = " ".join(word for word in (pair.measured, pair.profile) if word)
    cells = (f"`{pair.format_id}`", f"`{pair.codec_id}`", " / ".join(pair.words), measured, pair.pixel_format or "any")
    return f"| {' | '.join(cells)} |"


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
