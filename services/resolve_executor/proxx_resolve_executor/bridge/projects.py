"""Projects of Proxx in Resolve: one for each piece of work, and the parking project that is open in between."""

from proxx.core.quoting import quote
from proxx_resolve_executor.bridge.child_port import WedgedError
from proxx_resolve_executor.bridge.remote import Remote

UNTITLED = "Untitled Project"
"""What Resolve opens with: a project that was never saved."""


async def park(*, remote: Remote, parking: str) -> None:
    """Have the parking project open; make it, empty and saved, where there is none.

    Raises:
        WedgedError: Resolve neither opens nor makes it.
        ChildError: Resolve does not answer.
    """
    if await remote.open_project() == parking:
        return
    if parking in await remote.projects():
        if not await remote.load_project(name=parking):
            raise WedgedError(f"Resolve does not open the project {quote(text=parking)}")
        return
    if not await _make_parking(remote=remote, parking=parking):
        raise WedgedError(f"Resolve makes no project {quote(text=parking)}")
    await remote.save_project(name=parking)


async def _make_parking(*, remote: Remote, parking: str) -> bool:
    """Make the parking project, whatever stands in its way: an open project can, and the untitled one above all."""
    if await remote.create_project(name=parking):
        return True
    present = await remote.open_project()
    if present is not None and present != UNTITLED:
        await remote.close_project(name=present)
        if await remote.create_project(name=parking):
            return True
    # with an empty database there is no other project to open: the untitled one becomes the parking project
    return await remote.open_project() == UNTITLED and await remote.name_project(name=parking)


async def make_project(*, remote: Remote, parking: str, name: str) -> None:
    """Make and open a project, from the parking project.

    Raises:
        WedgedError: Resolve makes none.
        ChildError: Resolve does not answer.
    """
    await park(remote=remote, parking=parking)
    if name in await remote.projects() and not await remove_project(remote=remote, parking=parking, name=name):
        raise WedgedError(f"Resolve does not delete the project {quote(text=name)} of an earlier attempt")
    if await remote.create_project(name=name):
        return
    if await _is_in_use(remote=remote, parking=parking, name=name):
        raise WedgedError(f"Resolve makes no project {quote(text=name)}: somebody has opened another")
    if not await remote.load_project(name=parking) or not await remote.create_project(name=name):
        raise WedgedError(f"Resolve makes no project {quote(text=name)}")


async def remove_project(*, remote: Remote, parking: str, name: str) -> bool:
    """Close and delete a project, and leave the parking project open; returns whether it is gone.

    A project that somebody opened meanwhile stays open in its place: it may hold changes that are not saved.

    Raises:
        ChildError: Resolve does not answer.
    """
    in_use = False
    for again in (False, True):
        if (
            again and not in_use
        ):  # deleting can be refused once; and one that was left without being closed must be closed first
            await remote.load_project(name=name)
        await remote.close_project(name=name)
        in_use = await _is_in_use(remote=remote, parking=parking, name=name)
        if not in_use:
            await park(remote=remote, parking=parking)
        if name in await remote.projects():
            await remote.delete_project(name=name)
        if name not in await remote.projects():
            return True
    return False


async def _is_in_use(*, remote: Remote, parking: str, name: str) -> bool:
    """Whether a project is open that is neither of this work nor what Resolve opens by itself."""
    return await remote.open_project() not in (None, UNTITLED, parking, name)


async def sweep_projects(*, remote: Remote, parking: str, prefix: str) -> tuple[str, ...]:
    """Remove every project whose name starts with `prefix`, apart from the parking project; return those gone.

    Raises:
        ChildError: Resolve does not answer.
    """
    leftovers = [name for name in await remote.projects() if name.startswith(prefix) and name != parking]
    return tuple([name for name in leftovers if await remove_project(remote=remote, parking=parking, name=name)])
