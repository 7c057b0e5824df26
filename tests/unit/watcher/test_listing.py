"""A directory is read anew only when something happened to it; the files that matter are looked at each time."""

import json
import os
import time
from pathlib import Path

from proxx_watcher.disk.listing import Listing
from proxx_watcher.domain.spec_names import matters

OLD_NS = time.time_ns() - 60 * 10**9


class Asked:
    """Says that every name matters, and counts how often it is asked."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, name: str) -> bool:
        self.count += 1
        return True


def spec_name(name: str) -> bool:
    return matters(name=name, results_here=True)


def age(directory: Path) -> None:
    """Let the last change of a directory be long ago."""
    os.utime(directory, ns=(OLD_NS, OLD_NS))


def names(listing: Listing) -> list[str]:
    return [item.name for item in listing.look()]


def test_a_directory_that_nobody_touched_for_long_is_read_once() -> None:
    directory = Path(json.__file__).parent
    asked = Asked()
    listing = Listing(directory=directory, matters=asked)
    first = names(listing)
    assert "decoder.py" in first
    count = asked.count
    assert (names(listing), asked.count) == (first, count)


def test_a_file_that_matters_is_seen_as_it_is_and_others_are_not_looked_at(memory_path: Path) -> None:
    spec = memory_path / "a.json"
    spec.write_text("{}")
    (memory_path / "old.result.json").write_text("{}")
    listing = Listing(directory=memory_path, matters=spec_name)
    assert names(listing) == ["a.json"]
    spec.write_text("longer")
    (found,) = listing.look()
    assert found.sighting is not None
    assert found.sighting.size == 6


def test_a_directory_that_changed_is_read_anew_also_within_one_tick_of_its_clock(memory_path: Path) -> None:
    age(memory_path)
    listing = Listing(directory=memory_path, matters=spec_name)
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
    listing = Listing(directory=memory_path, matters=spec_name)
    assert names(listing) == ["a.json"]
    (memory_path / "a.json").unlink()
    age(memory_path)
    assert names(listing) == []


def test_a_change_after_which_the_time_of_the_directory_was_set_back_is_seen(memory_path: Path) -> None:
    age(memory_path)
    listing = Listing(directory=memory_path, matters=spec_name)
    assert names(listing) == []
    (memory_path / "a.json").write_text("{}")
    age(memory_path)
    assert names(listing) == ["a.json"]
