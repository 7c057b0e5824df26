"""What the `[render]` table of a Resolve profile may say, checked whole: when a profile is read and when it is planned.

The table is flat text: what Resolve is told by name (`preset`, `format`, `codec`), keys of SetRenderSettings, and keys
of the project with `project.` before them. A key that Resolve would ignore in silence is refused by name.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from proxx.core.project_settings import PROJECT_SETTINGS, project_setting_problem
from proxx.core.quoting import quote
from proxx.core.render_codecs import RENDER_CODECS, SOUND_CODECS, pair_problem
from proxx.core.render_settings import RENDER_SETTINGS, RenderSettingError, typed_value
from proxx.core.setting_rule import SettingRule, SettingWriter

PROJECT = "project."
"""How the keys of project settings begin."""

OWN_KEYS = ("preset", "preset_sha256", "format", "codec", "mode", "timecode")
"""The keys that are Proxx's own, all required."""

INDIVIDUAL_CLIPS, SOURCE_TIMECODE = "individual_clips", "source"

_REQUIRED = (
    *OWN_KEYS,
    *("VideoQuality", "AudioCodec", "AudioBitDepth", "AudioSampleRate"),
    f"{PROJECT}colorScienceMode",
)
_SAMPLE_RATE = "48000"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ONLY_WITH = {"EncodingProfile": ("H264", "H265"), "MultiPassEncode": ("H264",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderProblem:
    """One thing that is wrong: the key, and a sentence about it."""

    key: str
    sentence: str


def render_problems(*, render: Mapping[str, str], codec: str, containers: tuple[str, ...]) -> tuple[RenderProblem, ...]:
    """Return everything that is wrong with the table of a profile that makes `codec` in `containers`; sorted by key."""
    problems = [
        *_missing(render),
        *_own(render),
        *_pair(render, codec, containers),
        *(problem for key, value in render.items() for problem in _setting(key, value, render.get("codec", ""))),
        *_sound(render),
    ]
    return tuple(sorted(problems, key=lambda problem: problem.key))


def _missing(render: Mapping[str, str]) -> Iterator[RenderProblem]:
    for key in _REQUIRED:
        if key not in render:
            yield RenderProblem(key=key, sentence="required key is missing")


def _own(render: Mapping[str, str]) -> Iterator[RenderProblem]:
    rules = (
        ("preset", _NAME, "1 to 64 of a-z 0-9 _ - (first a letter or digit)"),
        ("preset_sha256", _SHA256, "64 hex digits in lower case"),
        ("mode", re.compile(INDIVIDUAL_CLIPS), f"{INDIVIDUAL_CLIPS}, where each clip keeps its own rate and timecode"),
        ("timecode", re.compile(SOURCE_TIMECODE), f"{SOURCE_TIMECODE}, which is what individual clips keep"),
    )
    for key, rule, words in rules:
        if key in render and not rule.fullmatch(render[key]):
            yield RenderProblem(key=key, sentence=f"expected {words}; got {quote(text=render[key])}")


def _pair(render: Mapping[str, str], codec: str, containers: tuple[str, ...]) -> Iterator[RenderProblem]:
    if "format" not in render or "codec" not in render:
        return
    format_id, codec_id = render["format"], render["codec"]
    problem = pair_problem(format_id=format_id, codec_id=codec_id)
    if problem:
        yield RenderProblem(key="codec", sentence=problem)
        return
    pair = RENDER_CODECS[format_id, codec_id]
    if codec and codec not in pair.words:
        sentence = f"{codec_id} makes {' or '.join(pair.words)}, and the profile's codec is {quote(text=codec)}"
        yield RenderProblem(key="codec", sentence=sentence)
    if containers and containers != (pair.container,):
        sentence = f"makes {pair.container} alone, and the profile's containers are {', '.join(containers)}"
        yield RenderProblem(key="format", sentence=f"{format_id} {sentence}")


def _setting(key: str, value: str, codec_id: str) -> Iterator[RenderProblem]:
    if key in OWN_KEYS:
        return
    if key.startswith(PROJECT):
        name = key.removeprefix(PROJECT)
        problem = project_setting_problem(key=name, value=value) or _not_a_profiles(PROJECT_SETTINGS.get(name))
        if problem:
            yield RenderProblem(key=key, sentence=problem)
        return
    rule = RENDER_SETTINGS.get(key)
    if rule is None:
        yield RenderProblem(key=key, sentence="is no key of SetRenderSettings; Resolve would ignore it without a word")
        return
    if problem := _not_a_profiles(rule):
        yield RenderProblem(key=key, sentence=problem)
        return
    try:
        typed_value(key=key, value=value)
    except RenderSettingError as error:
        yield RenderProblem(key=key, sentence=str(error).removeprefix(f"{key}: "))
    needs = _ONLY_WITH.get(key)
    if needs is not None and codec_id not in needs:
        yield RenderProblem(key=key, sentence=f"is for {' and '.join(needs)}; Resolve ignores it for other codecs")


def _not_a_profiles(rule: SettingRule | None) -> str:
    if rule is None or rule.writer is SettingWriter.PROFILE:
        return ""
    who = {
        SettingWriter.PLANNER: "is written by the planner alone",
        SettingWriter.HOST: "is written by the executor alone",
        SettingWriter.NOBODY: "is never written",
    }[rule.writer]
    return f"{who}: {rule.why}"


def _sound(render: Mapping[str, str]) -> Iterator[RenderProblem]:
    if "AudioCodec" in render and "AudioBitDepth" in render:
        found = (render["AudioCodec"], render["AudioBitDepth"])
        if found not in SOUND_CODECS:
            known = ", ".join(f"{codec} with {bits} bits" for codec, bits in SOUND_CODECS)
            actual = f"{quote(text=found[0])} with {quote(text=found[1])} bits"
            yield RenderProblem(key="AudioCodec", sentence=f"expected {known}; got {actual}")
    if render.get("AudioSampleRate", _SAMPLE_RATE) != _SAMPLE_RATE:
        got = quote(text=render["AudioSampleRate"])
        yield RenderProblem(key="AudioSampleRate", sentence=f"expected {_SAMPLE_RATE}, got {got}")
