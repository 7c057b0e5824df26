"""The determinism campaign's own parts: how a command is changed, what counts as one digest, how it is written down."""

import signal
import subprocess
from collections import Counter

import pytest

from tests.unit.core.reproduce.plans import PLAN
from tools.determinism import DOCUMENT
from tools.determinism_conditions import Condition, busy, conditions, emulated, short_conditions, switched
from tools.determinism_material import Cell, profiles
from tools.determinism_table import BEGIN, END, Host, campaign_text, documented_plans, replaced
from tools.determinism_trial import CellDigests

HOST = Host(
    ffmpeg="ffmpeg 5.1.9",
    cpu_class="x86-64-v3 GenuineIntel",
    cores=2,
    libraries={"libx264": "libx264.so.164 sha256:aa"},
    seconds=12.4,
)
TWO = (Condition(name="as is", what="alone"), Condition(name="load", what="busy", missing="no cores"))


def digests(**found: dict[str, int]) -> CellDigests:
    cell = Cell(group="profiles", name="proxy_x mov", source=DOCUMENT, plan=PLAN)
    return CellDigests(cell=cell, found={name: Counter(counts) for name, counts in found.items()})


def test_every_library_gets_its_own_switch_and_nothing_else_changes() -> None:
    argv = ("ffmpeg", "-i", "a", "-x264-params", "cpu-independent=1", "-svtav1-params", "lp=2", "out")

    assert switched(argv, flags="-avx", x26="SSE4.2", svt="sse4_2", vpx="0x3f") == (
        *("env", "VPX_SIMD_CAPS=0x3f", "ffmpeg", "-cpuflags", "-avx", "-i", "a"),
        *("-x264-params", "cpu-independent=1:asm=SSE4.2", "-svtav1-params", "lp=2:asm=sse4_2", "out"),
    )


def test_an_emulated_command_is_run_by_its_own_file() -> None:
    assert emulated(("sh", "-c", "true"), emulator="/opt/qemu", model="Nehalem") == (
        *("/opt/qemu", "-cpu", "Nehalem"),
        *(subprocess.check_output(["which", "sh"], text=True).strip(), "-c", "true"),
    )


def test_the_conditions_are_those_that_were_promised() -> None:
    found = conditions(runs=10, emulator="no-such-emulator")

    assert [(item.name, item.runs) for item in found if not item.missing][:2] == [("as is", 2), ("load", 10)]
    assert {item.name for item in found} >= {"1 core", "CPU limit", "v2 switches", "v2 emulated"}
    assert [item.missing for item in found][-1] == "no qemu-x86_64 here (--emulator names one)"
    assert [item.name for item in short_conditions()] == ["as is", "one busy core", "v2 switches"]


def test_busy_processes_are_gone_afterwards() -> None:
    with busy(2) as hogs:
        assert [hog.poll() for hog in hogs] == [None, None]

    assert [hog.returncode for hog in hogs] == [-signal.SIGKILL, -signal.SIGKILL]


@pytest.mark.parametrize(
    ("found", "one", "distinct"),
    [
        ({"first": {"a": 2}, "load": {"a": 10}}, True, 1),
        ({"first": {"a": 2}, "load": {"b": 10}}, False, 2),
        ({"first": {"a": 2}, "load": {"a": 8, "b": 1, "c": 1}}, False, 3),
        ({"first": {"failed: x": 2}, "load": {"failed: x": 1}}, False, 1),
    ],
    ids=["the same", "the same apart", "a race", "always failed"],
)
def test_one_digest_means_every_run_and_no_failure(found, one, distinct) -> None:
    tried = digests(**found)

    assert (tried.one, tried.distinct("load", first="first")) == (one, distinct)


def test_the_text_says_what_was_found_and_what_was_not_run() -> None:
    good, racy = digests(**{"as is": {"a": 2}}), digests(**{"as is": {"a": 1, "b": 1}})

    assert campaign_text(tried=[good, racy], refused=["`proxy_y mxf`: no"], conditions=TWO, host=HOST) == "\n".join(
        (
            "- 2 plans, 4 runs in 12 s: 1 plans gave one digest in every run, 1 did not.",
            "- ffmpeg 5.1.9 on x86-64-v3 GenuineIntel, 2 cores.",
            "- libx264.so.164.",
            "- not tried: `proxy_y mxf`: no",
            "",
            "| condition | what it is |",
            "| --- | --- |",
            "| as is | alone |",
            "| load | **not run**: no cores |",
            "",
            "**Every profile in each of its containers, from noise (H.264 long-GOP, 48 kHz)**",
            "",
            "| plan | as is |",
            "| --- | --- |",
            "| `proxy_x mov` | 1 |",
            "| `proxy_x mov` | **2** |",
        )
    )


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    document = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    assert replaced(document, "| `proxy_x mov` | 1 |") == f"before\n{BEGIN}\n| `proxy_x mov` | 1 |\n{END}\nafter\n"
    assert documented_plans(replaced(document, "| `proxy_x mov` | 1 |")) == ["proxy_x mov"]


def test_the_document_has_its_markers() -> None:
    assert BEGIN in replaced(DOCUMENT.read_text(encoding="utf-8"), "x")


def test_a_name_that_is_no_profile_is_refused() -> None:
    with pytest.raises(ValueError, match="no FFmpeg profile is named proxy_nothing; there are "):
        profiles(only=("proxy_nothing",))
