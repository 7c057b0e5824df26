"""What was seen of one real DaVinci Resolve, as a file: `doctor` writes it, the simulator of the tests loads it.

The file is one JSON object, UTF-8, keys sorted. Every member is named and checked; an unknown one is refused, so a file
of another version is never half understood. Dictionaries that Resolve gave are kept word for word, with its own types.
Source: the reference on Resolve scripting, section 12, "Probe on the first real host".
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SCHEMA_VERSION = 1
PLATFORMS = ("darwin", "linux", "windows")


class HostFixtureError(ValueError):
    """The text is no host fixture. The message names the member, what was expected and what is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipDump:
    """One imported clip. `label` says what camera and format it is, in the recorder's words."""

    label: str
    properties: Mapping[str, object]
    audio_mapping: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFixture:
    """One host.

    `version` is GetVersionString, `product` GetProductName, `python` the version that loaded the module. `formats` is
    {display name: format id}, `codecs` {format id: {description: codec id}}. `project_settings` is GetSetting() of a
    new project. `render_presets` is GetRenderPresetList as it came: names, or dictionaries. `jobs` is
    GetRenderJobList with one job queued, `statuses` every different GetRenderJobStatus of one render, in order.
    `returns` says what calls returned that worked ("SetRenderSettings": True or None). `probes` holds the answers to
    the other questions of section 12, by name, as text ("nogui_without_display": "ready after 9.1 s").
    """

    recorded_time: str
    platform: str
    product: str
    version: str
    python: str
    formats: Mapping[str, str]
    codecs: Mapping[str, Mapping[str, str]]
    project_settings: Mapping[str, object]
    clips: tuple[ClipDump, ...] = ()
    render_presets: tuple[object, ...] = ()
    jobs: tuple[Mapping[str, object], ...] = ()
    statuses: tuple[Mapping[str, object], ...] = ()
    returns: Mapping[str, object] = field(default_factory=dict)
    probes: Mapping[str, str] = field(default_factory=dict)


def fixture_text(*, fixture: HostFixture) -> str:
    """Return the file of a fixture."""
    return json.dumps({"schema_version": SCHEMA_VERSION, **asdict(fixture)}, indent=2, sort_keys=True) + "\n"


def write_fixture(*, path: Path, fixture: HostFixture) -> None:
    """Write the file. Raises OSError where it cannot be written."""
    path.write_text(fixture_text(fixture=fixture), encoding="utf-8")


def read_fixture(*, path: Path) -> HostFixture:
    """Return what a file says.

    Raises:
        HostFixtureError: it is no fixture of this version.
        OSError: it cannot be read.
    """
    return parse_fixture(text=path.read_text(encoding="utf-8"))


def parse_fixture(*, text: str) -> HostFixture:
    """Return what the text of a file says.

    Raises:
        HostFixtureError: it is no fixture of this version.
    """
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HostFixtureError(f"host fixture: not JSON: {error}") from error
    members = _object(raw, "the file")
    version = members.pop("schema_version", None)
    if version != SCHEMA_VERSION:
        raise HostFixtureError(f"host fixture: schema_version: expected {SCHEMA_VERSION}, got {version!r:.40}")
    readers = _READERS
    if unknown := sorted(set(members) - set(readers)):
        raise HostFixtureError(f"host fixture: unknown members: {', '.join(unknown)}")
    if absent := sorted(_REQUIRED - set(members)):
        raise HostFixtureError(f"host fixture: absent members: {', '.join(absent)}")
    fixture = HostFixture(**{name: readers[name](value, name) for name, value in members.items()})
    if fixture.platform not in PLATFORMS:
        raise HostFixtureError(f"host fixture: platform: expected one of {', '.join(PLATFORMS)}")
    return fixture


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise HostFixtureError(f"host fixture: {name}: expected an object, got {type(value).__name__}")
    return dict(value)


def _list(value: object, name: str) -> list[object]:
    if not isinstance(value, list):
        raise HostFixtureError(f"host fixture: {name}: expected an array, got {type(value).__name__}")
    return value


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise HostFixtureError(f"host fixture: {name}: expected a string, got {type(value).__name__}")
    return value


def _texts(value: object, name: str) -> dict[str, str]:
    return {key: _text(each, f"{name}.{key}") for key, each in _object(value, name).items()}


def _codecs(value: object, name: str) -> dict[str, dict[str, str]]:
    return {key: _texts(each, f"{name}.{key}") for key, each in _object(value, name).items()}


def _objects(value: object, name: str) -> tuple[dict[str, Any], ...]:
    return tuple(_object(each, f"{name}[{index}]") for index, each in enumerate(_list(value, name)))


def _clips(value: object, name: str) -> tuple[ClipDump, ...]:
    dumps = []
    for index, members in enumerate(_objects(value, name)):
        place = f"{name}[{index}]"
        if set(members) != {"label", "properties", "audio_mapping"}:
            raise HostFixtureError(f"host fixture: {place}: expected label, properties and audio_mapping")
        dumps.append(
            ClipDump(
                label=_text(members["label"], f"{place}.label"),
                properties=_object(members["properties"], f"{place}.properties"),
                audio_mapping=_text(members["audio_mapping"], f"{place}.audio_mapping"),
            )
        )
    return tuple(dumps)


_READERS: dict[str, Callable[[object, str], Any]] = {
    "recorded_time": _text,
    "platform": _text,
    "product": _text,
    "version": _text,
    "python": _text,
    "formats": _texts,
    "codecs": _codecs,
    "project_settings": _object,
    "clips": _clips,
    "render_presets": lambda value, name: tuple(_list(value, name)),
    "jobs": _objects,
    "statuses": _objects,
    "returns": _object,
    "probes": _texts,
}
_REQUIRED = frozenset(
    {"recorded_time", "platform", "product", "version", "python", "formats", "codecs", "project_settings"}
)
