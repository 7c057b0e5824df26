"""Defects in what is delivered from journals and what a staging budget holds back, for mutants.py."""

from dataclasses import replace
from typing import Any

from proxx.core.steps import StepKind
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.effects import BecomesHead


def unhashed(original: Any) -> Any:
    """A SWEEP believes the digest that a journal names."""

    def why_not(journal: Any, digest: Any, *more: Any) -> str:
        named = replace(digest, sha256=journal.output.sha256, size_bytes=journal.output.size_bytes)
        return str(original(journal, named, *more))

    return why_not


def publishing_at_once(original: Any) -> Any:
    """A delivered clip is published although it is not head."""

    def delivered(self: Board, index: int, **arguments: Any) -> None:
        original(self, index, **arguments)
        if self.clips[index].step_kind is None:
            self._open(self.clips[index], StepKind.PUBLISH)

    return delivered


def never_freed(original: Any) -> Any:
    """A step that was opened ahead of the head stays under the staging budget when its clip becomes head."""

    def advance(self: Board) -> None:
        before = {index for index, clip in self.clips.items() if clip.ahead}
        original(self)
        self.commands[:] = [command for command in self.commands if not isinstance(command, BecomesHead)]
        for index in before & set(self.clips):
            self.clips[index] = replace(self.clips[index], ahead=True)

    return advance
