"""The command of a render, apart from its execution: what a dry run shows and a result keeps (REQUIREMENTS 139).

Pure and serialisable: `to_plain` makes JSON of it, `words` what stands where the argv of FFmpeg stands otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from proxx.core.plan import Plan
from proxx.core.render_plan import RenderPlan

TOOL = "resolve"
"""The first word of the command."""

SCRIPT = "script"
"""The only way of invocation: Resolve's scripting API. Its command line starts it, and renders nothing."""


_RATE = "project.timelineFrameRate"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderCommand:
    """One render: how Resolve is invoked, on which source, into which output, and what it is told."""

    invocation: str
    source: str
    output: str
    render: RenderPlan

    def words(self) -> tuple[str, ...]:
        """Return the command as words: `resolve`, then `name=value`; settings of the project begin with `project.`."""
        plan = self.render
        return (
            TOOL,
            f"invocation={self.invocation}",
            f"source={self.source}",
            f"output={self.output}",
            f"preset={plan.preset}",
            f"preset_sha256={plan.preset_sha256}",
            f"format={plan.format_id}",
            f"codec={plan.codec_id}",
            f"mode={'individual_clips' if plan.individual_clips else 'single_clip'}",
            *(f"project.{setting.key}={setting.value}" for setting in plan.project_settings),
            *(f"{setting.key}={setting.value}" for setting in plan.settings),
        )


def command_summary(*, words: Sequence[str]) -> str:
    """Return a render's command in one short line; empty for a command that is none of a render."""
    if not words or words[0] != TOOL:
        return ""
    said = dict(word.partition("=")[::2] for word in words[1:])
    named = [f"{key} {said[key]}" for key in ("preset", "format", "codec", "mode") if key in said]
    raster = [f"{said['FormatWidth']}x{said['FormatHeight']}"] if {"FormatWidth", "FormatHeight"} <= said.keys() else []
    rate = [f"timeline {said[_RATE]}"] if _RATE in said else []
    return ", ".join((*named, *raster, *rate))


def render_command(*, plan: Plan, source: PurePath, output: PurePath) -> RenderCommand:
    """Return the command of a plan for Resolve; the paths are a host's own, or as the submitter spells them.

    Raises:
        ValueError: the plan is one for FFmpeg.
    """
    if plan.render is None:
        raise ValueError(f"the plan {plan.digest} is one for {plan.engine.value}, which has an argv")
    return RenderCommand(invocation=SCRIPT, source=str(source), output=str(output), render=plan.render)
