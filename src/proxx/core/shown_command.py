"""The command of a plan with paths in it, whatever its engine: what a dry run shows. Pure."""

from collections.abc import Mapping
from pathlib import PurePath

from proxx.core.command_paths import NO_ASSETS, fill_placeholders
from proxx.core.plan import Plan
from proxx.core.render_command import render_command


def shown_command(
    *, plan: Plan, source: PurePath, output: PurePath, assets: Mapping[str, PurePath] = NO_ASSETS
) -> tuple[str, ...]:
    """Return FFmpeg's argv, or the words of a render.

    Raises:
        KeyError: FFmpeg's needs a look's file that is not given.
    """
    if plan.render is not None:
        return render_command(plan=plan, source=source, output=output).words()
    return fill_placeholders(argv=plan.argv, tool=plan.argv[0], source=source, output=output, assets=assets)
