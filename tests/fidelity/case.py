"""One fault at work: its scene made real, and the ways in which a broken tool may make the bad proxy."""

import shutil
from collections.abc import Callable
from pathlib import Path

from proxx.core.command_paths import fill_placeholders
from proxx.core.planner.container_rules import CONTAINER_RULES
from proxx.core.roots import RootPath
from tests.fidelity.outcome import Outcome
from tests.fidelity.prepared import Prepared
from tests.fidelity.scene import Scene
from tests.fidelity.workshop import ROOT, TOOLS, Workshop
from tests.footage.make import write_clip
from tests.footage.recipe import Recipe

Argv = list[str]
Edit = Callable[[Argv], Argv]
"""A change of the planned argument list: what a broken tool would have run instead."""


class Case:
    """The bad proxy goes to `bad`; until then nothing is there."""

    def __init__(self, *, workshop: Workshop, prepared: Prepared, directory: Path) -> None:
        """Take an empty directory for the bad proxy."""
        self.workshop = workshop
        self.prepared = prepared
        self.directory = directory
        self.bad = directory / prepared.proxy.name
        self.kept = prepared.proxy
        self.source_errors: tuple[str, ...] = ()

    def copy_good(self) -> Path:
        """Put a copy of the good proxy in the bad one's place and return its path."""
        shutil.copyfile(self.prepared.proxy, self.bad)
        return self.bad

    async def encode(self, *edits: Edit, source: Path | None = None) -> None:
        """Run the planned command with changes, on another source when one is given."""
        plain = fill_placeholders(
            argv=self.prepared.plan.argv, tool=TOOLS.ffmpeg, source=source or self.prepared.source, output=self.bad
        )
        argv = list(plain)
        for edit in edits:
            argv = edit(argv)
        self.kept = self.bad
        self.source_errors = (await self.workshop.run(tuple(argv), into=self.directory)).error_lines

    async def remux(self, *, inputs: tuple[str, ...] = (), outputs: tuple[str, ...]) -> None:
        """Copy the packets of the good proxy into a new file, with further arguments for its reading and writing."""
        muxer = CONTAINER_RULES[self.prepared.inputs.container].muxer
        await self.workshop.run(
            (
                *(
                    TOOLS.ffmpeg,
                    "-hide_banner",
                    "-nostdin",
                    "-v",
                    "error",
                    *inputs,
                    "-i",
                    f"file:{self.prepared.proxy}",
                ),
                *("-c", "copy", "-fflags", "+bitexact", *outputs, "-f", muxer, f"file:{self.bad}"),
            ),
            into=self.directory,
        )

    async def other(self, recipe: Recipe, *, container: str) -> None:
        """Put the good proxy of another clip, made with the same profile, in the place of this one's."""
        directory = self.directory / "other"
        directory.mkdir()
        source = write_clip(recipe, directory / recipe.file_name)
        inputs = self.prepared.inputs
        scene = Scene(
            name="other",
            recipe=recipe,
            profile=inputs.profile.name,
            container=container,
            resolution=inputs.resolution,
        )
        made = await self.workshop.plan(scene, directory, source)
        shutil.copyfile(made.proxy, self.bad)

    async def judged(self) -> Outcome:
        """Measure and judge what is at `bad`."""
        return await self.workshop.judge(self.prepared, self.bad, source_errors=self.source_errors, kept=self.kept)

    @property
    def output(self) -> RootPath:
        """The output as the job knows it."""
        return RootPath(root=ROOT, path=self.bad.name)
