"""Leaving Resolve as it was found: what the doctor made in it is removed."""

from collections.abc import Collection

from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.bridge.projects import remove_project
from proxx_resolve_executor.bridge.remote import Remote


async def leave_as_it_was(
    *, remote: Remote, options: ResolveOptions, project: str, kept: Collection[str]
) -> tuple[str, ...]:
    """Remove the doctor's project, and the parking project if it is none of `kept`, those that were there before.

    Returns what stays: the last project of a database may not be deletable.

    Raises:
        ChildError: Resolve does not answer.
    """
    parking = options.parking_project
    if project in await remote.projects():
        await remove_project(remote=remote, parking=parking, name=project)
    for _ in range(2):  # deleting right after closing can be refused once
        if parking not in kept and parking in await remote.projects():
            await remote.close_project(name=parking)
            await remote.delete_project(name=parking)
    return tuple(sorted(set(await remote.projects()) & {project, parking} - set(kept)))
