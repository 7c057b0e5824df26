"""Prints the profile table of docs/PROFILES.md from the shipped profiles; with --check, compares the two."""

import sys
from pathlib import Path

from proxx.core.detection import Engine
from proxx.core.profile import Profile
from proxx.runtime.profile_files import builtin_library

DOCUMENT = Path(__file__).parents[1] / "docs" / "PROFILES.md"
BEGIN, END = "<!-- profiles: begin -->", "<!-- profiles: end -->"
_HEAD = (
    "| profile | v | codec | containers | resolutions | rates | audio | width | for |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
)


def table() -> str:
    """Return both tables, FFmpeg profiles first."""
    profiles = builtin_library().profiles
    parts = []
    for engine, title in ((Engine.FFMPEG, "FFmpeg profiles"), (Engine.RESOLVE, "Resolve profiles")):
        rows = [_row(profile) for profile in profiles if profile.engine is engine]
        parts.append("\n".join((f"**{title}**", "", *_HEAD, *rows)))
    return "\n\n".join(parts)


def _row(profile: Profile) -> str:
    codecs = " / ".join((profile.codec, *profile.codec_aliases))
    audio = ", ".join(f"{recipe.codec} ({' '.join(recipe.containers)})" for recipe in profile.audio)
    cells = (
        f"`{profile.name}`",
        str(profile.version),
        codecs,
        ", ".join(profile.containers),
        ", ".join(profile.resolutions) + (" letterboxed" if profile.fit == "pad" else ""),
        ", ".join(f"{float(rate):.6g}" for rate in profile.frame_rates) or "any",
        audio or profile.render.get("AudioCodec", ""),
        str(profile.threads) if profile.engine is Engine.FFMPEG else "host",
        profile.description,
    )
    return f"| {' | '.join(cells)} |"


def documented(text: str) -> str | None:
    """Return what stands between the markers of the document, None when they are missing."""
    head, begin, rest = text.partition(BEGIN)
    body, end, _ = rest.partition(END)
    return body.strip() if begin and end and head else None


def main(arguments: list[str]) -> int:
    """Print the table, or with --check compare it with the document: 0 when they agree, 1 when not, 64 for misuse."""
    if arguments not in ([], ["--check"]):
        print("usage: profile_table.py [--check]", file=sys.stderr)
        return 64
    if not arguments:
        print(table())
        return 0
    if documented(DOCUMENT.read_text(encoding="utf-8")) == table():
        return 0
    print(f"{DOCUMENT.name}: the table is not that of the profiles; paste the output of tools/profile_table.py between")
    print(f"{BEGIN} and {END}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
