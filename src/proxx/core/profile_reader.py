"""Profile files, strictly read: every unknown, missing or wrong key is named, nothing is coerced or defaulted."""

import re
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from fractions import Fraction

from proxx.core.asset_files import AssetFiles
from proxx.core.canonical import digest
from proxx.core.detection import Engine
from proxx.core.look_reader import read_look
from proxx.core.media_table import (
    ANY_RASTER,
    CODEC_CONTAINERS,
    CODECS,
    CONTAINERS,
    RESOLUTION_RULE,
    resolution_is_legal,
)
from proxx.core.picture_checks_reader import read_picture_checks
from proxx.core.plain import to_plain
from proxx.core.planner.codec_rules import AUDIO_ENCODERS, BYTES_PER_PIXEL
from proxx.core.profile import AudioRecipe, Fit, Interlaced, Profile, Tracks, VariableRate
from proxx.core.quoting import describe, quote
from proxx.core.render_rules import PROJECT, render_problems
from proxx.core.table_reader import TableReader

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
        "-top",
        "-field_order",
        "-x264opts",
        "-flags",
        "-flags:v",
        "-flags:a",
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
    Engine.FFMPEG: (
        "variable_rate",
        "interlaced",
        "encoder",
        "pixel_format",
        "arguments",
        "threads",
        "witness",
        "audio",
    ),
    Engine.RESOLVE: ("render",),
}
_OPTIONAL = {Engine.FFMPEG: ("look", "picture_checks"), Engine.RESOLVE: ()}
_AUDIO_KEYS = ("containers", "codec", "arguments", "sample_rate", "tracks")


def read_profile(*, table: Mapping[str, object], origin: str, assets: AssetFiles) -> Profile:
    """Return the profile that a TOML table holds. `origin` is the file's name, `assets` the files that it may name.

    Raises:
        ProfileError: keys are unknown, missing, of the wrong type or of an illegal value, or a file of the look cannot
            be used; everything that is wrong is listed at once.
    """
    reader = ProfileReader(origin=origin, table=table)
    profile = reader.profile(assets)
    reader.raise_problems()
    return replace(profile, digest=profile_digest(profile))


def profile_digest(profile: Profile) -> str:
    """Return the digest over every field but the digest itself."""
    plain = to_plain(profile)
    del plain["digest"]
    return digest(plain)


class ProfileReader(TableReader):
    """Reads the table of one profile."""

    def known_elsewhere(self) -> Collection[str]:
        """Return what a profile of another engine, or a variant, may say."""
        return {field.name for field in fields(Profile)} - {"digest"}

    def profile(self, assets: AssetFiles) -> Profile:
        """Return the profile, without its digest."""
        engine = self.engine()
        self.check_keys((*_COMMON, *_BY_ENGINE[engine]), optional=_OPTIONAL[engine], elsewhere=" for this engine")
        codec = self.word("codec", CODECS)
        pixel_format = self.word("pixel_format", tuple(BYTES_PER_PIXEL)) if engine is Engine.FFMPEG else ""
        profile = Profile(
            name=self.name(),
            version=self.count("version", least=1),
            description=self.text("description"),
            variant_of="",
            variant="",
            engine=engine,
            codec=codec,
            codec_aliases=self.words("codec_aliases", CODECS, least=0),
            containers=self.words("containers", CODEC_CONTAINERS.get(codec, CONTAINERS), least=1),
            resolutions=self.resolutions(),
            default_resolution=self.default_resolution(),
            fit=Fit(self.choice("fit", Fit.SCALE)),
            frame_rates=self.frame_rates(),
            variable_rate=VariableRate(self.choice("variable_rate", VariableRate.KEEP)),
            interlaced=Interlaced(self.choice("interlaced", Interlaced.KEEP)),
            encoder=self.text("encoder"),
            pixel_format=pixel_format,
            arguments=self.arguments(),
            threads=self.count("threads", least=1),
            intra_only=self.flag("intra_only"),
            audio=self.audio(),
            look=read_look(table=self, assets=assets, pixel_format=pixel_format) if engine is Engine.FFMPEG else None,
            witness=self.flag("witness"),
            picture_checks=read_picture_checks(table=self) if engine is Engine.FFMPEG else None,
            timeout_seconds=self.timeout(),
            stall_seconds=self.count("stall_seconds", least=1),
            render=self.render(),
            digest="",
        )
        if engine is Engine.FFMPEG:
            self.check_audio(profile)
            return profile
        if "render" in self.table:
            self.check_render(profile)
        return replace(profile, threads=0)

    def engine(self) -> Engine:
        """Return the engine; FFmpeg, and a problem, where it is not named."""
        value = self.table.get("engine")
        for engine in Engine:
            if value == engine.value:
                return engine
        if "engine" in self.table:
            self.problem("engine", f"expected ffmpeg or resolve, got {describe(value=value)}")
        return Engine.FFMPEG

    def name(self, key: str = "name") -> str:
        """Return a name as profiles and variants have it."""
        name = self.text(key)
        if name and not _NAME.fullmatch(name):
            self.problem(key, f"expected 1 to 64 of a-z 0-9 _ . - (first a letter or digit), got {quote(text=name)}")
        return name

    def resolutions(self) -> tuple[str, ...]:
        """Return the words and rasters that a JobSpec may ask."""
        words = self.texts("resolutions")
        for word in words:
            if word != ANY_RASTER and not resolution_is_legal(resolution=word):
                self.problem("resolutions", f"expected {ANY_RASTER}, {RESOLUTION_RULE}; got {quote(text=word)}")
        self.check_distinct("resolutions", words)
        if not words and "resolutions" in self.table:
            self.problem("resolutions", "must not be empty")
        return words

    def default_resolution(self) -> str:
        """Return what serves JobSpecs that ask nothing."""
        word = self.text("default_resolution")
        permitted = self.table.get("resolutions")
        if word and isinstance(permitted, list) and word not in permitted and ANY_RASTER not in permitted:
            self.problem("default_resolution", f"{quote(text=word)} is not among the profile's resolutions")
        if word and not resolution_is_legal(resolution=word):
            self.problem("default_resolution", f"expected {RESOLUTION_RULE}; got {quote(text=word)}")
        return word

    def frame_rates(self) -> tuple[Fraction, ...]:
        """Return exact rates; none means any."""
        words = self.texts("frame_rates")
        for word in words:
            if not _RATE.fullmatch(word):
                self.problem("frame_rates", f'expected rates like "24000/1001" or "25/1", got {quote(text=word)}')
        self.check_distinct("frame_rates", words)
        return tuple(Fraction(word) for word in words if _RATE.fullmatch(word))

    def arguments(self) -> tuple[str, ...]:
        """Return encoder arguments: pairs of option and value, none of them the planner's own."""
        key = "arguments"
        words = self.texts(key)
        if len(words) % 2:
            self.problem(key, f"expected pairs of option and value, got {len(words)} strings")
        for option in words[::2]:
            if not _OPTION.fullmatch(option.partition(":")[0]):
                self.problem(key, f"expected an option like -crf, got {quote(text=option)}")
            if option in _PLANNER_OPTIONS:
                self.problem(key, f"{quote(text=option)} is written by the planner alone")
        return words

    def timeout(self) -> int | None:
        """Return the longest run in seconds; None where only the watchdog ends it."""
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
        """Return the recipes of the audio tracks."""
        recipes = []
        for number, item in self.tables("audio"):
            inner = ProfileReader(origin=f"{self.origin}: audio[{number}]", table=item)
            inner.check_keys(_AUDIO_KEYS)
            recipes.append(
                AudioRecipe(
                    containers=inner.words("containers", CONTAINERS, least=1),
                    codec=inner.word("codec", tuple(AUDIO_ENCODERS)),
                    arguments=inner.arguments(),
                    sample_rate=inner.count("sample_rate", least=8000),
                    tracks=Tracks(inner.choice("tracks", Tracks.KEEP)),
                )
            )
            self.problems += inner.problems
        return tuple(recipes)

    def check_audio(self, profile: Profile) -> None:
        """Note every container that is not served by exactly one recipe."""
        for container in profile.containers:
            serving = sum(container in recipe.containers for recipe in profile.audio)
            if serving != 1:
                self.problem("audio", f"exactly one recipe must serve {container}, found {serving}")

    def render(self) -> dict[str, str]:
        """Return Resolve's settings, those of its project under `project.` keys; only the shape is looked at here."""
        value = self.typed("render", dict, "a table of strings")
        table = dict(value) if isinstance(value, dict) else {}
        project = table.pop("project", {})
        if not isinstance(project, dict):
            self.problem("render.project", f"expected a table of strings, got {describe(value=project)}")
            project = {}
        settings = table | {f"{PROJECT}{key}": item for key, item in project.items()}
        for key, item in settings.items():
            if not isinstance(item, str):
                self.problem(f"render.{_shown(key)}", f"expected a string, got {describe(value=item)}")
        return {key: item for key, item in sorted(settings.items()) if isinstance(item, str)}

    def check_render(self, profile: Profile) -> None:
        """Note everything that Resolve would not take, or would ignore."""
        rules = render_problems(render=profile.render, codec=profile.codec, containers=profile.containers)
        for problem in rules:
            self.problem(f"render.{_shown(problem.key)}", problem.sentence)
        if profile.fit is not Fit.PAD and "fit" in self.table:
            sentence = f'expected "{Fit.PAD}": Resolve shows the whole picture, with bars, and its pixels are square'
            self.problem("fit", f"{sentence}; got {quote(text=profile.fit.value)}")


def _shown(key: str) -> str:
    return key if all(part.isidentifier() for part in key.split(".")) else quote(text=key)
