"""What successive scans of one file add up to."""

from dataclasses import replace

import pytest

from proxx_watcher.domain.sighting import History, Sighting, disturbed, observe, path_order, sampled

SEEN = Sighting(path="a.mov", size=100, mtime_ns=5, ctime_ns=6, device=1, inode=2, allocated=4096)


def seen(*sightings: tuple[float, Sighting], spacing: float = 5.0) -> History:
    history = None
    for now, sighting in sightings:
        history = observe(before=history, sighting=sighting, now=now, spacing_seconds=spacing)
    assert history is not None
    return history


def test_equal_scans_count_only_at_the_spacing() -> None:
    history = seen((0.0, SEEN), (1.0, SEEN), (4.9, SEEN), (5.0, SEEN), (9.9, SEEN), (10.0, SEEN))
    assert (history.steady_scans, history.changed_at, history.seen_at) == (3, 0.0, 10.0)
    assert history.quiet_seconds(now=12.0) == 12.0


@pytest.mark.parametrize(
    ("change", "growth", "said"),
    [
        pytest.param({"size": 112}, 12, "its size changed", id="it grew"),
        pytest.param({"size": 40}, -60, "its size changed", id="it shrank"),
        pytest.param({"mtime_ns": 4}, None, "its modification time changed", id="its time was set back"),
        pytest.param({"ctime_ns": 7}, None, "its change time changed", id="its change time moved"),
        pytest.param({"inode": 3, "size": 7}, None, "another file took its place", id="another file"),
    ],
)
def test_a_change_begins_the_history_anew(change: dict[str, int], growth: int | None, said: str) -> None:
    history = seen((0.0, SEEN), (5.0, SEEN), (10.0, replace(SEEN, **change)))
    assert (history.steady_scans, history.changed_at, history.first_seen) == (1, 10.0, 0.0)
    assert (history.growth, history.changed_by) == (growth, said)


def test_permissions_and_links_do_not_count_as_a_change_of_content() -> None:
    history = seen((0.0, SEEN), (10.0, replace(SEEN, ctime_ns=9)))
    assert (history.changed_at, history.content_changed_at) == (10.0, 0.0)


def test_other_samples_of_a_file_that_looks_the_same_begin_anew() -> None:
    history = sampled(history=seen((0.0, SEEN), (5.0, SEEN)), digest="one", now=5.0)
    assert history.steady_scans == 2
    assert sampled(history=history, digest="one", now=6.0) == history
    changed = sampled(history=history, digest="two", now=6.0)
    assert (changed.steady_scans, changed.changed_at, changed.sample) == (1, 6.0, "two")
    assert changed.changed_by == "its content changed while size and times stayed"


def test_a_disturbance_begins_anew_and_says_what() -> None:
    history = disturbed(history=seen((0.0, SEEN), (5.0, SEEN)), now=7.0, what="it was replaced")
    assert (history.steady_scans, history.changed_at, history.changed_by) == (1, 7.0, "it was replaced")


def test_paths_are_ordered_by_their_bytes() -> None:
    names = ["b", "a\udcff", "Z", "é", "a"]
    assert sorted(names, key=path_order) == ["Z", "a", "a\udcff", "b", "é"]
