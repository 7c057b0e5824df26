"""Doing several things at once of which each is needed: the first failure stops the others before it is raised."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

First = TypeVar("First")
Second = TypeVar("Second")


async def together(first: Coroutine[Any, Any, First], second: Coroutine[Any, Any, Second], /) -> tuple[First, Second]:
    """Run both and return both results. When one fails, the other is cancelled and waited for.

    Raises:
        Exception: the first failure, as it was raised.
    """
    try:
        async with asyncio.TaskGroup() as group:
            one, two = group.create_task(first), group.create_task(second)
    except ExceptionGroup as failures:  # the group's wrapping only: the failure itself goes on
        raise failures.exceptions[0] from failures
    return one.result(), two.result()


async def all_together(works: Iterable[Coroutine[Any, Any, First]], /) -> tuple[First, ...]:
    """Run all and return their results in order. When one fails, the others are cancelled and waited for.

    Raises:
        Exception: the first failure, as it was raised.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except ExceptionGroup as failures:  # the group's wrapping only: the failure itself goes on
        raise failures.exceptions[0] from failures
    return tuple(task.result() for task in tasks)
