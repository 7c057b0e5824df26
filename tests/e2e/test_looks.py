"""A site's look in a real run: from a file beside its profile to pixels in a published proxy."""

import subprocess
from pathlib import Path

from tests.e2e.specs import proxy_spec
from tests.e2e.workplace import Workplace, media_in
from tests.fakes.assets import DIRECTORY, cube, filled, inverting, png

HOUSE = """
name = "house"
version = 1
description = "The house's look"
variant_of = "proxy_h264_low"
variant = "house"

[look]
font = "proxx_mono.ttf"

[look.lut]
file = "invert.cube"
primaries = "bt709"
transfer = "bt709"
matrix = "bt709"
unstated_matrix = "bt709"

[look.image]
file = "logo.png"
place = "centre"
width_permille = 200
opacity_percent = 100

[[look.text]]
kind = "timecode"
place = "bottom"
height_permille = 80
opacity_percent = 100
optional = false
"""


def site(workplace: Workplace) -> Path:
    directory = workplace.directory("site")
    (directory / "house.toml").write_text(HOUSE)
    assets = directory / "assets"
    assets.mkdir()
    (assets / "invert.cube").write_bytes(cube(inverting))
    (assets / "logo.png").write_bytes(png(width=20, height=10, pixel=filled(255, 0, 0, 255)))
    (assets / "proxx_mono.ttf").write_bytes((DIRECTORY / "proxx_mono.ttf").read_bytes())
    return directory


def grey_clip(path: Path, *timecode: str) -> Path:
    """Ten dark pictures of one grey."""
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=0x202020:s=640x360:r=25:d=0.4"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", *timecode, str(path)),
        ],
        check=True,
        timeout=60,
    )
    return path


def pixel(proxy: Path, *, x: int, y: int) -> tuple[int, int, int]:
    """One pixel of the last picture."""
    shown = subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-i", str(proxy), "-vf", f"select=eq(n\\,9),crop=2:2:{x}:{y}"),
            *("-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"),
        ],
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout
    return shown[0], shown[1], shown[2]


def test_a_look_reaches_the_picture_through_scheduler_and_executor(workplace: Workplace) -> None:
    output, source = workplace.directory("out"), grey_clip(workplace.root / "A001.mov", "-timecode", "01:00:00:00")
    spec = workplace.spec(proxy_spec(sources=[source], output=output, proxy_profile="house"))

    done = workplace.proxx("run", spec, "--profiles", site(workplace))

    assert done.code == 0, done.stderr
    assert media_in(output) == ["A001_proxy.mp4"]
    proxy = output / "A001_proxy.mp4"
    assert all(abs(channel - 0xDF) < 6 for channel in pixel(proxy, x=10, y=10)), "the table inverts the grey"
    red, green, blue = pixel(proxy, x=160, y=90)
    assert (red > 230, green < 25, blue < 25) == (True, True, True), "the image stands in the middle"
    assert max(pixel(proxy, x=150, y=160)) < 130, "the box of the timecode is dark"


def test_a_source_that_cannot_show_what_the_look_asks_is_refused_before_anything_is_encoded(
    workplace: Workplace,
) -> None:
    output, source = workplace.directory("out"), grey_clip(workplace.root / "A001.mov")
    spec = workplace.spec(proxy_spec(sources=[source], output=output, proxy_profile="proxy_h264_low_burnin"))

    done = workplace.proxx("run", spec)

    assert (done.code, media_in(output)) == (1, [])
    assert "its look burns in the timecode, and there is no start timecode that the proxy carries" in done.stderr


def test_a_table_that_cannot_be_used_stops_the_command_with_file_key_and_line(workplace: Workplace) -> None:
    directory = site(workplace)
    (directory / "assets" / "invert.cube").write_bytes(b"LUT_3D_SIZE 2\n0 0 0\n")

    done = workplace.proxx("profiles", "list", "--profiles", directory)

    assert done.code == 4
    assert (
        'house.toml: look.lut: file: "invert.cube": line 3: expected 8 rows, got 1 rows at the end of the file'
        in done.stderr
    )
