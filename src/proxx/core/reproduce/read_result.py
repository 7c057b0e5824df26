"""Reads a result JSON of any minor version 1: fields that this version does not know are left alone."""

import json
import re
from collections.abc import Mapping
from typing import TypeVar

from proxx.core.facts import SourceIdentity, TimecodeFacts
from proxx.core.plain import from_plain
from proxx.core.quoting import describe
from proxx.core.reproduce.recorded import RecordedClip, RecordedResult
from proxx.core.toolchain import Toolchain

MAJOR_VERSION = "1"
MOST_PROBLEMS = 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_RECORD_FIELDS: Mapping[type, tuple[str, ...]] = {
    Toolchain: ("tool", "version", "configuration_sha256", "cpu_class", "fingerprint", "libraries"),
    SourceIdentity: ("path", "size_bytes", "mtime_ns", "inode", "edge_sha256", "parts"),
    TimecodeFacts: ("label", "drop_frame", "rate", "origin"),
}

Record = TypeVar("Record", Toolchain, SourceIdentity, TimecodeFacts)


class ResultInvalidError(ValueError):
    """A text is no result JSON; `problems` name each place and what is wrong there."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Keep the problems."""
        super().__init__("; ".join(problems))
        self.problems = problems


def read_result(*, text: str) -> RecordedResult:
    """Read the result JSON of `proxx run`, or of `proxx jobs result`.

    Raises:
        ResultInvalidError: it is not JSON, of another major version, of a JobSpec that was refused, or damaged.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ResultInvalidError((f"it is not JSON: {error}",)) from error
    if not isinstance(document, dict):
        raise ResultInvalidError((f"expected an object, got {describe(value=document)}",))
    version = document.get("schema_version")
    if not isinstance(version, str) or version.partition(".")[0] != MAJOR_VERSION:
        raise ResultInvalidError((f'schema_version: expected "{MAJOR_VERSION}.x", got {describe(value=version)}',))
    reader = _Reader()
    spec = document.get("jobspec")
    if not isinstance(spec, dict):
        reader.problem("jobspec", f"expected an object, got {describe(value=spec)}: no job was made")
    clips = reader.clips(document.get("clips"))
    job_id, job_key = (reader.text(document, name, name) for name in ("job_id", "job_key"))
    reader.raise_any()
    return RecordedResult(schema_version=version, job_id=job_id, job_key=job_key, jobspec=spec or {}, clips=clips)


class _Reader:
    """Reads value by value and collects what is wrong."""

    def __init__(self) -> None:
        self._problems: list[str] = []

    def problem(self, place: str, sentence: str) -> None:
        self._problems.append(f"{place}: {sentence}")

    def raise_any(self) -> None:
        if self._problems:
            raise ResultInvalidError(tuple(self._problems[:MOST_PROBLEMS]))

    def clips(self, value: object) -> tuple[RecordedClip, ...]:
        if not isinstance(value, list):
            self.problem("clips", f"expected an array, got {describe(value=value)}")
            return ()
        clips = []
        for number, item in enumerate(value):
            if isinstance(item, dict):
                clips.append(self._clip(item, f"clips[{number}]"))
            else:
                self.problem(f"clips[{number}]", f"expected an object, got {describe(value=item)}")
        indexes = [clip.clip_index for clip in clips]
        if len(set(indexes)) != len(indexes):
            self.problem("clips", "two clips have one clip_index")
        return tuple(clips)

    def _clip(self, value: Mapping[str, object], place: str) -> RecordedClip:
        sha256 = self._optional_text(value, "output_sha256", place)
        if sha256 is not None and not _SHA256.fullmatch(sha256):
            self.problem(f"{place}.output_sha256", f"expected 64 hex characters, got {describe(value=sha256)}")
        facts = value.get("output_facts")
        return RecordedClip(
            clip_index=self._whole(value, "clip_index", place) or 0,
            source_path=self.text(value, "source_path", f"{place}.source_path"),
            output_path=self.text(value, "resolved_output_path", f"{place}.resolved_output_path"),
            status=self.text(value, "status", f"{place}.status"),
            engine=self._optional_text(value, "engine", place),
            output_sha256=sha256,
            profile_digest=self._optional_text(value, "profile_digest", place),
            plan_digest=self._optional_text(value, "plan_digest", place),
            planner_version=self._whole(value, "planner_version", place, optional=True),
            command=self._words(value, "engine_command", place),
            toolchain=self._record(Toolchain, value.get("toolchain"), f"{place}.toolchain"),
            source_identity=self._record(SourceIdentity, value.get("source_identity"), f"{place}.source_identity"),
            timecode=self._record(
                TimecodeFacts,
                facts.get("timecode") if isinstance(facts, dict) else None,
                f"{place}.output_facts.timecode",
            ),
        )

    def text(self, value: Mapping[str, object], name: str, place: str) -> str:
        found = value.get(name)
        if isinstance(found, str):
            return found
        self.problem(place, f"expected a string, got {describe(value=found)}")
        return ""

    def _optional_text(self, value: Mapping[str, object], name: str, place: str) -> str | None:
        return None if value.get(name) is None else self.text(value, name, f"{place}.{name}")

    def _whole(self, value: Mapping[str, object], name: str, place: str, *, optional: bool = False) -> int | None:
        found = value.get(name)
        if found is None and optional:
            return None
        if isinstance(found, int) and not isinstance(found, bool) and found >= 0:
            return found
        self.problem(f"{place}.{name}", f"expected a whole number from 0, got {describe(value=found)}")
        return None

    def _words(self, value: Mapping[str, object], name: str, place: str) -> tuple[str, ...]:
        found = value.get(name)
        if isinstance(found, list) and all(isinstance(word, str) for word in found):
            return tuple(found)
        self.problem(f"{place}.{name}", f"expected an array of strings, got {describe(value=found)}")
        return ()

    def _record(self, kind: type[Record], value: object, place: str) -> Record | None:
        if value is None:
            return None
        if not isinstance(value, dict):
            self.problem(place, f"expected an object, got {describe(value=value)}")
            return None
        try:
            return from_plain(kind, {name: value[name] for name in _RECORD_FIELDS[kind] if name in value})
        except (TypeError, ValueError, ZeroDivisionError) as error:
            self.problem(place, str(error))
            return None
