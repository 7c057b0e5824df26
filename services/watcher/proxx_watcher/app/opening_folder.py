"""A folder whose layout is chosen when it can be looked at for the first time, which may be long after the start."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from proxx.core.quoting import quote
from proxx.core.watch_folders import FolderState, WatchFolder
from proxx_watcher.app.disk_trouble import disk_sentence
from proxx_watcher.app.folder_guard import FolderGuard
from proxx_watcher.app.ports import FolderTroubleError, PassOutcome, WatchedFolder
from proxx_watcher.domain.folder_settings import FolderSettings, Layout
from proxx_watcher.domain.spec_places import SHOWN_CHARACTERS


class OpeningFolder:
    """Implements proxx_watcher.app.ports.WatchedFolder: guards the folder until it is open, then passes all on."""

    def __init__(
        self,
        *,
        settings: FolderSettings,
        guard: FolderGuard,
        choose: Callable[[], Awaitable[Layout]],
        build: Callable[[FolderSettings], WatchedFolder],
    ) -> None:
        """Take what is set; `choose` looks what AUTO means, `build` makes the folder of that layout."""
        self._settings = settings
        self._guard = guard
        self._choose = choose
        self._build = build
        self._inner: WatchedFolder | None = None

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self._settings.name

    @property
    def layout(self) -> Layout:
        """The layout that was chosen; AUTO until then."""
        return self._settings.layout

    async def open(self) -> WatchedFolder:
        """Choose the layout, once.

        Raises:
            FolderTroubleError: the folder cannot be worked on now. OSError: it cannot be looked at.
        """
        if self._inner is None:
            await self._guard.check()
            self._settings = replace(self._settings, layout=await self._choose())
            self._inner = self._build(self._settings)
        return self._inner

    async def open_pass(self, *, submit: bool) -> PassOutcome:
        """Open the folder where that is still to be done, then pass over it."""
        try:
            inner = await self.open()
        except FolderTroubleError as error:
            return self._paused(str(error))
        except OSError as error:
            return self._paused(disk_sentence(error))
        return await inner.open_pass(submit=submit)

    def _paused(self, reason: str) -> PassOutcome:
        view = replace(first_view(self._settings), state=FolderState.PAUSED, reason=reason)
        return PassOutcome(folder=view, look_again_seconds=None, busy=False, failures=0)


def first_view(settings: FolderSettings) -> WatchFolder:
    """Return how a folder is shown that was not looked at yet, or never is because it is not enabled."""
    return WatchFolder(
        name=settings.name,
        path=quote(text=str(settings.path), limit=SHOWN_CHARACTERS)[1:-1],
        layout=settings.layout.value,
        state=FolderState.WATCHING if settings.enabled else FolderState.DISABLED,
        reason="" if settings.enabled else "its settings say enabled = false",
    )
