"""The witness on real encodes: the proxy's bytes are those of a command without it, and nothing of it is left."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from proxx.core.command_paths import fill_placeholders
from proxx.core.planner import plan_clip
from tests.fidelity.scene import Scene
from tests.fidelity.workshop import TOOLS, Workshop
from tests.footage.kind import ClipKind
from tests.footage.make import write_clip
from tests.footage.recipe import Recipe
from tests.footage.recipes import RECIPES
from tests.media.proxies import make_proxy

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
]

CINEMA, FIELDS, PHONE = ClipKind.PRORES_HQ_2997_DROP, ClipKind.MPEG2_MXF_25I, ClipKind.PHONE_ROTATED_30


def short(kind: ClipKind) -> Recipe:
    return replace(RECIPES[kind], frames=12)


def names(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("witness"))


@pytest.mark.parametrize(
    ("kind", "profile", "container", "resolution"),
    [
        pytest.param(CINEMA, "proxy_prores_proxy", "mov", "half", id="ProRes in MOV, four mono tracks"),
        pytest.param(CINEMA, "proxy_prores_4444", "mov", "half", id="ProRes 4444"),
        pytest.param(CINEMA, "proxy_dnxhr_lb", "mov", "same", id="DNxHR in MOV"),
        pytest.param(CINEMA, "proxy_dnxhr_lb", "mxf", "same", id="DNxHR in MXF"),
        pytest.param(CINEMA, "proxy_h264_low", "mp4", "half", id="H.264 in MP4"),
        pytest.param(CINEMA, "proxy_h264_low", "mov", "half", id="H.264 in MOV"),
        pytest.param(CINEMA, "proxy_h264_low", "mkv", "half", id="H.264 in Matroska"),
        pytest.param(CINEMA, "proxy_h265_low", "mp4", "half", id="H.265 in MP4"),
        pytest.param(CINEMA, "proxy_h265_low", "mkv", "half", id="H.265 in Matroska"),
        pytest.param(CINEMA, "proxy_vp9_low", "webm", "half", id="VP9 in WebM"),
        pytest.param(CINEMA, "proxy_av1_low", "mp4", "half", id="AV1 in MP4"),
        pytest.param(CINEMA, "proxy_av1_low", "webm", "half", id="AV1 in WebM"),
        pytest.param(FIELDS, "proxy_prores_proxy", "mov", "half", id="fields made whole"),
        pytest.param(FIELDS, "proxy_h264_high", "mkv", "quarter", id="fields made whole in Matroska"),
        pytest.param(PHONE, "proxy_h264_low", "mkv", "half", id="turned upright"),
        pytest.param(PHONE, "offline_h264_1920x1080", "mp4", "1920x1080", id="turned upright between bars"),
    ],
)
async def test_the_proxys_bytes_are_those_of_a_command_without_a_witness(
    kind: ClipKind, profile: str, container: str, resolution: str, workshop: Workshop, tmp_path: Path
) -> None:
    name = f"{kind.value}-{profile}-{container}"
    scene = Scene(name=name, recipe=short(kind), profile=profile, container=container, resolution=resolution)
    prepared = await workshop.prepare(scene)
    inputs = replace(prepared.inputs, profile=replace(prepared.inputs.profile, witness=False))
    plain = tmp_path / prepared.proxy.name
    argv = plan_clip(inputs=inputs).argv

    filled = fill_placeholders(argv=argv, tool=TOOLS.ffmpeg, source=prepared.source, output=plain)
    await workshop.run(filled, into=tmp_path)

    assert "tee" not in argv
    assert "tee" in prepared.plan.argv
    assert hashlib.sha256(prepared.proxy.read_bytes()).hexdigest() == hashlib.sha256(plain.read_bytes()).hexdigest()
    assert names(tmp_path) == [plain.name]


@pytest.mark.parametrize("name", ["it's [a|b], c;d", "back\\slash: %d {output} $x", " Tücken\n", "[f=null]tee"])
async def test_a_directory_may_have_any_name(name: str, tmp_path: Path) -> None:
    directory = tmp_path / name
    directory.mkdir()
    source = write_clip(short(PHONE), directory / "IMG_2042.mp4")

    made, failed = await make_proxy(directory=directory, source=source, profile="proxy_h264_low", container="mp4")

    assert failed == ()
    assert made.proxy.stat().st_size > 1000
