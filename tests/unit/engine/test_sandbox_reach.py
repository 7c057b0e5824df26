"""Which level a host reaches, and what is refused with less."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from proxx.engine.sandbox.level import SandboxLevel
from proxx.engine.sandbox.reach import SandboxReach, SandboxTooLowError, sandbox_reach
from proxx.engine.sandbox.tool_files import SYSTEM_DIRECTORIES, ToolFiles, find_tool_files
from proxx.engine.tool_runners import required_tool_runner


def test_levels_are_in_order() -> None:
    assert sorted(SandboxLevel, key=lambda level: level.rank) == ["none", "process", "filters", "namespaces"]


def test_less_than_required_is_refused_with_the_reason() -> None:
    reach = SandboxReach(
        level=SandboxLevel.PROCESS, missing=("namespaces: unshare: not permitted", "filters: no Landlock")
    )

    with pytest.raises(SandboxTooLowError) as refused:
        reach.require(SandboxLevel.FILTERS)

    assert str(refused.value) == (
        "the sandbox reaches level process, and at least filters is required (require_sandbox): "
        "namespaces: unshare: not permitted; filters: no Landlock"
    )
    reach.require(SandboxLevel.PROCESS)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no levels")
def test_an_executor_starts_only_where_its_tools_are_isolated_well_enough() -> None:
    said: list[SandboxReach] = []

    with pytest.raises(SandboxTooLowError, match=r"level process.*the settings allow no more"):
        required_tool_runner(most=SandboxLevel.PROCESS, least=SandboxLevel.NAMESPACES, loadable=(), say=said.append)
    runner = required_tool_runner(most=SandboxLevel.PROCESS, least=SandboxLevel.PROCESS, loadable=(), say=said.append)

    assert runner.sandbox_level == "process"
    assert said == [SandboxReach(level=SandboxLevel.PROCESS)] * 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no levels")
def test_a_host_says_of_every_level_above_its_own_why_it_is_not_reached() -> None:
    reach = sandbox_reach()

    above = [level for level in SandboxLevel if level.rank > reach.level.rank]
    assert [text.partition(":")[0] for text in reach.missing] == sorted(above, key=lambda level: -level.rank)


def test_a_tool_of_the_systems_needs_nothing_more() -> None:
    found = find_tool_files(tool="sh", search_path="/usr/bin:/bin")

    assert (found.paths, found.script) == ((), False)
    assert found.program is not None
    assert any(found.program.is_relative_to(directory) for directory in SYSTEM_DIRECTORIES)


def test_a_tool_that_is_absent_needs_nothing(tmp_path: Path) -> None:
    nothing = ToolFiles(program=None)

    assert find_tool_files(tool="proxx-no-such-tool", search_path="/usr/bin") == nothing
    assert find_tool_files(tool=str(tmp_path / "none"), search_path="/usr/bin") == nothing


def test_a_script_needs_itself_and_its_interpreter(tmp_path: Path) -> None:
    interpreter, script, link = tmp_path / "interpreter", tmp_path / "script", tmp_path / "link"
    interpreter.write_text("#!/bin/sh\n")
    script.write_text(f"#!{interpreter} -x\n")
    link.symlink_to(script)
    for path in (interpreter, script):
        path.chmod(0o755)

    found = find_tool_files(tool=str(link), search_path="/usr/bin")

    assert found == ToolFiles(program=script.resolve(), paths=(link, script.resolve(), interpreter), script=True)


@pytest.mark.process
def test_a_pod_without_root_capabilities_and_user_namespaces_reaches_filters() -> None:
    """As in a restricted pod: within a user namespace of the test's own, no more of them, and no capability."""
    unshare, setpriv = shutil.which("unshare"), shutil.which("setpriv")
    if unshare is None or setpriv is None or sandbox_reach().level is not SandboxLevel.NAMESPACES:
        pytest.skip("needs util-linux and a host that allows user namespaces")
    if sandbox_reach(most=SandboxLevel.FILTERS).level is not SandboxLevel.FILTERS:
        pytest.skip("this host has user namespaces, but no Landlock for level filters")
    program = "from proxx.engine.sandbox.reach import sandbox_reach as r; print(r().level, r().missing[0], sep='|')"
    restricted = (
        "echo 0 > /proc/sys/user/max_user_namespaces;"
        'exec "$0" --no-new-privs --bounding-set=-all --inh-caps=-all -- "$@"'
    )

    said = subprocess.run(
        (unshare, "--user", "--map-root-user", "sh", "-c", restricted, setpriv, sys.executable, "-c", program),
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert said.strip() == "filters|namespaces: unshare: No space left on device"
