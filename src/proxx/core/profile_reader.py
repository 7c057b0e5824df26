"""Profile files, strictly read: every unknown, missing or wrong key is named, nothing is coerced or defaulted."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction

from proxx.core.canonical import digest
from proxx.core.detection import Engine
from proxx.core.media_table import (
    ANY_RASTER,
    CODEC_CONTAINERS,
    CODECS,
    CONTAINERS,
    RESOLUTION_RULE,
    resolution_is_legal,
)
from proxx.core.plain import to_plain
from proxx.core.planner.codec_rules import AUDIO_ENCODERS, BYTES_PER_PIXEL
from proxx.core.profile import AudioRecipe, Fit, Profile
from proxx.core.quoting import describe, quote

NO_TIMEOUT = "none"
"""What `timeout_seconds` says when only the watchdog ends a run."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.ASCII)
_RATE = re.compile(r"[1-9][0-9]{0,8}/[1-9][0-9]{0,8}", re.ASCII)
_OPTION = re.compile(r"-[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
_PLANNER_OPTIONS = frozenset(
    [
        "-i",
        "-f",
        "-c",
        "-c:v",
        "-codec",
        "-vcodec",
        "-vf",
        "-filter",
        "-filter:v",
        "-filter_complex",
        "-map",
        "-threads",
        "-threads:v",
        "-r",
        "-s",
        "-aspect",
        "-pix_fmt",
        "-timecode",
        "-metadata",
        "-vsync",
        "-fps_mode",
        "-frames",
        "-frames:v",
        "-t",
        "-ss",
        "-to",
        "-y",
        "-n",
        "-progress",
        "-loglevel",
        "-v",
    ]
)
_COMMON = [
    "name",
    "version",
    "description",
    "engine",
    "codec",
    "codec_aliases",
    "containers",
    "resolutions",
    "default_resolution",
    "fit",
    "frame_rates",
    "intra_only",
    "timeout_seconds",
    "stall_seconds",
]
_BY_ENGINE = {
    Engine.FFMPEG: ("encoder", "pixel_format", "arguments", "threads", "audio"),
    Engine.RESOLVE: ("render",),
}
_AUDIO_KEYS = ("containers", "codec", "arguments", "sample_rate")


class ProfileError(ValueError):
    """A profile file that cannot be used. `problems` are sentences, each naming the file and the key."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Keep the sentences; the text of the error is all of them, one a line."""
        super().__init__("\n".join(problems))
        self.problems = problems


def read_profile(*, text: str, origin: str) -> Profile:
    """Return the profile that a TOML text holds. `origin` is the file's name, for messages.

    Raises:
        ProfileError: the text is not TOML, or keys are unknown, missing, of the wrong type or of an illegal value;
            everything that is wrong is listed at once.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError((f"{origin}: not TOML: {error}",)) from error
    reader = _Reader(origin=origin, table=table)
    profile = reader.profile()
    reader.raise_problems()
    return replace(profile, digest=profile_digest(profile))


def profile_digest(profile: Profile) -> str:
    """Return the digest over every field but the digest itself."""
    plain = to_plain(profile)
    del plain["digest"]
    return digest(plain)


@dataclass
class _Reader:
    """Reads one table and collects problems; what it returns is used only when there are none."""

    origin: str
    table: Mapping[str, object]

    def __post_init__(self) -> None:
        self.problems: list[str] = []

    def raise_problems(self) -> None:
        if self.problems:
            raise ProfileError(tuple(self.problems))

    def problem(self, key: str, sentence: str) -> None:
        self.problems.append(f"{self.origin}: {key}: {sentence}")

    def profile(self) -> Profile:
        engine = self.engine()
        self.check_keys(self.table, (*_COMMON, *_BY_ENGINE[engine]), prefix="")
        codec = self.word("codec", CODECS)
        profile = Profile(
            name=self.name(),
            version=self.count("version", least=1),
            description=self.text("description"),
            engine=engine,
            codec=codec,
            codec_aliases=self.words("codec_aliases", CODECS, least=0),
            containers=self.words("containers", CODEC_CONTAINERS.get(codec, CONTAINERS), least=1),
            resolutions=self.resolutions(),
            default_resolution=self.default_resolution(),
            fit=Fit(self.word("fit", tuple(fit.value for fit in Fit)) or Fit.SCALE.value),
            frame_rates=self.frame_rates(),
            encoder=self.text("encoder"),
            pixel_format=self.word("pixel_format", tuple(BYTES_PER_PIXEL)) if engine is Engine.FFMPEG else "",
            arguments=self.arguments("arguments", self.table),
            threads=self.count("threads", least=1),
            intra_only=self.flag("intra_only"),
            audio=self.audio(),
            timeout_seconds=self.timeout(),
            stall_seconds=self.count("stall_seconds", least=1),
            render=self.render(),
            digest="",
        )
        if engine is Engine.FFMPEG:
            self.check_audio(profile)
            return profile
        return replace(profile, threads=0)

    def engine(self) -> Engine:
        value = self.table.get("engine")
        for engine in Engine:
            if value == engine.value:
                return engine
        if "engine" in self.table:
            self.problem("engine", f"expected ffmpeg or resolve, got {describe(value=value)}")
        return Engine.FFMPEG

    def check_keys(self, table: Mapping[str, object], legal: tuple[str, ...], *, prefix: str) -> None:
        for key in sorted(set(table) - set(legal)):
            other = " for this engine" if key in {field.name for field in fields(Profile)} - {"digest"} else ""
            self.problem(f"{prefix}{key if key.isidentifier() else quote(text=key)}", f"unknown key{other}")
        for key in legal:
            if key not in table:
                self.problem(f"{prefix}{key}", "required key is missing")

    def typed(self, key: str, kind: type, what: str, table: Mapping[str, object] | None = None) -> object:
        table = self.table if table is None else table
        value = table.get(key)
        if key not in table or (isinstance(value, kind) and not (kind is int and isinstance(value, bool))):
            return value
        self.problem(key, f"expected {what}, got {describe(value=value)}")
        return None

    def text(self, key: str, table: Mapping[str, object] | None = None) -> str:
        value = self.typed(key, str, "a string", table)
        if value == "":
            self.problem(key, "must not be empty")
        return value if isinstance(value, str) else ""

    def flag(self, key: str) -> bool:
        return self.typed(key, bool, "true or false") is True

    def count(self, key: str, *, least: int, table: Mapping[str, object] | None = None) -> int:
        value = self.typed(key, int, "a whole number", table)
        if isinstance(value, int) and value < least:
            self.problem(key, f"expected at least {least}, got {value}")
        return value if isinstance(value, int) else least

    def name(self) -> str:
        name = self.text("name")
        if name and not _NAME.fullmatch(name):
            self.problem("name", f"expected 1 to 64 of a-z 0-9 _ . - (first a letter or digit), got {quote(text=name)}")
        return name

    def word(self, key: str, legal: tuple[str, ...]) -> str:
        value = self.text(key)
        if value and value not in legal:
            self.problem(key, f"expected one of {', '.join(legal)}, got {quote(text=value)}")
            return ""
        return value

    def texts(self, key: str, table: Mapping[str, object] | None = None) -> tuple[str, ...]:
        value = self.typed(key, list, "a list of strings", table)
        if not isinstance(value, list):
            return ()
        for item in value:
            if not isinstance(item, str):
                self.problem(key, f"expected a list of strings, found {describe(value=item)}")
        return tuple(item for item in value if isinstance(item, str))

    def words(
        self, key: str, legal: tuple[str, ...], *, least: int, table: Mapping[str, object] | None = None
    ) -> tuple[str, ...]:
        words = self.texts(key, table)
        for word in words:
            if word not in legal:
                self.problem(key, f"expected words of {', '.join(legal)}, got {quote(text=word)}")
        self.check_distinct(key, words)
        if len(words) < least and key in (self.table if table is None else table):
            self.problem(key, "must not be empty")
        return words

    def check_distinct(self, key: str, words: tuple[str, ...]) -> None:
        for word in sorted({word for word in words if words.count(word) > 1}):
            self.problem(key, f"names {quote(text=word)} twice")

    def resolutions(self) -> tuple[str, ...]:
        words = self.texts("resolutions")
        for word in words:
            if word != ANY_RASTER and not resolution_is_legal(resolution=word):
                self.problem("resolutions", f"expected {ANY_RASTER}, {RESOLUTION_RULE}; got {quote(text=word)}")
        self.check_distinct("resolutions", words)
        if not words and "resolutions" in self.table:
            self.problem("resolutions", "must not be empty")
        return words

    def default_resolution(self) -> str:
        word = self.text("default_resolution")
        permitted = self.table.get("resolutions")
        if word and isinstance(permitted, list) and word not in permitted and ANY_RASTER not in permitted:
            self.problem("default_resolution", f"{quote(text=word)} is not among the profile's resolutions")
        if word and not resolution_is_legal(resolution=word):
            self.problem("default_resolution", f"expected {RESOLUTION_RULE}; got {quote(text=word)}")
        return word

    def frame_rates(self) -> tuple[Fraction, ...]:
        words = self.texts("frame_rates")
        for word in words:
            if not _RATE.fullmatch(word):
                self.problem("frame_rates", f'expected rates like "24000/1001" or "25/1", got {quote(text=word)}')
        self.check_distinct("frame_rates", words)
        return tuple(Fraction(word) for word in words if _RATE.fullmatch(word))

    def arguments(self, key: str, table: Mapping[str, object]) -> tuple[str, ...]:
        words = self.texts(key, table)
        if len(words) % 2:
            self.problem(key, f"expected pairs of option and value, got {len(words)} strings")
        for option in words[::2]:
            if not _OPTION.fullmatch(option.partition(":")[0]):
                self.problem(key, f"expected an option like -crf, got {quote(text=option)}")
            if option in _PLANNER_OPTIONS:
                self.problem(key, f"{quote(text=option)} is written by the planner alone")
        return words

    def timeout(self) -> int | None:
        value = self.table.get("timeout_seconds")
        if value == NO_TIMEOUT or "timeout_seconds" not in self.table:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
        self.problem(
            "timeout_seconds", f'expected a whole number above 0, or "{NO_TIMEOUT}"; got {describe(value=value)}'
        )
        return None

    def audio(self) -> tuple[AudioRecipe, ...]:
        value = self.typed("audio", list, "a list of tables")
        recipes = []
        for number, item in enumerate(value if isinstance(value, list) else ()):
            if not isinstance(item, Mapping):
                self.problem(f"audio[{number}]", f"expected a table, got {describe(value=item)}")
                continue
            inner = _Reader(origin=f"{self.origin}: audio[{number}]", table=item)
            inner.check_keys(item, _AUDIO_KEYS, prefix="")
            recipes.append(
                AudioRecipe(
                    containers=inner.words("containers", CONTAINERS, least=1),
                    codec=inner.word("codec", tuple(AUDIO_ENCODERS)),
                    arguments=inner.arguments("arguments", item),
                    sample_rate=inner.count("sample_rate", least=8000),
                )
            )
            self.problems += inner.problems
        return tuple(recipes)

    def check_audio(self, profile: Profile) -> None:
        for container in profile.containers:
            serving = sum(container in recipe.containers for recipe in profile.audio)
            if serving != 1:
                self.problem("audio", f"exactly one recipe must serve {container}, found {serving}")

    def render(self) -> dict[str, str]:
        value = self.typed("render", dict, "a table of strings")
        settings = value if isinstance(value, dict) else {}
        for key, item in settings.items():
            if not isinstance(item, str):
                self.problem(f"render.{key}", f"expected a string, got {describe(value=item)}")
        return {key: item for key, item in sorted(settings.items()) if isinstance(item, str)}
