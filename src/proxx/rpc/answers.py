"""Reads the parts that answers of several methods have in common."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from proxx.core.jobs import ExecutorView, JobView
from proxx.rpc.mapping import from_message
from proxx.rpc.mapping_errors import MessageRefusedError

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """One page of a list. An empty `next_page_token` means the end."""

    items: tuple[Item, ...]
    next_page_token: str


def read_field(answer: Any, field: str, kind: type[Item]) -> Item:
    """Return one field of an answer. Raises MessageRefusedError, as all here: it breaks the contract."""
    return from_message(getattr(answer, field), kind)


def read_job(answer: Any) -> JobView:
    """Return the job of an answer."""
    return read_field(answer, "job", JobView)


def read_executors(answer: Any) -> tuple[ExecutorView, ...]:
    """Return the executors of an answer."""
    return read_all(answer.executors, "executors", ExecutorView)


def read_all(entries: Iterable[Any], field: str, kind: type[Item]) -> tuple[Item, ...]:
    """Return every entry of a repeated field, which goes by the name `field` in errors."""
    items: list[Item] = []
    for index, entry in enumerate(entries):
        try:
            items.append(from_message(entry, kind))
        except MessageRefusedError as error:
            raise error.below(f"{field}[{index}]") from None
    return tuple(items)


def read_page(answer: Any, field: str, kind: type[Item]) -> Page[Item]:
    """Return a page of a list."""
    return Page(items=read_all(getattr(answer, field), field, kind), next_page_token=answer.next_page_token)
