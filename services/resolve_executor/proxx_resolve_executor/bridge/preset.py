"""A render preset brought into Resolve: the very file that the plan names, and nothing that only has its name."""

import asyncio
import hashlib
import re
from pathlib import Path

from proxx.core.quoting import quote
from proxx.core.render_plan import RenderPlan
from proxx_resolve_executor.bridge.call_log import CallLog
from proxx_resolve_executor.bridge.checks import preset_problem
from proxx_resolve_executor.bridge.options import PRESET_SUFFIX, ResolveOptions
from proxx_resolve_executor.bridge.remote import Remote
from proxx_resolve_executor.resolve_error import PreFlightError, ResolveValidationError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", re.ASCII)
PRESET_BYTES = 1024 * 1024
INSTALLED, EXPORTED = "preset", "exported"


def read_preset(*, options: ResolveOptions, plan: RenderPlan) -> bytes:
    """Return the bytes of the plan's preset.

    Raises:
        PreFlightError: it is not there, or is not the one that was planned with.
    """
    if not _NAME.fullmatch(plan.preset):
        raise PreFlightError(f"{quote(text=plan.preset)} is no name of a render preset")
    path = options.preset_file(name=plan.preset)
    try:
        with path.open("rb") as file:
            content = file.read(PRESET_BYTES + 1)
    except OSError as error:
        raise PreFlightError(
            f"the render preset {plan.preset} cannot be read: {error.strerror}: {path.name}"
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != plan.preset_sha256:
        raise PreFlightError(
            f"the render preset {plan.preset} was altered: sha256 {found}; {plan.preset_sha256} is planned"
        )
    return content


async def install_preset(
    *, remote: Remote, options: ResolveOptions, plan: RenderPlan, content: bytes, log: CallLog
) -> None:
    """Have Resolve forget a preset of that name, take this one in, and show that it is the same. A project is open.

    Raises:
        PreFlightError: Resolve does not take it, or shows another.
        ResolveValidationError: the state directory cannot be written: full, or not ours.
        ChildError: Resolve does not answer.
    """
    name = plan.preset
    if name in await remote.presets():
        await remote.delete_preset(name=name)
    directory = options.state_directory
    # a copy: nothing can change it between the digest and the import
    copy = directory / INSTALLED / f"{name}{PRESET_SUFFIX}"
    exported = directory / EXPORTED / f"{name}{PRESET_SUFFIX}"
    try:
        await asyncio.to_thread(_write, copy, content)
        await asyncio.to_thread(_make_way, exported)
    except OSError as error:
        raise ResolveValidationError(
            f"the render preset {name} cannot be written into the state directory: {error.strerror}"
        ) from error
    taken = await remote.import_preset(path=str(copy))
    if not taken or name not in await remote.presets():
        raise PreFlightError(f"Resolve does not take the render preset {name}")
    written = await remote.export_preset(name=name, path=str(exported))
    shown = await asyncio.to_thread(_read_back, exported) if written else None
    if shown is None:
        log.note(f"the render preset {name} could not be exported: it is not compared")
        return
    problem = preset_problem(own=content.decode("utf-8", "replace"), exported=shown)
    if problem:
        raise PreFlightError(f"the render preset {name} is not what was imported: {problem}")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def _make_way(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)


def _read_back(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file.read(PRESET_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
