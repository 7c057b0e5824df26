"""Whether a render moves, is done, or is over without an end; and what it left."""

from pathlib import Path

import pytest

from proxx_resolve_executor.bridge.call_log import CUT, LINES, CallLog
from proxx_resolve_executor.bridge.following import IDLE_LOOKS, Following
from proxx_resolve_executor.bridge.output import output_of, sizes_in
from proxx_resolve_executor.bridge.remote import JobProgress
from proxx_resolve_executor.resolve_error import OutputError, RenderError, RenderStalledError, RenderTimeoutError


def at(percentage: float | None, *, rendering: bool | None = True, error: str = "") -> JobProgress:
    return JobProgress(rendering=rendering, percentage=percentage, error=error, remaining_ms=None)


def following(*, timeout: int | None = None) -> Following:
    return Following(started=0.0, stall_seconds=10, timeout_seconds=timeout)


@pytest.mark.parametrize(
    ("progress", "done"),
    [
        (at(100, rendering=False), True),
        (at(100.0, rendering=False), True),
        (at(100, rendering=True), False),
        (at(100, rendering=None), False),
        (at(99.9, rendering=False), False),
        (at(None, rendering=False), False),
    ],
)
def test_done_is_all_of_it_at_rest(progress: JobProgress, done: bool) -> None:
    assert following().look(progress=progress, written=1, now=1.0) is done


def test_an_error_fails_it_whatever_else_it_says() -> None:
    with pytest.raises(RenderError) as caught:
        following().look(progress=at(100, rendering=False, error="media offline"), written=1, now=1.0)
    assert str(caught.value) == 'the render failed; Resolve says "media offline"'


def test_bytes_move_it_where_the_percentage_does_not() -> None:
    looks = following()
    assert [looks.look(progress=at(3), written=second, now=float(second)) for second in range(40)] == [False] * 40


@pytest.mark.parametrize(
    ("percentage", "word"), [(40.0, "40 %"), (None, "an unknown point")], ids=["percentage", "none"]
)
def test_one_that_does_not_move_has_stalled(percentage: float | None, word: str) -> None:
    looks = following()
    looks.look(progress=at(percentage), written=5, now=3.0)
    assert [looks.look(progress=at(percentage), written=5, now=now) for now in (8.0, 12.5)] == [False, False]
    with pytest.raises(RenderStalledError) as caught:
        looks.look(progress=at(percentage), written=5, now=13.0)
    assert str(caught.value) == f"the render did not move for 10 s at {word}"


def test_one_that_takes_too_long_ends_though_it_moves() -> None:
    looks = following(timeout=5)
    assert [looks.look(progress=at(1), written=1, now=now) for now in (2.5, 4.5)] == [False, False]
    with pytest.raises(RenderTimeoutError, match="not done after 5 s, at 2 %"):
        looks.look(progress=at(2), written=2, now=5.0)


def test_a_machine_that_slept_does_not_end_its_render() -> None:
    looks = following(timeout=20)
    looks.look(progress=at(40), written=5, now=3.0)
    assert looks.look(progress=at(40), written=5, now=30_000.0) is False
    assert looks.look(progress=at(41), written=6, now=30_001.0) is False


def test_one_that_ended_without_a_word_is_over_after_some_looks() -> None:
    looks = following()
    for _ in range(IDLE_LOOKS - 1):
        looks.look(progress=at(43, rendering=False), written=1, now=1.0)
    looks.look(progress=at(43), written=1, now=1.0)  # it renders after all
    for _ in range(IDLE_LOOKS - 1):
        looks.look(progress=at(43, rendering=False), written=1, now=1.0)
    with pytest.raises(RenderError, match="nothing renders any more at 43 %"):
        looks.look(progress=at(43, rendering=False), written=1, now=1.0)


def test_the_one_file_is_taken_under_any_stem(tmp_path: Path) -> None:
    (tmp_path / "A001.MOV").write_bytes(b"x")
    sizes = sizes_in(directory=tmp_path)
    assert sizes == {"A001.MOV": 1}
    assert output_of(directory=tmp_path, sizes=sizes, name="proxy.mov") == tmp_path / "A001.MOV"


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ({}, "Resolve says complete, and there is no file"),
        ({"proxy.mov": 0}, 'Resolve says complete, and "proxy.mov" is empty'),
        ({"v1": -1}, 'Resolve left "v1", which is no file'),
        ({"proxy.mxf": 3}, 'Resolve left "proxy.mxf"; expected a file that ends in ".mov"'),
        ({"b.mov": 1, "a.mov": 1}, 'Resolve left 2 files; expected one: "a.mov", "b.mov"'),
    ],
)
def test_anything_else_is_no_output(sizes: dict[str, int], sentence: str) -> None:
    with pytest.raises(OutputError) as caught:
        output_of(directory=Path("/out"), sizes=sizes, name="proxy.mov")
    assert str(caught.value) == sentence


def test_a_directory_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be listed: No such file or directory"):
        sizes_in(directory=tmp_path / "gone")


def test_a_file_that_gets_its_name_meanwhile_is_no_trouble(tmp_path: Path) -> None:
    class Renaming(type(tmp_path)):  # type: ignore[misc]
        def iterdir(self) -> list[Path]:
            return [tmp_path / "proxy.mov.tmp", tmp_path / "proxy.mov"]

    (tmp_path / "proxy.mov").write_bytes(b"moov")
    assert sizes_in(directory=Renaming(tmp_path)) == {"proxy.mov": 4}


def test_links_and_folders_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    assert sizes_in(directory=tmp_path) == {"folder": -1, "link": -1}


def test_the_record_leaves_out_the_way_and_keeps_the_last_poll() -> None:
    log = CallLog()
    log.add("Resolve.GetProjectManager()", "ProjectManager")
    log.add("Project.StartRendering(...)", "True")
    for percentage in range(3):
        log.add("Project.IsRenderingInProgress()", "True")
        log.add('Project.GetRenderJobStatus("1")', str(percentage))
    log.add("Project.StopRendering()", "None")
    log.add("ProjectManager.GetCurrentProject()", "None")
    assert log.lines() == (
        "Project.StartRendering(...) -> True",
        "Project.IsRenderingInProgress() -> True",
        'Project.GetRenderJobStatus("1") -> 2',
        "Project.StopRendering() -> None",
        "ProjectManager.GetCurrentProject() -> None",
    )
    log.clear()
    assert log.lines() == ()


def test_the_record_is_bounded() -> None:
    log = CallLog()
    for number in range(LINES + 10):
        log.note(str(number))
    assert (len(log.lines()), log.lines()[-1]) == (LINES + 1, CUT)
