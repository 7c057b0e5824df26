"""Draws looks with the planned filters on pictures that FFmpeg makes, and looks at what came."""

import hashlib
import subprocess
from dataclasses import replace
from pathlib import Path

from proxx.core.command_paths import fill_placeholders
from proxx.core.facts import MediaFacts
from proxx.core.look import Asset, Font, ImageMark, Look, Lut, Place, TextKind, TextMark
from proxx.core.planner import plan_clip
from proxx.core.roots import RootPath
from proxx.runtime.profile_files import builtin_library
from tests.fakes.assets import FONT, cube, filled, inverting, png
from tests.fakes.media_facts import VIDEO, facts_with, inputs_with

LIBRARY = builtin_library()
WIDTH, HEIGHT = 320, 180
BLACK = f"color=black:s={WIDTH}x{HEIGHT}"
FILES = {
    "letters.ttf": FONT,
    "invert.cube": cube(inverting),
    "identity.cube": cube(lambda colour: colour, size=17),
    "curve.cube": b"LUT_1D_SIZE 2\n1 1 1\n0 0 0\n",
    "warm.cube": cube(lambda colour: (colour[0] ** 0.8, colour[1] * 0.9 + 0.05 * colour[0], colour[2] ** 1.3), size=9),
    "logo.png": png(width=20, height=10, pixel=filled(255, 0, 0, 255)),
    "ghost.png": png(width=31, height=17, pixel=lambda x, y: (x * 8, y * 15, (x * y) % 256, (x * 8 + y) % 256)),
}


def asset(name: str) -> Asset:
    data = FILES[name]
    return Asset(name=name, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))


def lut(name: str, dimensions: int = 3) -> Lut:
    return Lut(
        asset=asset(name),
        dimensions=dimensions,
        primaries="bt709",
        transfer="bt709",
        matrix="bt709",
        unstated_matrix=None,
    )


def image(name: str = "logo.png", opacity: int = 100) -> ImageMark:
    sizes = {"logo.png": (20, 10), "ghost.png": (31, 17)}
    return ImageMark(
        asset=asset(name),
        width=sizes[name][0],
        height=sizes[name][1],
        place=Place.BOTTOM_RIGHT,
        width_permille=200,
        opacity_percent=opacity,
    )


def text_mark(kind: TextKind, place: Place = Place.BOTTOM, *, text: str = "") -> TextMark:
    return TextMark(kind=kind, text=text, place=place, height_permille=111, opacity_percent=100, optional=False)


def look(*texts: TextMark, table: Lut | None = None, mark: ImageMark | None = None) -> Look:
    font = Font(asset=asset("letters.ttf"), widest_permille=600)
    return Look(lut=table, image=mark, texts=texts, font=font if texts else None)


def small(**changes: object) -> MediaFacts:
    return facts_with(video=replace(VIDEO, width=WIDTH, height=HEIGHT, frame_count=100_000), **changes)


class Easel:
    """Draws looks with the planned filters, on pictures that FFmpeg makes."""

    def __init__(self, directory: Path) -> None:
        """Take where the files of the looks are put."""
        directory.mkdir(exist_ok=True)
        self.directory = directory
        self.assets = {}
        for name, data in FILES.items():
            path = directory / f"{hashlib.sha256(data).hexdigest()}{Path(name).suffix}"
            path.write_bytes(data)
            self.assets[asset(name).sha256] = path

    def graph(
        self,
        drawn: Look,
        *,
        facts: MediaFacts | None = None,
        name: str = "A001.mov",
        profile: str = "proxy_h264_low",
        resolution: str = "same",
    ) -> str:
        """Return the planned filters with this host's files in them."""
        found = LIBRARY.get(profile)
        assert found is not None
        inputs = inputs_with(
            profile=replace(found, look=drawn, witness=False), facts=facts or small(), resolution=resolution
        )
        planned = plan_clip(inputs=replace(inputs, source=RootPath(root="media", path=f"day1/{name}")))
        argv = fill_placeholders(
            argv=planned.argv, tool="ffmpeg", source=Path("/in"), output=Path("/out"), assets=self.assets
        )
        return argv[argv.index("-filter:v:0") + 1]

    def reference(self, text: str, *, drawn: str, size: int, frame: int | None = None) -> str:
        """Return a filter that draws `text` as the planned one draws, from a file: nothing is escaped or expanded."""
        place = drawn[drawn.index(":fontsize=") :].partition(",")[0]
        assert f":fontsize={size}:" in place
        path = self.directory / f"{hashlib.sha256(text.encode()).hexdigest()}.txt"
        path.write_text(text, encoding="utf-8")
        font = self.assets[asset("letters.ttf").sha256]
        when = "" if frame is None else rf":enable=eq(n\,{frame})"
        return f"drawtext=fontfile={font}:ft_load_flags=no_hinting:expansion=none:textfile={path}{place}{when}"


def frames(source: str, graph: str, *, before: tuple[str, ...] = (), rate: str = "25", count: int = 1) -> list[str]:
    """Return the digest of each picture that the filters make of a lavfi source."""
    shown = run(
        *before,
        *("-f", "lavfi", "-i", f"{source}:r={rate},format=yuv420p", "-vf", graph),
        *("-frames:v", str(count), "-f", "framemd5", "-"),
    ).decode()
    return [line.rpartition(",")[2].strip() for line in shown.splitlines() if not line.startswith("#")]


def run(*arguments: str) -> bytes:
    """Run FFmpeg without any font of the system, as executors do."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", *arguments],
        capture_output=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "FONTCONFIG_SYSROOT": "/dev/null"},
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return done.stdout


def pixels(source: str, graph: str, *, width: int = WIDTH) -> dict[tuple[int, int], tuple[int, int, int]]:
    """Return the RGB pixels of the first picture, read as limited-range BT.709."""
    raw = run(
        *("-f", "lavfi", "-i", source, "-frames:v", "1"),
        *("-vf", f"{graph},scale=in_range=tv:out_range=pc:in_color_matrix=bt709:flags=accurate_rnd+full_chroma_int"),
        *("-pix_fmt", "rgb24", "-f", "rawvideo", "-"),
    )
    return {
        (index // 3 % width, index // 3 // width): (raw[index], raw[index + 1], raw[index + 2])
        for index in range(0, len(raw), 3)
    }
