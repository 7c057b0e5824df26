"""The whole of a check-up: this host, its Resolve, and the record of both."""

import asyncio
import getpass
import os
import platform
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from proxx.core.detection import Engine
from proxx.core.profile import Profile
from proxx.runtime.clock import SystemClock
from proxx.runtime.profile_files import builtin_library
from proxx.runtime.settings import SettingsInvalidError, load_settings
from proxx_resolve_executor.bootstrap import bridge_options
from proxx_resolve_executor.bridge.host_lock import FileHostLock
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.discovery import DiskPlaces, Installation, find_installation, platform_of
from proxx_resolve_executor.doctor.doctor_settings import DoctorSettings
from proxx_resolve_executor.doctor.finding import Finding, Level
from proxx_resolve_executor.doctor.fixture_of import fixture_of
from proxx_resolve_executor.doctor.host_checks import check_host, installation_finding
from proxx_resolve_executor.doctor.resolve_checks import ResolveCheckUp
from proxx_resolve_executor.doctor.visit import STEPS
from proxx_resolve_executor.host_fixture import HostFixture, write_fixture
from proxx_resolve_executor.resolve_error import ResolveError, ResolveValidationError


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckUp:
    """What is to be checked: with which settings, and what of it is recorded in which file."""

    config: Path | None
    flags: Mapping[str, object]
    fixture: Path | None
    media: tuple[Path, ...]
    render: bool
    allow_restart: bool


def run_check_up(*, check_up: CheckUp) -> list[Finding]:
    """Check, and return the findings in order."""
    try:
        settings = read_doctor_settings(check_up=check_up)
    except SettingsInvalidError as error:
        action = f"correct {check_up.config}" if check_up.config else "correct the flag or the variable"
        return [
            Finding(name="settings", level=Level.FAIL, fact=str(problem), action=action) for problem in error.problems
        ]
    where = str(check_up.config) if check_up.config else "no settings file; flags and environment only"
    first = Finding(name="settings", level=Level.OK, fact=where)
    with tempfile.TemporaryDirectory(prefix="proxx-doctor-") as directory:
        options = doctor_options(settings=settings, check_up=check_up, directory=Path(directory).resolve())
        return [first, *asyncio.run(_check(check_up, settings, options))]


def read_doctor_settings(*, check_up: CheckUp) -> DoctorSettings:
    """Read flags, environment and file.

    Raises:
        SettingsInvalidError: one is wrong.
    """
    flags = {name: value for name, value in check_up.flags.items() if value is not None}
    if "mount" in flags:
        flags["mount"] = tuple(check_up.flags["mount"])  # type: ignore[arg-type]
    return load_settings(DoctorSettings, flags=flags, config_file=check_up.config)


def doctor_options(*, settings: DoctorSettings, check_up: CheckUp, directory: Path) -> ResolveOptions:
    """Return what the bridge is told: the executor's options, but a directory of the doctor's own."""
    options = bridge_options(settings=settings, state=directory)
    return replace(options, state_directory=directory, take_over=check_up.allow_restart)


async def _check(check_up: CheckUp, settings: DoctorSettings, options: ResolveOptions) -> list[Finding]:
    profiles = [profile for profile in builtin_library().profiles if profile.engine is Engine.RESOLVE]
    findings = await check_host(
        settings=settings,
        options=options,
        profiles=profiles,
        scheduler="scheduler" in settings.model_fields_set,
    )
    try:
        installation = find_installation(
            platform=platform_of(system=sys.platform),
            places=DiskPlaces(),
            environment={**os.environ, **options.environment},
            resolve_path=options.resolve_path,
            script_api_path=options.script_api_path,
        )
    except ResolveError as error:
        action = "install DaVinci Resolve Studio, or set resolve_path and resolve_script_api_path"
        findings.append(Finding(name="installation", level=Level.FAIL, fact=str(error), action=action))
        return [*findings, *_not_looked_at("installation failed")]
    findings.append(installation_finding(installation=installation))
    return findings + await _check_resolve(check_up, settings, options, installation, profiles)


async def _check_resolve(
    check_up: CheckUp,
    settings: DoctorSettings,
    options: ResolveOptions,
    installation: Installation,
    profiles: list[Profile],
) -> list[Finding]:
    lock = FileHostLock(options.state_directory)
    try:
        lock.hold_program(installation.binary)
    except ResolveValidationError as error:
        level = Level.WARN if check_up.fixture is None else Level.FAIL
        action = "its log and its /readyz say how Resolve is; stop the service for a check from here"
        busy = Finding(name="executor", level=level, fact=str(error), action=action)
        return [busy, *_not_looked_at("the executor has Resolve")]
    try:
        return await _with_resolve(check_up, settings, options, installation, profiles)
    finally:
        lock.release()


async def _with_resolve(
    check_up: CheckUp,
    settings: DoctorSettings,
    options: ResolveOptions,
    installation: Installation,
    profiles: list[Profile],
) -> list[Finding]:
    checks = ResolveCheckUp(
        installation=installation, options=options, settings=settings, profiles=profiles, clock=SystemClock()
    )
    if check_up.fixture is None:
        await checks.look()
        return checks.findings
    return await _record(check_up, check_up.fixture, checks, installation)


async def _record(check_up: CheckUp, path: Path, checks: ResolveCheckUp, installation: Installation) -> list[Finding]:
    seen = await checks.record(media=check_up.media, render=check_up.render, allow_restart=check_up.allow_restart)
    if seen is None:
        fact = f"{path} was not written"
        return [*checks.findings, Finding(name="fixture", level=Level.FAIL, fact=fact)]
    fixture = fixture_of(
        seen=seen,
        platform=installation.platform,
        recorded=SystemClock().now(),
        names={platform.node(): "host", getpass.getuser(): "user", Path.home().name: "user"},
    )
    return [*checks.findings, _write(path, fixture)]


def _write(path: Path, fixture: HostFixture) -> Finding:
    try:
        write_fixture(path=path, fixture=fixture)
    except OSError as error:
        action = "name another file"
        return Finding(name="fixture", level=Level.FAIL, fact=f"{path}: {error.strerror}", action=action)
    counts = f"{len(fixture.clips)} clips, {len(fixture.statuses)} statuses, {len(fixture.probes)} probes"
    action = "look through it before you give it away: names of presets and settings are as they are"
    return Finding(name="fixture", level=Level.OK, fact=f"{path}: {counts}", action=action)


def _not_looked_at(why: str) -> list[Finding]:
    fact = f"not looked at: {why}"
    return [Finding(name=name, level=Level.SKIP, fact=fact) for name in (*STEPS, "codecs")]
