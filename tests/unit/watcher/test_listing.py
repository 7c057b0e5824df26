"""A directory is read anew only when something happened to it; the files that matter are looked at each time."""

import os
import time
from pathlib import Path

from proxx_watcher.disk.listing import Listing
from proxx_watcher.domain.spec_names import matters

OLD_NS = time.time_ns() - 60 * 10**9


class Counted:
    """Says which names matter, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, name: str) -> bool:
        self.asked += 1
        return matters(name=name, results_here=True)


def age(directory: Path) -> None:
    """Let the last change of a directory be long ago."""
    os.utime(directory, ns=(OLD_NS, OLD_NS))


def names(listing: Listing) -> list[str]:
    return [item.name for item in listing.look()]


def test_a_quiet_directory_is_read_once_and_its_files_are_seen_as_they_are(memory_path: Path) -> None:
    spec = memory_path / "a.json"
    spec.write_text("{}")
    (memory_path / "old.result.json").write_text("{}")
    age(memory_path)
    asked = Counted()
    listing = Listing(directory=memory_path, matters=asked)
    assert names(listing) == ["a.json"]
    spec.write_text("longer")
    (found,) = listing.look()
    assert (found.sighting is not None and found.sighting.size, asked.asked) == (6, 2)


def test_a_directory_that_changed_is_read_anew_also_within_one_tick_of_its_clock(memory_path: Path) -> None:
    age(memory_path)
    asked = Counted()
    listing = Listing(directory=memory_path, matters=asked)
    assert names(listing) == []
    (memory_path / "b.json").write_text("{}")
    assert names(listing) == ["b.json"]
    (memory_path / "a.json").write_text("{}")
    os.utime(memory_path, ns=(time.time_ns(), time.time_ns()))
    stamp = memory_path.stat().st_mtime_ns
    assert names(listing) == ["a.json", "b.json"]
    (memory_path / "c.json").write_text("{}")
    os.utime(memory_path, ns=(stamp, stamp))
    assert names(listing) == ["a.json", "b.json", "c.json"]


def test_a_name_that_vanished_without_a_trace_in_the_directorys_time_is_left_out(memory_path: Path) -> None:
    (memory_path / "a.json").write_text("{}")
    age(memory_path)
    listing = Listing(directory=memory_path, matters=Counted())
    assert names(listing) == ["a.json"]
    (memory_path / "a.json").unlink()
    age(memory_path)
    assert names(listing) == []
