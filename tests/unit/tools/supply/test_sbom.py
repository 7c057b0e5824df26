"""The bill of materials: valid, complete, and the same bytes for the same inputs."""

import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.model.component import ComponentScope
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tools.supply.ffmpeg_build import FfmpegBuild, FfmpegBuildError, _codecs, read_build
from tools.supply.licences import read_policy
from tools.supply.locked import read_npm_lock, read_python_lock
from tools.supply.sbom import bill, components_of, ffmpeg_component, npm_component, python_component

ROOT = Path(__file__).resolve().parents[4]
BUILD = FfmpegBuild(
    program="ffmpeg",
    version="5.1.9-0+deb12u1",
    sha256="a" * 64,
    configuration=("--enable-gpl", "--enable-libx264"),
    libraries=(("libavcodec", "59.37.100"),),
    external=("libx264",),
    decoders=("h264",),
    encoders=("libx264", "prores_ks"),
)


def document(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bill(name=f"proxx-{part}", components=components_of(part, policy=read_policy())))
    return found


def digests(component: dict[str, Any]) -> set[str]:
    files = [item for item in component.get("externalReferences", ()) if item["type"] == "distribution"]
    return {entry["content"] for item in (*files, component) for entry in item.get("hashes", ())}


def test_every_kind_of_component_keeps_the_schema() -> None:
    policy = read_policy()
    pinned = next(item for item in read_python_lock(ROOT / "requirements-dev.lock") if item.marker and item.digests)
    node = next(item for item in read_npm_lock(ROOT / "package-lock.json") if item.name.startswith("@grpc/"))
    kinds = [
        python_component(pinned, policy=policy, scope=ComponentScope.REQUIRED),
        npm_component(node),
        ffmpeg_component(BUILD),
    ]
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill(name="x", components=kinds)) is None


def test_what_runs_is_listed_with_licence_digests_and_address() -> None:
    found = {item["name"]: item for item in document("python")["components"]}
    locked = {item.name: item for item in read_python_lock(ROOT / "requirements.lock")}
    assert {name: digests(item) for name, item in found.items()} == {
        name: set(item.digests) for name, item in locked.items()
    }
    assert {item["purl"] for item in found.values()} == {
        f"pkg:pypi/{item.name}@{item.version}" for item in locked.values()
    }
    assert [name for name, item in found.items() if not item.get("licenses")] == []
    assert {item["scope"] for item in found.values()} == {"required"}


def test_tools_of_both_registries_are_listed_apart_and_never_as_required() -> None:
    found = document("tools")["components"]
    npm = {(item.name, item.version) for item in read_npm_lock(ROOT / "package-lock.json")}
    named = {
        ("/".join(filter(None, (item.get("group"), item["name"]))), item["version"])
        for item in found
        if item["purl"].startswith("pkg:npm/")
    }
    assert named == npm
    assert {item["scope"] for item in found} == {"excluded"}


def test_ffmpeg_is_listed_with_its_configuration_libraries_codecs_and_licence() -> None:
    found = json.loads(bill(name="x", components=[ffmpeg_component(BUILD)]))["components"][0]
    assert found["licenses"] == [{"license": {"id": "GPL-2.0-or-later"}}]
    assert [(item["name"], item["version"]) for item in found["components"]] == [("libavcodec", "59.37.100")]
    assert {(item["name"], item["value"]) for item in found["properties"]} == {
        ("ffmpeg:configuration", "--enable-gpl --enable-libx264"),
        ("ffmpeg:external", "libx264"),
        ("ffmpeg:decoder", "h264"),
        ("ffmpeg:encoder", "libx264"),
        ("ffmpeg:encoder", "prores_ks"),
    }
    assert found["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    assert found["cpe"] == "cpe:2.3:a:ffmpeg:ffmpeg:5.1.9:*:*:*:*:*:*:*"


@pytest.mark.parametrize(
    ("configuration", "licence"),
    [
        ((), "LGPL-2.1-or-later"),
        (("--enable-version3",), "LGPL-3.0-or-later"),
        (("--enable-gpl", "--enable-version3"), "GPL-3.0-or-later"),
        (("--enable-gpl", "--enable-nonfree"), ""),
    ],
    ids=["plain", "version 3", "GPL version 3", "may not be passed on"],
)
def test_the_licence_of_ffmpeg_follows_from_its_configuration(configuration: tuple[str, ...], licence: str) -> None:
    assert FfmpegBuild(**{**_fields(BUILD), "configuration": configuration}).licence == licence


def _fields(build: FfmpegBuild) -> dict[str, Any]:
    return {name: getattr(build, name) for name in build.__dataclass_fields__}


def test_codecs_are_those_in_parentheses_or_the_codecs_own_names() -> None:
    listed = """Codecs:
 D..... = Decoding supported
 -------
 D.VI.S 012v                 Uncompressed 4:2:2 10-bit
 DEV.LS h264                 H.264 / AVC (decoders: h264 h264_v4l2m2m ) (encoders: libx264 libx264rgb )
 DEVIL. prores               Apple ProRes (encoders: prores prores_aw prores_ks )
 ..D... bin_data             binary data
"""
    assert _codecs(listed) == (
        ("012v", "h264", "h264_v4l2m2m", "prores"),
        ("libx264", "libx264rgb", "prores", "prores_aw", "prores_ks"),
    )


@pytest.mark.process
def test_the_ffmpeg_of_this_machine_makes_the_same_bill_twice() -> None:
    first, second = (document("ffmpeg") for _ in range(2))
    assert first == second
    assert {item["name"] for item in first["components"]} == {"ffmpeg", "ffprobe"}


def test_no_time_stands_in_it_unless_somebody_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    without = bill(name="x", components=[ffmpeg_component(BUILD)])
    assert without == bill(name="x", components=[ffmpeg_component(BUILD)])
    assert "timestamp" not in json.loads(without)["metadata"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    assert json.loads(bill(name="x", components=[]))["metadata"]["timestamp"] == "2026-09-21T14:13:20+00:00"


def test_an_absent_ffmpeg_is_named() -> None:
    with pytest.raises(FfmpegBuildError, match="/nonexistent/ffmpeg is not on PATH, or is no program"):
        read_build(program="/nonexistent/ffmpeg")
