"""The operations of the child as typed methods: what the procedure of a render is written in."""

from collections.abc import Mapping
from dataclasses import dataclass

from proxx_resolve_executor.bridge.child_port import Child, FaultError
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.bridge.wire import Fault

SettingValue = str | int | float | bool
MOST_NUMBER = 1e15
"""A count, percentage or duration beyond this is none; a number of hundreds of digits has no float."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What Resolve says it is; None where it cannot say."""

    product: str | None
    version: str | None
    studio: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What shows whether Resolve can work. `projects` are those of the root folder; None: no answer."""

    database: bool
    projects: tuple[str, ...] | None
    open_project: str | None

    @property
    def ready(self) -> bool:
        """A database is connected, and its projects can be listed."""
        return self.database and self.projects is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A clip on a timeline, in frames: how long, and how much of it lies before its start (None: not said)."""

    duration: float | None
    left_offset: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """How far a job is. `percentage` is None where none can be read; `error` is empty without one."""

    rendering: bool | None
    percentage: float | None
    error: str
    remaining_ms: float | None


class Remote:
    """One child, asked in types. Every method raises ChildError where there is no answer."""

    def __init__(self, *, child: Child, options: ResolveOptions) -> None:
        """Take the child and the deadlines."""
        self._child = child
        self._options = options

    async def end(self) -> None:
        """End the child."""
        await self._child.end()

    async def load(self, *, modules: str) -> str:
        """Load the scripting module; returns the version of the child's Python."""
        return _text(await self._ask("load", modules=modules))

    async def attach(self) -> bool:
        """Reach the running Resolve; False for every reason why it cannot be scripted."""
        return await self._ask("attach") is True

    async def identify(self) -> Identity:
        """Ask what it is."""
        fields = _fields(await self._ask("identify"))
        studio = fields.get("studio")
        return Identity(
            product=_text_or_none(fields.get("product")),
            version=_text_or_none(fields.get("version")),
            studio=studio if isinstance(studio, bool) else None,
        )

    async def readiness(self) -> Readiness:
        """Ask whether it can work, and make the root folder of the database the present one."""
        fields = _fields(await self._ask("readiness"))
        projects = fields.get("projects")
        return Readiness(
            database=fields.get("database") is not None,
            projects=None if projects is None else tuple(_texts(projects)),
            open_project=_text_or_none(fields.get("open")),
        )

    async def quiet(self) -> None:
        """Switch off background work where this version can."""
        await self._ask("quiet")

    async def leave(self) -> None:
        """Have it quit."""
        await self._ask("leave")

    async def projects(self) -> tuple[str, ...]:
        """List the projects of the root folder."""
        return tuple(_texts(await self._ask("projects")))

    async def open_project(self) -> str | None:
        """Name the open project."""
        return _text_or_none(await self._ask("open_project"))

    async def load_project(self, *, name: str) -> bool:
        """Open a project; returns whether it is the open one then."""
        return await self._ask("load_project", name=name) == name

    async def create_project(self, *, name: str) -> bool:
        """Make a project; returns whether it is the open one then."""
        return await self._ask("create_project", name=name) == name

    async def name_project(self, *, name: str) -> bool:
        """Name the open project; returns whether it has the name then."""
        return await self._ask("name_project", name=name) == name

    async def save_project(self, *, name: str) -> None:
        """Save the open project, if it has that name."""
        await self._ask("save_project", name=name)

    async def close_project(self, *, name: str) -> None:
        """Close the open project and discard it, if it has that name."""
        await self._ask("close_project", name=name)

    async def delete_project(self, *, name: str) -> None:
        """Delete a project that is not open. Whether it is gone, only the list tells."""
        await self._ask("delete_project", name=name)

    async def set_setting(self, *, key: str, value: str) -> str:
        """Set a setting of the open project; returns what it reads as afterwards."""
        return _text(await self._ask("set_setting", key=key, value=value))

    async def all_settings(self) -> Mapping[str, str]:
        """Read every setting of the open project."""
        return _text_fields(await self._ask("all_settings"))

    async def timeline_count(self) -> int | None:
        """Count the timelines of the open project."""
        count = await self._ask("timeline_count")
        return count if isinstance(count, int) and not isinstance(count, bool) else None

    async def import_file(self, *, path: str) -> int:
        """Import one file; returns how many clips came of it."""
        return _whole(await self._ask_long("import_file", path=path))

    async def import_sequence(self, *, pattern: str, first: int, last: int) -> int:
        """Import numbered frames; returns how many clips came of them."""
        return _whole(await self._ask_long("import_sequence", pattern=pattern, first=first, last=last))

    async def clip_properties(self) -> Mapping[str, str]:
        """Read every property of the imported clip."""
        return _text_fields(await self._ask("clip_properties"))

    async def audio_mapping(self) -> str:
        """Read the audio mapping of the imported clip; empty where there is none."""
        return _text(await self._ask("audio_mapping"))

    async def make_timeline(self, *, name: str) -> tuple[Placement, ...] | None:
        """Make a timeline of the clip; returns what lies on its first video track, None where none was made."""
        found = await self._ask_long("make_timeline", name=name)
        return None if found is None else tuple(_placement(_fields(one)) for one in _members(found))

    async def formats(self) -> tuple[str, ...]:
        """List the identifiers of the formats."""
        return tuple(_texts(await self._ask("formats")))

    async def codecs(self, *, format_id: str) -> tuple[str, ...]:
        """List the identifiers of a format's codecs."""
        return tuple(_texts(await self._ask("codecs", format_id=format_id)))

    async def presets(self) -> tuple[str, ...]:
        """List the render presets."""
        return tuple(_texts(await self._ask("presets")))

    async def import_preset(self, *, path: str) -> bool:
        """Install a render preset; False only where Resolve says False."""
        return await self._ask("import_preset", path=path) is not False

    async def export_preset(self, *, name: str, path: str) -> bool:
        """Write a render preset to a file; False where Resolve says False."""
        return await self._ask("export_preset", name=name, path=path) is not False

    async def delete_preset(self, *, name: str) -> None:
        """Forget a render preset. Whether it is gone, only the list tells."""
        await self._ask("delete_preset", name=name)

    async def load_preset(self, *, name: str) -> bool:
        """Make a render preset the present state; False where Resolve says False."""
        return await self._ask("load_preset", name=name) is not False

    async def choose_codec(self, *, format_id: str, codec_id: str) -> tuple[str, str]:
        """Choose format and codec; returns the identifiers that are chosen afterwards."""
        fields = _text_fields(await self._ask("choose_codec", format_id=format_id, codec_id=codec_id))
        return fields.get("format", ""), fields.get("codec", "")

    async def render_settings(self, *, settings: Mapping[str, SettingValue]) -> bool:
        """Lay settings over the present state; False where Resolve says False."""
        return await self._ask("render_settings", settings=dict(settings)) is not False

    async def render_mode(self, *, individual_clips: bool) -> bool:
        """Choose the render mode; returns whether it is the present one then."""
        return await self._ask("render_mode", individual_clips=individual_clips) is True

    async def jobs(self) -> tuple[Mapping[str, str], ...]:
        """List the queue."""
        return tuple(_text_fields(job) for job in _members(await self._ask("jobs")))

    async def add_job(self) -> str | None:
        """Queue the present state; returns the id where Resolve gives one."""
        return _text_or_none(await self._ask("add_job"))

    async def delete_job(self, *, job: str) -> None:
        """Take a job out of the queue."""
        await self._ask("delete_job", job=job)

    async def start_job(self, *, job: str) -> bool:
        """Start a job; False where Resolve says False."""
        return await self._ask("start_job", job=job) is not False

    async def stop_jobs(self) -> None:
        """Stop what is rendering. Whether it stopped, only its progress tells."""
        await self._ask("stop_jobs")

    async def rendering(self) -> bool | None:
        """Ask whether anything is rendering in the open project; None where it does not say."""
        busy = await self._ask("rendering")
        return busy if isinstance(busy, bool) else None

    async def job_progress(self, *, job: str) -> JobProgress:
        """Ask how far a job is."""
        fields = _fields(await self._ask("job_progress", job=job))
        rendering, status = fields.get("rendering"), fields.get("status")
        known = status if isinstance(status, dict) else {}
        error = known.get("Error")
        return JobProgress(
            rendering=rendering if isinstance(rendering, bool) else None,
            percentage=_number_or_none(known.get("CompletionPercentage")),
            error=str(error) if error else "",
            remaining_ms=_number_or_none(known.get("EstimatedTimeRemainingInMs")),
        )

    async def _ask(self, operation: str, **arguments: object) -> object:
        return await self._child.ask(operation, arguments, seconds=self._options.call_seconds)

    async def _ask_long(self, operation: str, **arguments: object) -> object:
        return await self._child.ask(operation, arguments, seconds=self._options.import_seconds)


def _refuse(expected: str) -> FaultError:
    return FaultError(Fault.ANSWER, f"the child answered with something else than {expected}")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _refuse("text")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _members(value: object) -> list[object]:
    if not isinstance(value, list):
        raise _refuse("a list")
    return value


def _texts(value: object) -> list[str]:
    return [_text(member) for member in _members(value)]


def _fields(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _refuse("an object")
    return value


def _text_fields(value: object) -> dict[str, str]:
    return {key: _text(member) for key, member in _fields(value).items()}


def _number_or_none(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > MOST_NUMBER:
        return None
    return float(value)


def _placement(fields: dict[str, object]) -> Placement:
    return Placement(
        duration=_number_or_none(fields.get("duration")), left_offset=_number_or_none(fields.get("left_offset"))
    )


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refuse("a whole number")
    return value
