"""`proxx-resolve-executor doctor`: its arguments, and how its findings are shown."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

UNFIT = 1
INTERRUPTED = 130


def doctor(arguments: Sequence[str]) -> int:
    """Check this host. Returns the exit code: 0, or 1 where something keeps it from rendering."""
    options = _parser().parse_args(list(arguments))
    if options.fixture is None and (options.media or options.render or options.allow_restart):
        sys.stderr.write("--media, --render and --allow-restart say what is recorded: they need --fixture FILE\n")
        return UNFIT
    from proxx_resolve_executor.doctor.check_up import CheckUp, run_check_up
    from proxx_resolve_executor.doctor.report import show_report

    check_up = CheckUp(
        config=options.config if options.config is not None else _installed_settings(),
        flags={name: getattr(options, name) for name in FLAGS},
        fixture=options.fixture,
        media=tuple(options.media),
        render=options.render,
        allow_restart=options.allow_restart,
    )
    try:
        findings = run_check_up(check_up=check_up)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; what was made in Resolve is removed\n")
        return INTERRUPTED
    return UNFIT if show_report(findings=findings, as_json=options.json) else 0


FLAGS = (
    "scheduler",
    "mount",
    "ffmpeg",
    "ffprobe",
    "resolve_path",
    "resolve_script_api_path",
    "resolve_python",
    "resolve_preset_directory",
)
"""The settings of the executor that the doctor takes as flags; the others come from file or environment."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="proxx-resolve-executor doctor",
        description="Check what a render needs on this host. Starts Resolve where it does not run, and ends it again.",
    )
    parser.add_argument("--json", action="store_true", help="the findings as JSON on stdout")
    parser.add_argument("--config", type=Path, help="settings file (default: that of the installation)")
    recording = parser.add_argument_group("record this host", "in a project of its own, which is removed again")
    recording.add_argument("--fixture", type=Path, metavar="FILE", help="write what Resolve shows, for the simulator")
    recording.add_argument(
        "--media", action="append", default=[], type=Path, metavar="FILE", help="a clip to import, repeatable"
    )
    recording.add_argument("--render", action="store_true", help="render the first clip with each profile, and verify")
    recording.add_argument(
        "--allow-restart", action="store_true", help="also end, kill and start Resolve, and risk that it hangs"
    )
    settings = parser.add_argument_group("settings of the executor")
    for name in FLAGS:
        flag = f"--{name.replace('_', '-')}"
        if name == "mount":
            settings.add_argument(flag, action="append", metavar="NAME=DIR")
        else:
            settings.add_argument(flag)
    return parser


def _installed_settings() -> Path | None:
    """The settings file that the installer wrote for this user, where there is one."""
    from proxx_resolve_executor.discovery import platform_of
    from proxx_resolve_executor.install.host_layout import host_layout
    from proxx_resolve_executor.install.install_error import InstallError

    try:
        path = Path(host_layout(platform=platform_of(system=sys.platform), environment=os.environ).settings)
    except InstallError:
        return None
    return path if path.is_file() else None
