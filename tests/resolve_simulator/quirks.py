"""The switches of the simulator: what a DaVinci Resolve may do that its documentation does not promise.

Source: the reference on Resolve scripting, sections 1 to 10, and section 12, which lists them.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

FILE_NAME = "quirks.json"


CHOICES: Mapping[str, tuple[str, ...]] = {
    "platform": ("linux", "darwin", "windows"),
    "edition": ("studio", "free"),
    "language": ("en", "ja", "it"),
    "scripting": ("local", "network", "none"),
    "dead_call": ("none", "hang"),
    "create_blocked_by": ("none", "untitled", "dirty"),
    "preset_list": ("names", "dicts"),
    "percentage": ("int", "float"),
    "output": (
        "right",
        "missing",
        "short",
        "wrong_timecode",
        "no_timecode",
        "no_audio",
        "fewer_channels",
        "no_video",
        "other_name",
        "two_files",
        "zero_length",
        "truncated",
        "wrong_raster",
        "wrong_rate",
        "wrong_codec",
        "subfolder",
        "slate",
        "black",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """Every switch, at rest by default: a healthy Studio of one version on one platform.

    Calls are named `Method` or `Class.Method`, with `#n` for the n-th call of that name alone.
    Paths of media match by the end of their text. Seconds are real seconds, percentages 0 to 100.
    """

    # The host: which Resolve this is.
    platform: str = "linux"  # linux, darwin, windows: which codecs it lists
    version: str = "21.0.4.5"
    edition: str = "studio"  # or free: gated calls give False, and a modal breaks the calls after it
    gated_calls: tuple[str, ...] = ("AddRenderJob",)  # what the free edition refuses
    language: str = "en"  # en, ja, it: JobStatus and some clip values are in the language of the user

    # Loading the module, and the listener.
    import_blocks: bool = False
    import_raises: bool = False  # a loader that needs `imp`, with a Python that has none
    import_crashes: bool = False  # a wrong Python: the process ends by a signal
    scriptapp_none: bool = False
    scriptapp_hangs: bool = False
    scripting: str = "local"  # local, network, none: the preference "External scripting using"
    dead_call: str = "none"  # what a call on a Resolve that is gone does: none, hang

    # Starting and stopping.
    start_seconds: float = 0.0  # until the listener is open
    ready_seconds: float = 0.0  # after that, until there is a database
    start_after_kill_seconds: float = 0.0  # added to start_seconds where the last one did not quit
    start_hangs: bool = False  # a process that never opens its listener
    start_exits: int | None = None  # it ends at once, with this exit code
    wedged: bool = False
    wedged_starts: int = 0  # the first n starts of this installation come up wedged
    wedge_after_kill: bool = False  # the first start after a kill comes up wedged
    client_death_wedges: bool = False  # a client that goes while a render runs leaves it wedged
    quit_seconds: float = 0.05
    quit_ignored: bool = False

    # Any call.
    hang_calls: tuple[str, ...] = ()  # never returns, nor does any call after it
    crash_calls: tuple[str, ...] = ()  # the process is gone
    none_calls: tuple[str, ...] = ()  # works, and returns None
    forced: Mapping[str, Any] = field(default_factory=dict)  # does nothing, and returns this value
    delays: Mapping[str, float] = field(default_factory=dict)
    log_calls: bool = True

    # Projects.
    create_blocked_by: str = "none"  # none, untitled, dirty: which current project makes CreateProject give None
    delete_twice: bool = False  # the first DeleteProject of a name gives False
    save_untitled_hangs: bool = True  # headless only; with a user interface it gives False
    settings_without_effect: tuple[str, ...] = ()  # SetSetting gives True and changes nothing
    settings_refused: tuple[str, ...] = ()
    portrait_refused: bool = False
    project_settings: Mapping[str, str] = field(default_factory=dict)  # the operator's default preset

    # Media and timelines.
    unreadable: tuple[str, ...] = ()
    clip_properties: Mapping[str, str] = field(default_factory=dict)  # over what the media says
    import_prompts: bool = False  # media at another rate than the project asks, and headless that hangs
    individual_frames: bool = False  # "Show Individual Frames": a sequence is not grouped
    frames_short: int = 0  # the timeline item is this much shorter than its clip
    left_offset: int = 0
    reel_name_dropped: bool = False

    # Render formats, presets and settings.
    formats_without_codecs: tuple[str, ...] = ()
    codecs_missing: tuple[str, ...] = ()  # "mov/ProRes422P"
    codecs_refused: tuple[str, ...] = ()  # listed, and refused when selected
    codecs_added: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # format id: {description: codec id}
    preset_list: str = "names"  # or dicts
    preset_altered: Mapping[str, str] = field(default_factory=dict)  # fields of an imported preset that differ
    preset_kept: bool = False  # importing over a name gives True and keeps the old one
    sticky_preset: str = ""  # a built-in preset that an earlier user left selected, such as "Audio Only"
    source_name_wins: bool = False  # individual clips keep the source's name though CustomName was given
    job_values: Mapping[str, Any] = field(default_factory=dict)  # over what a queued job shows

    # Rendering.
    render_seconds: float = 0.0
    percentage: str = "int"  # or float
    final_status_missing: bool = False  # 100 % and "Rendering", for ever, while nothing renders
    in_progress_stays: bool = False  # IsRenderingInProgress stays True after the end
    fails_at: int | None = None
    fail_error: str = "The clip could not be rendered: media offline"
    stalls_at: int | None = None
    waits_forever: bool = False
    dies_at: int | None = None
    licence_lost_at: int | None = None  # the render fails, and from then on it is the free edition
    licence_modal: bool = False  # and a modal is open at once
    cancelled_at: int | None = None  # somebody else stops it
    stop_ignored: bool = False
    start_ignored: bool = False  # StartRendering gives True, and nothing starts

    # What lies on disk afterwards.
    output: str = "right"
    output_delta: int = -1  # frames, where output is `short`
    output_timecode: str = "00:00:00:00"  # where output is `wrong_timecode`
    disk_full: bool = False  # the render fails with a message, and half a file stays

    def __post_init__(self) -> None:
        """Refuse a value that no part of the simulator knows: it would do nothing."""
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                raise ValueError(f"{name}: expected one of {', '.join(known)}, got {getattr(self, name)!r}")

    def text(self) -> str:
        """Return it as quirks.json has it: only what is not at rest."""
        rest = asdict(Quirks())
        return json.dumps({name: value for name, value in asdict(self).items() if value != rest[name]}, sort_keys=True)


def parse_quirks(text: str) -> Quirks:
    """Return the switches that `text` sets, the others at rest.

    Raises:
        ValueError: not an object, a name that is no switch, or a value that a switch does not have.
    """
    raw = json.loads(text)
    if not isinstance(raw, dict):
        raise ValueError(f"quirks: expected an object, got {type(raw).__name__}")
    known = {each.name for each in fields(Quirks)}
    if unknown := sorted(set(raw) - known):
        raise ValueError(f"quirks: no such switch: {', '.join(unknown)}")
    values: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in raw.items()}
    return Quirks(**values)


def read_quirks(root: Path) -> Quirks:
    """Return the switches of the installation at `root`; at rest where it has no file of them."""
    path = root / FILE_NAME
    return parse_quirks(path.read_text(encoding="utf-8")) if path.exists() else Quirks()
