"""A JobSpec folder on this machine's file systems: the functions of `files` in the folder's own thread."""

from collections.abc import Mapping
from pathlib import Path

from proxx.runtime.where import Where
from proxx_watcher.app.ports import FileRead
from proxx_watcher.disk import files
from proxx_watcher.disk.below import below
from proxx_watcher.disk.listing import Listing
from proxx_watcher.disk.off_loop import Runs
from proxx_watcher.domain.root_identity import RootIdentity
from proxx_watcher.domain.sighted_name import SightedName
from proxx_watcher.domain.spec_names import RESULT_ENDING, matters


class LocalSpecDisk:
    """Implements proxx_watcher.app.ports.SpecDisk."""

    def __init__(self, *, root: Path, thread: Runs) -> None:
        """Take the folder, absolute and real, and the thread of its calls."""
        self._root = root
        self._thread = thread
        self._listings: dict[tuple[str, bool], Listing] = {}
        self._results: dict[str, Listing] = {}

    async def identity(self) -> RootIdentity | None:
        """Return which directory stands at the folder's path."""
        return await self._thread.run(lambda: files.identity_of(self._root))

    async def names(self, *, directory: str) -> tuple[SightedName, ...]:
        """Return everything in a directory."""
        return await self._thread.run(lambda: files.names_in(self._at(directory)))

    async def specs(self, *, directory: str, results_here: bool) -> tuple[SightedName, ...]:
        """Return what stands under the names that matter."""
        listing = self._listings.get((directory, results_here))
        if listing is None:
            listing = Listing(
                directory=self._at(directory), matters=lambda name: matters(name=name, results_here=results_here)
            )
            self._listings[directory, results_here] = listing
        return await self._thread.run(listing.look)

    async def results(self, *, directory: str) -> Mapping[str, int]:
        """Return the names of results in a directory."""
        listing = self._results.get(directory)
        if listing is None:
            listing = Listing(directory=self._at(directory), matters=lambda name: name.endswith(RESULT_ENDING))
            self._results[directory] = listing
        try:
            return await self._thread.run(listing.names)
        except FileNotFoundError:
            return {}

    async def look(self, *, path: str) -> SightedName | None:
        """Return what stands at a path."""
        return await self._thread.run(lambda: files.look_at(self._at(path)))

    async def read(self, *, path: str, limit: int) -> FileRead:
        """Read a regular file."""
        return await self._thread.run(lambda: files.read_file(path=self._at(path), limit=limit))

    async def make_directory(self, *, path: str) -> None:
        """Make a directory."""
        await self._thread.run(lambda: files.make_directory(self._at(path)))

    async def write_new(self, *, path: str, text: str) -> None:
        """Write a new file."""
        await self._thread.run(lambda: files.write_new(path=self._at(path), text=text))

    async def write_over(self, *, path: str, text: str) -> None:
        """Replace a file of our own."""
        await self._thread.run(lambda: files.write_over(path=self._at(path), text=text))

    async def move(self, *, source: str, target: str) -> None:
        """Move a file."""
        await self._thread.run(lambda: files.move(source=self._at(source), target=self._at(target)))

    async def put_back(self, *, source: str, target: str) -> None:
        """Move a file back to where others make names."""
        await self._thread.run(lambda: files.put_back(source=self._at(source), target=self._at(target)))

    async def sweep(self, *, directory: str) -> None:
        """Remove unfinished files."""
        await self._thread.run(lambda: files.sweep(self._at(directory)))

    def _at(self, path: str) -> Where:
        return below(root=self._root, path=path)
