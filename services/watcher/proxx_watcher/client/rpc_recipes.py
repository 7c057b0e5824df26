"""Presets of this machine and profiles of the scheduler, for media folders."""

import asyncio
from dataclasses import replace
from pathlib import Path

from proxx.core.presets.preset_library import PresetLibrary
from proxx.core.profile_library import ProfileLibrary
from proxx.rpc.client import SchedulerClient
from proxx.rpc.errors import CallError
from proxx.runtime.preset_files import load_presets
from proxx_watcher.app.ports import SchedulerAwayError


class RpcRecipes:
    """Implements proxx_watcher.app.media_ports.Recipes."""

    def __init__(self, *, client: SchedulerClient, directory: Path | None) -> None:
        """Take the client, and a site's directory of preset files."""
        self._client = client
        self._directory = directory

    async def presets(self) -> PresetLibrary:
        """Return the shipped presets and those of the site."""
        return await asyncio.to_thread(load_presets, directory=self._directory)

    async def profiles(self) -> ProfileLibrary:
        """Return the scheduler's profiles. A preset only names them, so the files of their looks are not fetched."""
        try:
            profiles = await self._client.list_profiles()
        except CallError as error:
            raise SchedulerAwayError(str(error)) from error
        return ProfileLibrary(tuple(replace(profile, look=None) for profile in profiles))
