"""Settings of the watcher: a directory or a file of folders; what is wrong is said with its key, all at once."""

from pathlib import Path

import pytest

from proxx.core.jobs import CollisionPolicy
from proxx.runtime.settings import SettingsInvalidError
from proxx.runtime.watch_state import folder_name, folder_state
from proxx_watcher.domain.folder_settings import Layout
from proxx_watcher.real_path import real_path
from proxx_watcher.reset import run_reset
from proxx_watcher.settings import WatcherSettings, media_settings, read_settings


def from_file(tmp_path: Path, text: str) -> WatcherSettings:
    path = tmp_path / "watch.toml"
    path.write_text(text)
    return read_settings(["--settings", str(path)])


def test_a_directory_is_one_folder_with_a_name_of_its_own(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    settings = read_settings([str(link), "--layout", "flat", "--max-workers", "3", "--collision-policy", "suffix"])
    (folder,) = settings.folders
    assert (folder.name, folder.path, folder.layout) == (folder_name(tmp_path), tmp_path.resolve(), Layout.FLAT)
    assert (folder.max_workers, folder.poll_seconds, folder.file_events) == (3, 2.0, True)
    assert folder.options.collision_policy is CollisionPolicy.SUFFIX


def test_poll_seconds_means_polling_only(tmp_path: Path) -> None:
    (folder,) = read_settings([str(tmp_path), "--poll-seconds", "30"]).folders
    assert (folder.poll_seconds, folder.file_events) == (30.0, False)


def test_a_file_lists_many_folders(tmp_path: Path) -> None:
    settings = from_file(
        tmp_path,
        """
        scheduler = "10.0.0.7:7600"
        [[folder]]
        name = "drops"
        path = "/mnt/drops"
        queue = "night"
        poll_seconds = 5
        [[folder]]
        name = "cards"
        path = "/mnt/cards"
        layout = "media"
        enabled = false
        preset = "dailies"
        output_directory = "/mnt/cards/proxies"
        """,
    )
    drops, cards = settings.folders
    assert (settings.scheduler, drops.options.queue, drops.poll_seconds) == ("10.0.0.7:7600", "night", 5.0)
    assert (cards.layout, cards.enabled) == (Layout.MEDIA, False)
    assert media_settings(cards).selection.outputs == ("proxies",)


def test_every_wrong_key_is_said_at_once_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalidError) as refused:
        from_file(
            tmp_path,
            """
            nonsense = 1
            [[folder]]
            name = "a"
            path = "relative"
            poll_seconds = 0
            [[folder]]
            name = "b"
            path = "/mnt/b"
            preset = "dailies"
            [[folder]]
            name = "c"
            path = "/mnt/c"
            layout = "media"
            stability = { scans = 1 }
            """,
        )
    text = str(refused.value)
    for words in (
        "setting nonsense",
        "setting folder.0.path is 'relative'",
        "setting folder.0.poll_seconds",
        "setting folder.1.preset is 'dailies'",
        "no such setting for layout auto",
        "setting folder.2.stability.scans",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(
            '[[folder]]\nname="a"\npath="/m/a"\n[[folder]]\nname="a"\npath="/m/b"', "same name: a", id="same_name"
        ),
        pytest.param(
            '[[folder]]\nname="a"\npath="/m"\n[[folder]]\nname="b"\npath="/m/b"', "lie in one another", id="nested"
        ),
        pytest.param(
            '[[folder]]\nname="a"\npath="/m"\n[[folder]]\nname="b"\npath="/m"', "the same directory", id="same_path"
        ),
        pytest.param(
            '[[folder]]\nname="a"\npath="/m/a"\nlayout="media"\npreset="p"\noutput_directory="/m"',
            "it lies in its own output directory",
            id="in_its_own_output",
        ),
        pytest.param("strict = true\n[[folder]]\nname='a'\npath='/m'", "it needs once", id="strict_alone"),
        pytest.param("", "no folder is given", id="no_folder"),
    ],
)
def test_folders_that_cannot_go_together_are_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsInvalidError, match=words):
        from_file(tmp_path, text)


def test_either_a_directory_or_a_file_is_needed(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalidError, match="either a directory or --settings"):
        read_settings([])
    with pytest.raises(SettingsInvalidError, match="either a directory or --settings"):
        read_settings([str(tmp_path), "--settings", "x.toml"])


def test_the_state_of_a_folder_lies_below_the_state_directory_whatever_its_name(tmp_path: Path) -> None:
    assert folder_state(state=tmp_path, name="drops") == tmp_path / "watch" / "drops"
    for name in ("../../etc", "a/b", "..", "ü"):
        place = folder_state(state=tmp_path, name=name)
        assert place.resolve().parent == tmp_path.resolve() / "watch"
        assert place != folder_state(state=tmp_path, name=f"{name}x")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(f'queue = "{"q" * 201}"', "folder.0.queue", id="queue"),
        pytest.param('queue = "a\\u0007"', "only printable characters", id="queue with a bell"),
        pytest.param(
            "labels = { " + ", ".join(f'l{n} = "v"' for n in range(62)) + " }", "folder.0.labels", id="labels"
        ),
    ],
)
def test_what_the_scheduler_would_refuse_of_every_job_stops_the_start(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsInvalidError) as caught:
        from_file(tmp_path, f'[[folder]]\nname = "drops"\npath = "/mnt/drops"\n{text}')
    assert words in str(caught.value)


def test_a_command_line_that_cannot_be_read_ends_with_64(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for read in (read_settings, run_reset):
        with pytest.raises(SystemExit) as caught:
            read([str(tmp_path), "--bogus"])
        assert caught.value.code == 64
    assert capsys.readouterr().err.count("error: unrecognized arguments: --bogus") == 2


def test_a_path_whose_links_lead_in_a_ring_is_taken_as_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "ring").symlink_to("ring")
    assert real_path(tmp_path / "ring") == tmp_path / "ring"
