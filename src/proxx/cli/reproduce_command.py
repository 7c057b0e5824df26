"""The work behind `proxx reproduce`."""

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from proxx.cli.environment import Environment
from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.output import say, show, show_json
from proxx.cli.remote import run_remote
from proxx.cli.text import plural
from proxx.core.client_path import client_name
from proxx.core.detection import Engine
from proxx.core.jobs import ClipProgress, ClipState, JobView
from proxx.core.reproduce import (
    ClipReproduction,
    Outcome,
    RecordedClip,
    RecordedResult,
    Reproduction,
    ResultInvalidError,
    read_result,
    reproduction_document,
)
from proxx.core.toolchain import Toolchain
from proxx.embedded.frame_compare import FrameComparer
from proxx.embedded.port import SchedulerPort
from proxx.embedded.reproduce import Reproducer
from proxx.embedded.target import Target
from proxx.engine.process_runner import ProcessToolRunner

MAX_RESULT_BYTES = 1024 * 1024 * 1024
"""A result of 10,000 clips is some 150 MB; whatever is larger than this is something else."""

_EXITS = {
    Outcome.EQUAL: ExitCode.OK,
    Outcome.DIFFERENT: ExitCode.FAILED,
    Outcome.IMPOSSIBLE: ExitCode.VALIDATION,
}
_QUARTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ReproduceCommand:
    """One call of `proxx reproduce`. `wanted` empty means every clip that was published."""

    environment: Environment
    target: Target
    result_file: str
    wanted: tuple[int, ...]
    keep: Path | None
    as_json: bool

    def run(self) -> int:
        """Make the clips again, show what came of it and return the exit code.

        Raises:
            CommandError: the result is not usable, or the embedded run failed.
        """
        result = self._read()
        clips = self._chosen(result)
        with _scratch(self.keep) as scratch:
            reproduction = run_remote(lambda: self._reproduce(result, clips, scratch))
        if self.as_json:
            path = None if self.result_file == "-" else str(Path(self.result_file).absolute())
            show_json(reproduction_document(reproduction=reproduction, result_path=path))
        else:
            show(*(line for clip in reproduction.clips for line in _lines(clip)), _total(reproduction))
        return _EXITS[reproduction.outcome]

    def _read(self) -> RecordedResult:
        try:
            data = _bytes_of(self.result_file)
        except OSError as error:
            sentence = f"result file {self.result_file}: {error.strerror or error}"
            raise CommandError(sentence, exit_code=ExitCode.SYSTEM) from error
        if len(data) > MAX_RESULT_BYTES:
            sentence = f"result file {self.result_file}: more than {MAX_RESULT_BYTES} bytes, which is the most"
            raise CommandError(sentence, exit_code=ExitCode.VALIDATION)
        try:
            return read_result(text=data.decode("utf-8"))
        except UnicodeDecodeError as error:
            sentence = f"result file {self.result_file}: not UTF-8 at byte {error.start}; JSON is UTF-8"
            raise CommandError(sentence, exit_code=ExitCode.VALIDATION) from error
        except ResultInvalidError as error:
            lines = (f"result file {self.result_file}: {problem}" for problem in error.problems)
            raise CommandError(*lines, exit_code=ExitCode.VALIDATION) from error

    def _chosen(self, result: RecordedResult) -> tuple[RecordedClip, ...]:
        """The clips named by `--clip`, else those that were published."""
        by_index = {clip.clip_index: clip for clip in result.clips}
        if self.wanted:
            unknown = [str(index) for index in self.wanted if index not in by_index]
            if unknown:
                sentence = (
                    f"the result has no clip {', '.join(unknown)}; it has {plural(len(by_index), 'clip')}, from 0"
                )
                raise CommandError(sentence, exit_code=ExitCode.VALIDATION)
            return tuple(by_index[index] for index in self.wanted)
        published = tuple(clip for clip in result.clips if clip.published)
        left = len(result.clips) - len(published)
        if not published:
            raise CommandError(
                f"none of the result's {plural(len(result.clips), 'clip')} was published: there is nothing to compare",
                exit_code=ExitCode.VALIDATION,
            )
        if left:
            say(f"{plural(left, 'clip')} of the result never published: not made again")
        return published

    async def _reproduce(self, result: RecordedResult, clips: tuple[RecordedClip, ...], scratch: Path) -> Reproduction:
        async with self.environment.connect(self.target) as session:
            toolchain = await _toolchain(session.client)
            reproducer = Reproducer(
                client=session.client,
                result=result,
                toolchain=toolchain,
                scratch=scratch,
                keep=self.keep is not None,
                comparer=FrameComparer(runner=ProcessToolRunner(), ffmpeg=self.target.ffmpeg),
                new_request_id=self.environment.new_request_id,
                tell=_Teller().tell,
                display_of=_ClipLines,
            )
            made = await reproducer.clips(clips=clips, at_once=self.target.slots)
        return Reproduction(job_id=result.job_id, job_key=result.job_key, toolchain=toolchain, clips=made)


class _Teller:
    """Says each sentence about tools and plans once, however many clips it holds for."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def tell(self, clip: RecordedClip, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            say(f"clip {clip.clip_index}: {sentence}")


class _ClipLines:
    """The progress of one clip's job as lines: its start, and each quarter."""

    def __init__(self, clip: RecordedClip) -> None:
        self._name = f"clip {clip.clip_index} {client_name(clip.source_path)}"
        self._quarter = 0
        say(f"{self._name}: making it again")

    def job(self, view: JobView) -> None:
        """The outcome is told when it has been compared."""

    def clip(self, *, index: int, state: ClipState) -> None:
        """The outcome is told when it has been compared."""

    def progress(self, progress: ClipProgress) -> None:
        """Tell each quarter once."""
        quarter = int(progress.fraction * _QUARTERS)
        if quarter > self._quarter:
            self._quarter = quarter
            say(f"{self._name}: {quarter * 100 // _QUARTERS} %")

    def close(self) -> None:
        """Nothing to clear."""


def _bytes_of(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(MAX_RESULT_BYTES + 1)
    with Path(name).open("rb") as file:
        return file.read(MAX_RESULT_BYTES + 1)


async def _toolchain(client: SchedulerPort) -> Toolchain:
    executors = await client.list_executors()
    found = next((item.toolchain for item in executors if item.engine is Engine.FFMPEG), None)
    if found is None:
        raise CommandError("the embedded executor did not say which tools it has", exit_code=ExitCode.SYSTEM)
    return found


@contextlib.contextmanager
def _scratch(keep: Path | None) -> Iterator[Path]:
    """Yield a private directory that is removed at the end, or the one that is to be kept."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="proxx-reproduce-") as directory:
            yield Path(directory).resolve()
        return
    try:
        keep.mkdir(parents=True, exist_ok=True)
        entry = next(keep.iterdir(), None)
    except OSError as error:
        raise CommandError(f"--keep {keep}: {error.strerror or error}", exit_code=ExitCode.SYSTEM) from error
    if entry is not None:
        raise click.UsageError(f"--keep {keep}: the directory is not empty, and nothing may stand beside its files")
    yield keep.resolve()


def _lines(clip: ClipReproduction) -> list[str]:
    name = client_name(clip.source_path)
    kept = [f"  kept: {clip.kept_path}"] if clip.kept_path is not None else []
    return [f"clip {clip.clip_index} {name}: {clip.outcome.value}: {clip.reason}", *kept]


def _total(reproduction: Reproduction) -> str:
    counts = [f"{sum(clip.outcome is word for clip in reproduction.clips)} {word.value.lower()}" for word in Outcome]
    return f"{reproduction.outcome.value}: {', '.join(counts)}"
