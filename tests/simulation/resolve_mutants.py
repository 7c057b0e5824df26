"""Defects in what is asked of Resolve, for mutants.py."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from proxx.core.steps import StepKind
from proxx_scheduler.domain.needs import Needs


def going_back(original: Any) -> Any:
    """A step whose executor had no engine is queued again, and that executor is not avoided."""

    def next_needs(*arguments: Any, **named: Any) -> Needs | None:
        needs = original(*arguments, **named)
        return None if needs is None else replace(needs, avoid=())

    return next_needs


def of_any_engine(original: Any) -> Any:
    """A step is given to executors of every engine."""

    def met_by(self: Needs, *, engine: str, codecs: Collection[str] = (), **facts: Any) -> bool:
        known = frozenset({*codecs, self.codec})
        return bool(original(self, engine=self.engine if self.engine != "any" else engine, codecs=known, **facts))

    return met_by


def forgetting_inspects(original: Any) -> Any:
    """An INSPECT that was lost is not queued again."""

    def lose(self: Any, tx: Any, lease: Any, *more: Any) -> None:
        if lease.kind is not StepKind.INSPECT:
            original(self, tx, lease, *more)

    return lose
