"""Resolve's scripting API in memory: healthy, unless a test forces what a call returns or raises."""

# ruff: noqa: ARG005 what a fake does not need it takes nevertheless

from collections.abc import Callable
from pathlib import Path
from typing import Any

PRODUCT, VERSION = "DaVinci Resolve Studio", "20.3.2.9"
UNTITLED = "Untitled Project"
PROPERTIES = {"Frames": "8", "Start TC": "01:00:00:00", "FPS": 24.0, "Super Scale": 1}
MAPPING = '{"embedded_audio_channels": 2}'


class FakeApi:
    """The module `DaVinciResolveScript`, the application behind it, and what it knows.

    `forced` maps `Method` to what it returns, or to an exception that it raises; the call then does nothing.
    `output` is written into the target directory when a render starts. `polls` are the statuses that it gives, the
    last one for ever, as (rendering, status). `resolve` are the methods that this version of the application has.
    """

    def __init__(self) -> None:
        self.forced: dict[str, Any] = {}
        self.projects: dict[str, dict[str, str]] = {}
        self.open = UNTITLED
        self.presets: dict[str, str] = {}
        self.pair = ("mp4", "H264")
        self.mode = 1
        self.settings: dict[str, Any] = {}
        self.queue: dict[str, dict[str, Any]] = {}
        self.output: tuple[str, bytes] | None = ("proxy.mov", b"moov")
        self.polls: list[tuple[bool, dict[str, Any]]] = [
            (True, {"JobStatus": "Rendering", "CompletionPercentage": 50, "EstimatedTimeRemainingInMs": 1500}),
            (False, {"JobStatus": "Concluso", "CompletionPercentage": 100, "TimeTakenToRenderInMs": 12}),
        ]
        self.stopped = False
        self.resolve = dict(RESOLVE)
        self.project_settings: dict[str, Any] = {"timelineFrameRate": "24"}

    def scriptapp(self, name: str) -> Any:
        return self._answer("scriptapp", lambda: FakeObject(self, self.resolve))

    def answer(self, method: str, does: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        return self._answer(method, lambda: does(self, *arguments))

    def _answer(self, method: str, does: Callable[[], Any]) -> Any:
        if method not in self.forced:
            return does()
        forced = self.forced[method]
        if isinstance(forced, BaseException):
            raise forced
        return forced


class FakeObject:
    """A remote object: any of its methods is there for `dir()` only where its table has it."""

    def __init__(self, api: FakeApi, methods: dict[str, Callable[..., Any]]) -> None:
        self._api = api
        self._methods = methods

    def __getattr__(self, name: str) -> Any:
        does = self._methods.get(name)
        if does is None:
            return None  # calling it is the TypeError of the real one
        return lambda *arguments: self._api.answer(name, does, arguments)

    def __dir__(self) -> list[str]:
        return list(self._methods)


def _create(api: FakeApi, name: str) -> Any:
    if name in api.projects:
        return None
    api.projects[name], api.open = {}, name
    return FakeObject(api, PROJECT)


def _load(api: FakeApi, name: str) -> Any:
    if name not in api.projects:
        return None
    api.open = name
    return FakeObject(api, PROJECT)


def _close(api: FakeApi, project: Any) -> bool:
    api.open = UNTITLED
    return True


def _delete(api: FakeApi, name: str) -> bool:
    return name != api.open and api.projects.pop(name, None) is not None


def _set(api: FakeApi, key: str, value: str) -> bool:
    api.project_settings[key] = value
    return True


def _import_preset(api: FakeApi, path: str) -> bool:
    api.presets[Path(path).stem] = Path(path).read_text()
    return True


def _export_preset(api: FakeApi, name: str, path: str) -> bool:
    Path(path).write_text(api.presets[name])
    return True


def _choose(api: FakeApi, format_id: str, codec_id: str) -> bool:
    api.pair = (format_id, codec_id)
    return True


def _overlay(api: FakeApi, settings: dict[str, Any]) -> bool:
    api.settings = settings
    return True


def _mode(api: FakeApi, mode: int) -> bool:
    api.mode = mode
    return True


def _add_job(api: FakeApi) -> str:
    api.queue["job-1"] = {
        "JobId": "job-1",
        "TargetDir": api.settings["TargetDir"],
        "IsExportVideo": api.settings["ExportVideo"],
        "FormatWidth": api.settings["FormatWidth"],
        "MarkIn": 86400,
        "MarkOut": 86407,
    }
    return "job-1"


def _start(api: FakeApi, ids: list[str], interactive: bool) -> bool:
    if api.output is not None:
        name, content = api.output
        (Path(api.settings["TargetDir"]) / name).write_bytes(content)
    return True


def _stop(api: FakeApi) -> None:
    api.stopped = True


def _rendering(api: FakeApi) -> bool:
    return not api.stopped and api.polls[0][0]


def _status(api: FakeApi, job: str) -> dict[str, Any]:
    return api.polls.pop(0)[1] if len(api.polls) > 1 else api.polls[0][1]


RESOLVE: dict[str, Callable[..., Any]] = {
    "GetProjectManager": lambda api: FakeObject(api, MANAGER),
    "GetProductName": lambda api: PRODUCT,
    "GetVersionString": lambda api: VERSION,
    "ImportRenderPreset": _import_preset,
    "ExportRenderPreset": _export_preset,
    "Quit": lambda api: None,
}
MANAGER: dict[str, Callable[..., Any]] = {
    "CreateProject": _create,
    "LoadProject": _load,
    "GetCurrentProject": lambda api: FakeObject(api, PROJECT),
    "SaveProject": lambda api: True,
    "CloseProject": _close,
    "DeleteProject": _delete,
    "GotoRootFolder": lambda api: True,
    "GetProjectListInCurrentFolder": lambda api: sorted(api.projects),
    "GetCurrentDatabase": lambda api: {"DbType": "Disk", "DbName": "Local Database"},
}
PROJECT: dict[str, Callable[..., Any]] = {
    "GetName": lambda api: api.open,
    "SetName": lambda api, name: False,
    "GetMediaPool": lambda api: FakeObject(api, POOL),
    "GetTimelineCount": lambda api: 0,
    "GetSetting": lambda api, key="": api.project_settings.get(key) if key else dict(api.project_settings),
    "SetSetting": _set,
    "GetRenderFormats": lambda api: {"QuickTime": "mov", "Wave": "wav"},
    "GetRenderCodecs": lambda api, name: {"DNxHR LB": "DNxHRLB"} if name == "mov" else {},
    "GetCurrentRenderFormatAndCodec": lambda api: {"format": api.pair[0], "codec": api.pair[1]},
    "SetCurrentRenderFormatAndCodec": _choose,
    "GetRenderPresetList": lambda api: [{"RenderPresetName": "H.264 Master"}, *api.presets],
    "LoadRenderPreset": lambda api, name: name in api.presets,
    "DeleteRenderPreset": lambda api, name: api.presets.pop(name, None) is not None,
    "SetRenderSettings": _overlay,
    "GetCurrentRenderMode": lambda api: api.mode,
    "SetCurrentRenderMode": _mode,
    "AddRenderJob": _add_job,
    "GetRenderJobList": lambda api: list(api.queue.values()),
    "DeleteRenderJob": lambda api, job: api.queue.pop(job, None) is not None,
    "StartRendering": _start,
    "StopRendering": _stop,
    "IsRenderingInProgress": _rendering,
    "GetRenderJobStatus": _status,
}
POOL: dict[str, Callable[..., Any]] = {
    "GetRootFolder": lambda api: FakeObject(api, {"GetName": lambda api: "Master"}),
    "SetCurrentFolder": lambda api, folder: True,
    "ImportMedia": lambda api, items: [FakeObject(api, CLIP)],
    "CreateTimelineFromClips": lambda api, name, clips: FakeObject(api, TIMELINE),
}
CLIP: dict[str, Callable[..., Any]] = {
    "GetClipProperty": lambda api: dict(PROPERTIES),
    "GetAudioMapping": lambda api: MAPPING,
}
TIMELINE: dict[str, Callable[..., Any]] = {
    "GetItemListInTrack": lambda api, kind, index: [FakeObject(api, ITEM)],
}
ITEM: dict[str, Callable[..., Any]] = {"GetDuration": lambda api: 8, "GetLeftOffset": lambda api: 0}
