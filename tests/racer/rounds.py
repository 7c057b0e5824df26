"""What the victim does, again and again: the file code of executor and watcher, as their steps call it."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from proxx.core.facts import SourceIdentity
from proxx.core.roots import RootPath
from proxx.core.steps import ReplacedFile
from proxx.engine.errors import PublicationInDoubtError, StepFailedError
from proxx.engine.identity import read_identity
from proxx.engine.probe.examine_source import examine_source
from proxx.engine.publish import publish_file
from proxx.engine.quarantine import Replacement, move_aside, put_back
from proxx.engine.source_identity import read_source_identity
from proxx.engine.staging import remove_empty_staging_directory, reserve_staged
from proxx.engine.witness_files import remove_witness
from proxx.runtime import open_flags
from proxx.runtime.no_replace import NoReplaceUnsupportedError, probe_no_replace
from proxx.runtime.where import Where, open_at
from proxx_watcher.disk import files
from proxx_watcher.disk.samples import file_content, look_inside
from tests.racer.arena import CANARY, SOURCE

At = Callable[[str], Where]
"""Gives the place of a path below the root: one that never leaves it, or, for the control, a plain path."""

CLIP = "in/day/A001.mov"
_KNOWN_AS = RootPath(root="media", path=CLIP)
_CANARY_EDGES = hashlib.sha256(CANARY).hexdigest()
_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | open_flags.NO_FOLLOW


@dataclass(slots=True)
class Tally:
    """What was seen: rounds of each kind, those that the swaps stopped, and every byte of the canary that got in."""

    canary_inodes: frozenset[int]
    rounds: Counter[str] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)
    escapes: list[str] = field(default_factory=list)

    def see(self, kind: str, *, inode: int = -1, content: bytes = b"", edges: str = "") -> None:
        """Look whether something comes from the canary tree."""
        if inode in self.canary_inodes or b"CANARY" in content or edges == _CANARY_EDGES:
            self.escapes.append(f"{kind}: read from the canary tree")

    def see_identity(self, kind: str, identity: SourceIdentity | None) -> None:
        """Look whether an identity is that of a canary file."""
        if identity is not None:
            self.see(kind, inode=identity.inode, edges=identity.edge_sha256)


def read_source(at: At, number: int, tally: Tally) -> None:
    """As check_source before and after an encode."""
    del number
    tally.see_identity("read", read_source_identity(path=at(CLIP), source=_KNOWN_AS))


def probe(at: At, number: int, tally: Tally) -> None:
    """As PROBE before ffprobe."""
    del number
    examined = examine_source(path=at(CLIP), source=_KNOWN_AS, clip_index=0)
    tally.see_identity("probe", examined.identity)
    if examined.identity is None:
        tally.stopped["probe"] += 1


def publish(at: At, number: int, tally: Tally) -> None:
    """As ENCODE and PUBLISH: reserve, write, publish, clean."""
    del tally
    staged, final = at(f"out/day/.proxx/job.{number}.mov"), at(f"out/day/new{number}.mov")
    try:
        reserve_staged(staged, quarantine=True)
        with os.fdopen(open_at(staged, _MAKE), "wb") as file:
            file.write(SOURCE)
        digest = hashlib.sha256(SOURCE).hexdigest()
        publish_file(staged=staged, final=final, sha256=digest, size_bytes=len(SOURCE))
    finally:
        _clean(staged.with_name(f"{staged.name}.json.tmp"), final, staged)
        _quietly(staged.with_name(f"{staged.name}.replaced").rmdir)
        _quietly(lambda: remove_witness(staged))
        remove_empty_staging_directory(staged.parent)


def replace(at: At, number: int, tally: Tally) -> None:
    """As OVERWRITE: move the old file aside, and put it back."""
    staged, final = at(f"out/day/.proxx/old.{number}.mov"), at(f"out/day/old{number}.mov")
    aside = staged.with_name(f"{staged.name}.replaced") / "old.mov"
    output = RootPath(root="media", path=f"out/day/old{number}.mov")
    try:
        with os.fdopen(open_at(final, _MAKE), "wb") as file:
            file.write(SOURCE)
        reserve_staged(staged, quarantine=True)
        identity = read_identity(path=final, source=output)
        tally.see_identity("replace", identity)
        replaced = ReplacedFile(quarantine=RootPath(root="media", path="q"), identity=identity)
        item = Replacement(replaced=replaced, output=output, final=final, quarantined=aside)
        if move_aside(item):
            put_back(item)
    finally:
        _clean(aside, final, staged.with_name(f"{staged.name}.json.tmp"))
        _clean(staged.with_name(f"{staged.name}.replaced.json"), staged.with_name(f"{staged.name}.replaced.json.tmp"))
        _quietly(aside.parent.rmdir)
        remove_empty_staging_directory(staged.parent)


def prove_directory(at: At, number: int, tally: Tally) -> None:
    """As PROBE for an output directory: files are really made in it."""
    del number, tally
    probe_no_replace(directory=at("out/day"))


def watch_read(at: At, number: int, tally: Tally) -> None:
    """As the watcher looks at drops."""
    del number
    for item in files.names_in(at("watch/drop")):
        if item.sighting is not None:
            tally.see("watch_read", inode=item.sighting.inode)
    found = files.read_file(path=at("watch/drop/spec.json"), limit=len(CANARY))
    tally.see("watch_read", content=found.data or b"", inode=found.sighting.inode)
    look = look_inside(path=at("watch/drop/deep/A002.mov"), lease=False)
    if look.form is not None:
        tally.see("watch_read", inode=look.form[4])
    tally.see("watch_read", inode=file_content(path=at("watch/drop/deep/A002.mov")).form[4])


def watch_write(at: At, number: int, tally: Tally) -> None:
    """As the watcher files a JobSpec and its result."""
    del tally
    result, moved = at(f"watch/drop/{number}.result.json"), at(f"watch/drop/deep/{number}.result.json")
    try:
        files.make_directory(at("watch/drop/deep"))
        files.write_new(path=result, text="{}")
        files.write_over(path=result, text="{ }")
        files.move(source=result, target=moved)
    finally:
        _clean(result, moved)


KINDS = (read_source, probe, publish, replace, prove_directory, watch_read, watch_write)


def one_round(at: At, number: int, tally: Tally) -> None:
    """Do one of the kinds. That it is stopped by a swap is as it should be."""
    kind = KINDS[number % len(KINDS)]
    tally.rounds[kind.__name__] += 1
    try:
        kind(at, number, tally)
    except (OSError, StepFailedError, PublicationInDoubtError, NoReplaceUnsupportedError):
        tally.stopped[kind.__name__] += 1


def _clean(*places: Where) -> None:
    for place in places:
        _quietly(place.unlink)


def _quietly(work: Callable[[], None]) -> None:
    try:
        work()
    except OSError:
        return
