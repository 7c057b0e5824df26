"""What differs between then and now, part by part."""

from dataclasses import replace

import pytest

from proxx.core.facts import SourceIdentity
from proxx.core.plan import PLANNER_VERSION
from proxx.core.planner import plan_digest
from proxx.core.reproduce import (
    Difference,
    RecordedClip,
    plan_differences,
    source_changed,
    source_differences,
    toolchain_differences,
)
from proxx.core.roots import RootPath
from tests.unit.cli.samples import TOOLCHAIN
from tests.unit.core.reproduce.plans import PLAN

IDENTITY = SourceIdentity(path="a.mov", size_bytes=10, mtime_ns=5, inode=7, edge_sha256="a" * 64)
OUTPUT = "/elsewhere/proxy.mov"


def recorded(**changes):
    """A clip that the plan made, at another output path."""
    moved = replace(PLAN, output=RootPath(root=PLAN.output.root, path=OUTPUT.lstrip("/")))
    words = {"file:{source}": "file:/footage/a.mov", "file:{output}": "file:/elsewhere/.proxx/x.mov"}
    clip = RecordedClip(
        clip_index=0,
        source_path="/footage/a.mov",
        output_path=OUTPUT,
        status="COMPLETED",
        engine="ffmpeg",
        output_sha256="b" * 64,
        profile_digest=PLAN.profile_digest,
        plan_digest=plan_digest(moved),
        planner_version=PLANNER_VERSION,
        command=("/opt/ffmpeg", *(words.get(word, word) for word in PLAN.argv[1:])),
        toolchain=TOOLCHAIN,
        source_identity=IDENTITY,
        timecode=None,
    )
    return replace(clip, **changes)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param(TOOLCHAIN, (), id="the same"),
        pytest.param(None, (Difference(what="toolchain", recorded="not recorded", here="f" * 64),), id="not recorded"),
        pytest.param(
            replace(TOOLCHAIN, version="6.0", cpu_class="x86-64-v2"),
            (
                Difference(what="ffmpeg version", recorded="6.0", here="5.1.9"),
                Difference(what="CPU class", recorded="x86-64-v2", here="x86-64-v3"),
            ),
            id="version and CPU",
        ),
        pytest.param(
            replace(TOOLCHAIN, libraries={"libx264": "libx264.so.163 sha256:bb", "libopus": "libopus.so.0 sha256:cc"}),
            (
                Difference(what="libopus", recorded="libopus.so.0 sha256:cc", here="absent"),
                Difference(what="libx264", recorded="libx264.so.163 sha256:bb", here="libx264.so.164 sha256:aa"),
            ),
            id="libraries",
        ),
        pytest.param(
            replace(TOOLCHAIN, libraries={}),
            (Difference(what="libraries", recorded="not recorded", here="1 recorded"),),
            id="before libraries were recorded",
        ),
    ],
)
def test_a_fingerprint_differs_part_by_part(before, expected):
    assert toolchain_differences(recorded=before, here=TOOLCHAIN) == expected


@pytest.mark.parametrize(
    ("here", "sentence"),
    [
        pytest.param(replace(IDENTITY, size_bytes=11), "it had 10 bytes and has 11", id="size"),
        pytest.param(
            replace(IDENTITY, edge_sha256="b" * 64),
            f"the digest of its first and last MiB was {'a' * 64} and is {'b' * 64}",
            id="edges",
        ),
        pytest.param(replace(IDENTITY, mtime_ns=6, inode=8), None, id="a copy of the same bytes"),
    ],
)
def test_only_bytes_make_a_source_another(here, sentence):
    assert source_changed(recorded=IDENTITY, here=here) == sentence


def test_a_copied_source_is_told():
    assert source_differences(recorded=IDENTITY, here=replace(IDENTITY, mtime_ns=6, inode=8)) == (
        Difference(what="source modification time (ns)", recorded="5", here="6"),
        Difference(what="source inode", recorded="7", here="8"),
    )


def test_the_same_plan_differs_in_nothing_wherever_its_files_lie():
    assert plan_differences(recorded=recorded(), plan=PLAN) == ()


def test_another_word_of_the_command_is_told_with_its_place():
    command = list(recorded().command)
    place = command.index("prores_ks")
    command[place] = "prores_aw"

    assert plan_differences(recorded=recorded(command=tuple(command)), plan=PLAN) == (
        Difference(what=f"command word {place}", recorded="prores_aw", here="prores_ks"),
    )


@pytest.mark.parametrize(
    ("filled_in", "found"),
    [
        (r"[f=mov]file\:/out/x.mov|[f=null]file\:/out/x.mov-packets", ()),
        (r"[f=mp4]file\:/out/x.mov|[f=null]file\:/out/x.mov-packets", ("command word 1",)),
    ],
    ids=["paths only", "another muxer"],
)
def test_paths_inside_a_word_are_no_difference(filled_in, found):
    planned = ("ffmpeg", "[f=mov]file:{output}|[f=null]file:{witness}-packets")
    plan = replace(PLAN, argv=planned)

    differences = plan_differences(recorded=recorded(command=("ffmpeg", filled_in)), plan=plan)

    assert tuple(item.what for item in differences if item.what.startswith("command")) == found


def test_another_planner_and_profile_are_told_with_the_plan_digest():
    clip = recorded(
        planner_version=PLANNER_VERSION + 1, profile_digest="0" * 64, plan_digest="1" * 64, command=("ffmpeg", "-i")
    )

    found = plan_differences(recorded=clip, plan=PLAN)

    assert [(item.what, item.recorded) for item in found] == [
        ("profile digest", "0" * 64),
        ("planner version", str(PLANNER_VERSION + 1)),
        ("command", "2 words"),
        ("plan digest", "1" * 64),
    ]


def test_a_plan_of_other_roots_differs_in_its_digest_alone():
    found = plan_differences(recorded=recorded(plan_digest="1" * 64), plan=PLAN)

    assert [item.what for item in found] == ["plan digest (with the same command)"]


def test_a_name_full_of_braces_is_compared_letter_by_letter_and_at_once():
    hostile = "drawtext=" + "{a}" * 80
    plan = replace(PLAN, argv=("ffmpeg", hostile))

    same = plan_differences(recorded=recorded(command=("ffmpeg", hostile)), plan=plan)
    other = plan_differences(recorded=recorded(command=("ffmpeg", hostile + "x")), plan=plan)

    assert [item.what for item in same if item.what.startswith("command")] == []
    assert [item.what for item in other if item.what.startswith("command")] == ["command word 1"]
