"""The manifest of the flat layout: which contents are done, in the format of seed 003 with two more keys an entry."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from proxx.core.jobs import JobState
from proxx.core.result_json import json_text

VERSION = 1
MAX_GENERATION = 1_000_000
"""More tries than anybody makes: what a file says beyond is a stranger's."""
_WORDS = {"COMPLETED": JobState.COMPLETED, "FAILED": JobState.FAILED, "PARTIAL": JobState.REJECTED}


class ManifestInvalidError(ValueError):
    """The manifest cannot be read; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestEntry:
    """One JobSpec. `processed_at` is ISO 8601 with offset, `result_status` a word of seed 003."""

    sha256: str
    processed_at: str
    result_status: str
    job_key: str = ""
    generation: int = 0

    @property
    def outcome(self) -> JobState:
        """The canonical word; FAILED stands for everything that ended badly."""
        return _WORDS.get(self.result_status, JobState.FAILED)


def status_word(outcome: JobState) -> str:
    """Return the word of seed 003 for an outcome (C8): any failed clip is FAILED, a refused spec PARTIAL."""
    if outcome is JobState.COMPLETED:
        return "COMPLETED"
    return "PARTIAL" if outcome is JobState.REJECTED else "FAILED"


def read_manifest(text: str) -> dict[str, ManifestEntry]:
    """Return the entries by absolute path. Unknown keys are dropped.

    Raises:
        ManifestInvalidError: the text is not a manifest of this version.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ManifestInvalidError(f"it is not JSON: {error}") from None
    entries = document.get("entries") if isinstance(document, dict) else None
    if not isinstance(entries, dict) or document.get("version") != VERSION:
        raise ManifestInvalidError(f"it is not a manifest of version {VERSION}")
    return {path: _entry(path, plain) for path, plain in entries.items()}


class ManifestText:
    """Writes a manifest again and again: an entry that did not change is not put into words anew.

    A flat folder writes its manifest with each job that ends; with 100,000 entries the words alone take a second.
    """

    def __init__(self) -> None:
        """Nothing was written yet."""
        self._known: dict[str, tuple[ManifestEntry, str]] = {}

    def of(self, entries: Mapping[str, ManifestEntry]) -> str:
        """Return the manifest as JSON text, in the order of the entries."""
        self._known = {path: self._words(path, entry) for path, entry in entries.items()}
        if not entries:
            return json_text({"version": VERSION, "entries": {}}) + "\n"
        lines = ",\n".join(words for _, words in self._known.values())
        return f'{{\n  "version": {VERSION},\n  "entries": {{\n{lines}\n  }}\n}}\n'

    def _words(self, path: str, entry: ManifestEntry) -> tuple[ManifestEntry, str]:
        known = self._known.get(path)
        if known is not None and known[0] is entry:
            return known
        plain = {
            "sha256": entry.sha256,
            "processed_at": entry.processed_at,
            "result_status": entry.result_status,
            "job_key": entry.job_key,
            "generation": entry.generation,
        }
        lines = json_text({path: plain}).split("\n")[1:-1]
        return entry, "\n".join(f"  {line}" for line in lines)


def _entry(path: str, plain: object) -> ManifestEntry:
    if not isinstance(plain, dict) or not isinstance(plain.get("sha256"), str):
        raise ManifestInvalidError(f"the entry of {path!r:.200} has no sha256")
    generation = plain.get("generation", 0)
    return ManifestEntry(
        sha256=plain["sha256"],
        processed_at=str(plain.get("processed_at", "")),
        result_status=str(plain.get("result_status", "")),
        job_key=str(plain.get("job_key", "")),
        generation=generation if type(generation) is int and 0 <= generation <= MAX_GENERATION else 0,
    )
