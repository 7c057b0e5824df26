"""The process that scripts Resolve: `python -m proxx_resolve_executor.bridge.child`.

It reads questions on stdin and answers on stdout (`wire.py`), one operation at a time, in its main thread. A call that
never returns is its parent's to notice. It ends when its stdin ends: with its parent, however that dies.
"""

import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from typing import BinaryIO

from proxx.core.quoting import quote
from proxx.runtime.lifeline import PARENT_LOST_EXIT, die_with_starter
from proxx_resolve_executor.bridge import host_operations as host
from proxx_resolve_executor.bridge import media_operations as media
from proxx_resolve_executor.bridge import project_operations as project
from proxx_resolve_executor.bridge import render_operations as render
from proxx_resolve_executor.bridge import survey_operations as survey
from proxx_resolve_executor.bridge.api import ScriptModule
from proxx_resolve_executor.bridge.recorder import SCRIPT_ERRORS, OperationError, Recorder
from proxx_resolve_executor.bridge.session import Session
from proxx_resolve_executor.bridge.values import AnswerError
from proxx_resolve_executor.bridge.wire import (
    LINE_LIMIT,
    Answered,
    CallBegun,
    CallEnded,
    Fault,
    Faulted,
    Question,
    Reply,
    WireError,
    read_question,
    reply_line,
)

DEFECT_EXIT = 70
"""Exit code of a child whose parent said what is no question."""

OPERATIONS: Mapping[str, Callable[..., object]] = {
    operation.__name__: operation
    for operation in (
        host.load,
        host.attach,
        host.identify,
        host.readiness,
        host.quiet,
        host.leave,
        project.projects,
        project.open_project,
        project.load_project,
        project.create_project,
        project.name_project,
        project.save_project,
        project.close_project,
        project.delete_project,
        project.set_setting,
        project.all_settings,
        project.timeline_count,
        media.import_file,
        media.import_sequence,
        media.clip_properties,
        media.audio_mapping,
        media.make_timeline,
        render.formats,
        render.codecs,
        render.presets,
        render.import_preset,
        render.export_preset,
        render.delete_preset,
        render.load_preset,
        render.choose_codec,
        render.render_settings,
        render.render_mode,
        render.jobs,
        render.add_job,
        render.delete_job,
        render.start_job,
        render.stop_jobs,
        render.rendering,
        render.job_progress,
        survey.dump_formats,
        survey.dump_codecs,
        survey.dump_settings,
        survey.dump_presets,
        survey.dump_jobs,
        survey.dump_clip,
    )
}


class Operator:
    """Does the operations that are asked for, in one session."""

    def __init__(self, *, tell: Callable[[Reply], None], module: ScriptModule | None = None) -> None:
        """Take where replies go, and the scripting module where it is loaded already."""
        self._tell = tell
        self._id = 0
        recorder = Recorder(
            begin=lambda call: tell(CallBegun(id=self._id, call=call)),
            end=lambda result: tell(CallEnded(id=self._id, result=result)),
        )
        self._session = Session(recorder)
        self._session.module = module

    def do(self, question: Question) -> None:
        """Do one operation and tell its value or its fault.

        Raises:
            WireError: there is no such operation.
        """
        operation = OPERATIONS.get(question.operation)
        if operation is None:
            raise WireError(f"there is no operation {question.operation}")
        self._id = question.id
        try:
            value = operation(self._session, **question.arguments)
        except OperationError as error:
            self._tell(Faulted(id=question.id, fault=error.fault, text=error.text))
        except AnswerError as error:
            self._tell(Faulted(id=question.id, fault=Fault.ANSWER, text=f"{question.operation}: {error}"))
        except SCRIPT_ERRORS as error:  # looking up a method of a remote object is a call too
            sentence = f"{question.operation}: {type(error).__name__}: {quote(text=str(error))}"
            self._tell(Faulted(id=question.id, fault=Fault.SCRIPT, text=sentence))
        else:
            self._tell(Answered(id=question.id, value=value))


def main() -> int:
    """Serve until stdin ends. Returns the exit code."""
    die_with_starter()
    answers = _private_stdout()

    def tell(reply: Reply) -> None:
        answers.write(reply_line(reply))
        answers.flush()

    questions: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    # a thread of its own: a call that blocks must not keep the process alive when its parent is gone
    # (and a file of its own: at the interpreter's end sys.stdin is closed, which a reader would hold up)
    threading.Thread(target=_read, args=(_private_stdin(), questions), name="questions", daemon=True).start()
    operator = Operator(tell=tell)
    while True:
        try:
            operator.do(read_question(questions.get()))
        except WireError as error:
            sys.stderr.write(f"{error}\n")
            return DEFECT_EXIT


def _read(stdin: BinaryIO, questions: "queue.SimpleQueue[bytes]") -> None:
    while line := stdin.readline(LINE_LIMIT + 1):
        questions.put(line)
    os._exit(PARENT_LOST_EXIT)


def _private_stdin() -> BinaryIO:
    """Keep stdin for questions; whoever else reads it, here or in a process that the library starts, finds its end."""
    private, nothing = os.dup(sys.stdin.fileno()), os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    os.close(nothing)
    return os.fdopen(private, "rb")


def _private_stdout() -> BinaryIO:
    """Keep stdout for answers; what the scripting library prints goes to stderr."""
    private = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return os.fdopen(private, "wb")


if __name__ == "__main__":
    sys.exit(main())
