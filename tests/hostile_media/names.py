"""File names that a shell, an option or URL parser, a pattern or a filter graph would take for something else."""

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.hostile_media.case import COMPLETED, HostileCase, Studio

NAMES = (
    "-i.mov",
    "-y -f null -.mov",
    "--help.mov",
    "concat:a|b.mov",
    "subfile,,start,0,end,9,,:x.mov",
    "data:video,x.mov",
    "http:a.mov",
    "pipe:0.mov",
    "crypto+file:a.mov",
    "file:a.mov",
    "tee:a|b.mov",
    "async:cache:a.mov",
    "movie=canary.ts[out].mov",
    "frame%d.mov",
    "%03d.mov",
    "*.mov",
    "[a-z]?.mov",
    "{source}.mov",
    "{output} {witness}-pictures.mov",
    "a'b\\'c.mov",
    'a"b.mov',
    "a\\:b,c;d[e]=f.mov",
    "%{localtime}%{pts}%{metadata:title}.mov",
    "%{eif:1:d}%{expr:w}.mov",
    "\\n\\\\t%%.mov",
    "text=x:textfile=canary.txt.mov",
    "a\nb.mov",
    "a\rb\tc.mov",
    "\x1b[2J\x1b]0;title\x07.mov",
    "$(touch x)`id`;id|id&&id.mov",
    "<script>alert(1)<script>.mov",
    "=cmd|' -C calc'!A0.mov",
    "\u202egnp.vom.mov",
    "a\u0301\u00e1\u212b.mov",
    "\U0001f3ac\u200d\u200b.mov",
    "\udcff\udc80raw bytes.mov",
    " leading and trailing .mov",
    "[f=mp4]canary.ts|x.mov",
    "onfail=ignore:x.mov",
    "CON.mov",
    "a" * 240 + ".mov",
)
"""Each is the name of a sound clip."""


def name_cases(*, short: bool) -> Iterator[HostileCase]:
    """Sound clips under these names; the name is burnt in, so it passes a filter graph too."""
    for number, name in enumerate(NAMES):
        if not short or number % 8 == 0:
            yield HostileCase(
                group="hostile name of a sound clip",
                name=f"name-{number:02}",
                write=_writer(name),
                ends=COMPLETED,
                profile="proxy_h264_low_burnin",
            )


def _writer(name: str) -> Callable[[Path, Studio], Path]:
    def write(directory: Path, studio: Studio) -> Path:
        path = directory / name
        path.write_bytes(studio.clip("base.mov"))
        return path

    return write
