"""The part of Resolve's scripting API that Proxx calls, as types: what may be passed, and what may come back.

Source: the reference on Resolve scripting, sections 3 to 7. Names and capitals are Resolve's. Every object is a remote
proxy whose `hasattr` is always true, so nothing is ever asked of an object at run time. Answers are typed `object`
where builds differ in what they give; `values.py` reads them. `tools/check_resolve_api.py` compares these types with
public typed stubs.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, TypedDict, overload

RenderMode = Literal[0, 1]
INDIVIDUAL_CLIPS: RenderMode = 0
SINGLE_CLIP: RenderMode = 1
TrackType = Literal["audio", "video", "subtitle"]


class ImportClip(TypedDict):
    """A numbered sequence as ImportMedia takes it: `x_%03d.dng` from StartIndex to EndIndex, both included."""

    FilePath: str
    StartIndex: int
    EndIndex: int


class MediaPoolItem(Protocol):
    """A clip of the media pool."""

    def GetClipProperty(self) -> object:
        """Return all properties; the keys are English, the values localised."""
        ...

    def GetAudioMapping(self) -> str | None:
        """Return the mapping of its audio channels as JSON text."""
        ...


class TimelineItem(Protocol):
    """A clip on a timeline."""

    def GetDuration(self) -> float | None:
        """Return its length in frames of the timeline."""
        ...

    def GetLeftOffset(self) -> float | None:
        """Return how many frames of its clip lie before its start."""
        ...


class Timeline(Protocol):
    """A timeline."""

    def GetItemListInTrack(self, track_type: TrackType, index: int, /) -> Sequence[TimelineItem] | None:
        """Return the clips of one track; tracks count from 1."""
        ...


class Folder(Protocol):
    """A folder of the media pool."""

    def GetName(self) -> str | None:
        """Return its name."""
        ...


class MediaPool(Protocol):
    """The media pool of a project."""

    def GetRootFolder(self) -> Folder | None:
        """Return the folder that holds all others."""
        ...

    def SetCurrentFolder(self, folder: Folder, /) -> bool | None:
        """Make a folder the one that imports go to."""
        ...

    @overload
    def ImportMedia(self, items: list[str], /) -> Sequence[MediaPoolItem] | None: ...

    @overload
    def ImportMedia(self, items: list[ImportClip], /) -> Sequence[MediaPoolItem] | None: ...

    def CreateTimelineFromClips(self, name: str, clips: list[MediaPoolItem], /) -> Timeline | None:
        """Make a timeline of clips that lie in the current folder."""
        ...


class Project(Protocol):
    """A project, open."""

    def GetName(self) -> str | None:
        """Return its name."""
        ...

    def SetName(self, name: str, /) -> bool | None:
        """Name it; also one that was never saved."""
        ...

    def GetMediaPool(self) -> MediaPool | None:
        """Return its media pool."""
        ...

    def GetTimelineCount(self) -> int | None:
        """Return how many timelines it has."""
        ...

    def GetSetting(self, key: str = "", /) -> object:
        """Return a setting; without a key, all of them."""
        ...

    def SetSetting(self, key: str, value: str, /) -> bool | None:
        """Set a setting. True does not prove that it took."""
        ...

    def GetRenderFormats(self) -> Mapping[str, str] | None:
        """Return the identifiers of formats by their display names."""
        ...

    def GetRenderCodecs(self, format_id: str, /) -> Mapping[str, str] | None:
        """Return the identifiers of a format's codecs by their descriptions."""
        ...

    def GetCurrentRenderFormatAndCodec(self) -> object:
        """Return the identifiers that a job would be made with: keys `format` and `codec`."""
        ...

    def SetCurrentRenderFormatAndCodec(self, format_id: str, codec_id: str, /) -> bool | None:
        """Choose format and codec by their identifiers."""
        ...

    def GetRenderPresetList(self) -> Sequence[object] | None:
        """Return the render presets: names, or mappings with their names."""
        ...

    def LoadRenderPreset(self, name: str, /) -> bool | None:
        """Make a preset the state that a job is made of."""
        ...

    def DeleteRenderPreset(self, name: str, /) -> bool | None:
        """Forget a preset."""
        ...

    def SetRenderSettings(self, settings: dict[str, bool | int | float | str], /) -> bool | None:
        """Lay settings over the present state; unknown keys are ignored in silence."""
        ...

    def GetCurrentRenderMode(self) -> int | None:
        """Return the render mode."""
        ...

    def SetCurrentRenderMode(self, mode: RenderMode, /) -> bool | None:
        """Choose individual clips or a single clip."""
        ...

    def AddRenderJob(self) -> str | None:
        """Queue the present state; returns the job's id, empty or None on failure (and, in some builds, on success)."""
        ...

    def GetRenderJobList(self) -> Sequence[object] | None:
        """Return the queue, one mapping for each job."""
        ...

    def DeleteRenderJob(self, job_id: str, /) -> bool | None:
        """Take a job out of the queue."""
        ...

    def StartRendering(self, job_ids: list[str], interactive: bool, /) -> bool | None:
        """Start queued jobs and return at once."""
        ...

    def StopRendering(self) -> None:
        """Stop what is rendering."""
        ...

    def IsRenderingInProgress(self) -> bool | None:
        """Whether anything is rendering."""
        ...

    def GetRenderJobStatus(self, job_id: str, /) -> object:
        """Return status, percentage, time left or taken, and the error of a job. The words are localised."""
        ...


class ProjectManager(Protocol):
    """The projects of the present database."""

    def CreateProject(self, name: str, /) -> Project | None:
        """Make and open a project; None where the name is taken or the open project is in the way."""
        ...

    def LoadProject(self, name: str, /) -> Project | None:
        """Open a project of the present folder."""
        ...

    def GetCurrentProject(self) -> Project | None:
        """Return the open project."""
        ...

    def SaveProject(self) -> bool | None:
        """Save the open project. Without a window it never returns for one that was never saved."""
        ...

    def CloseProject(self, project: Project, /) -> bool | None:
        """Close a project and discard what was not saved."""
        ...

    def DeleteProject(self, name: str, /) -> bool | None:
        """Delete a project that is not open."""
        ...

    def GotoRootFolder(self) -> bool | None:
        """Make the root folder of the database the present one."""
        ...

    def GetProjectListInCurrentFolder(self) -> Sequence[str] | None:
        """Return the names of the projects of the present folder."""
        ...

    def GetCurrentDatabase(self) -> object:
        """Return what database is connected; None where none is."""
        ...


class Resolve(Protocol):
    """The application."""

    def GetProjectManager(self) -> ProjectManager | None:
        """Return the projects."""
        ...

    def GetProductName(self) -> str | None:
        """Return the name of the edition."""
        ...

    def GetVersionString(self) -> str | None:
        """Return the version."""
        ...

    def ImportRenderPreset(self, path: str, /) -> bool | None:
        """Install a preset from a file; its name is the file's stem."""
        ...

    def ExportRenderPreset(self, name: str, path: str, /) -> bool | None:
        """Write a preset to a file."""
        ...

    def Quit(self) -> None:
        """End the application; what was not saved is lost."""
        ...


class NewerResolve(Resolve, Protocol):
    """What only some versions have; asked for only where `dir()` lists it."""

    def IsStudio(self) -> bool | None:
        """Whether this is the Studio edition (21.1)."""
        ...

    def DisableBackgroundTasksForCurrentResolveSession(self) -> None:
        """Stop background work until Resolve ends."""
        ...


class ScriptModule(Protocol):
    """The module `DaVinciResolveScript`."""

    def scriptapp(self, name: str, /) -> NewerResolve | None:
        """Return the running application; None for every reason why it cannot be scripted."""
        ...
