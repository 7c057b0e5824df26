"""What a host shows, asked for word for word: the parent's side of `survey_operations`."""

from collections.abc import Mapping

from proxx_resolve_executor.bridge.child_port import Child, FaultError
from proxx_resolve_executor.bridge.wire import Fault


class Survey:
    """One child, asked for dumps. Every method raises ChildError where there is no answer, or one of another kind."""

    def __init__(self, *, child: Child, seconds: float) -> None:
        """Take the child, and the deadline of one question."""
        self._child = child
        self._seconds = seconds

    async def formats(self) -> Mapping[str, str]:
        """Return the identifiers of the formats by their display names."""
        return _texts(await self._ask("dump_formats"), "GetRenderFormats")

    async def codecs(self, *, format_id: str) -> Mapping[str, str]:
        """Return the identifiers of a format's codecs by their descriptions; nothing for None."""
        found = await self._ask("dump_codecs", format_id=format_id)
        return _texts({} if found is None else found, f"GetRenderCodecs({format_id})")

    async def settings(self) -> Mapping[str, object]:
        """Return every setting of the open project."""
        return _fields(await self._ask("dump_settings"), "GetSetting")

    async def presets(self) -> tuple[object, ...]:
        """Return the render presets, as they are listed."""
        return _members(await self._ask("dump_presets"), "GetRenderPresetList")

    async def jobs(self) -> tuple[Mapping[str, object], ...]:
        """Return the queue."""
        found = _members(await self._ask("dump_jobs"), "GetRenderJobList")
        return tuple(_fields(job, "GetRenderJobList") for job in found)

    async def clip(self) -> Mapping[str, object]:
        """Return every property of the imported clip."""
        return _fields(await self._ask("dump_clip"), "GetClipProperty")

    async def _ask(self, operation: str, **arguments: object) -> object:
        return await self._child.ask(operation, arguments, seconds=self._seconds)


def _fields(value: object, call: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise FaultError(Fault.ANSWER, f"{call} gave {type(value).__name__}; expected a mapping")
    return value


def _texts(value: object, call: str) -> dict[str, str]:
    fields = _fields(value, call)
    odd = next((key for key, member in fields.items() if not isinstance(member, str)), None)
    if odd is not None:
        raise FaultError(Fault.ANSWER, f"{call} gave {type(fields[odd]).__name__} for {odd!r:.80}; expected text")
    return {key: str(member) for key, member in fields.items()}


def _members(value: object, call: str) -> tuple[object, ...]:
    if value is None:
        return ()
    if isinstance(value, dict):  # older builds: positions and members
        return tuple(value.values())
    if not isinstance(value, list):
        raise FaultError(Fault.ANSWER, f"{call} gave {type(value).__name__}; expected a list")
    return tuple(value)
