"""The pure planner: (probed facts, profile, what the JobSpec asks) to the exact command and its expected result."""

from proxx.core.planner.clip import plan_clip, plan_digest
from proxx.core.planner.refusal import PlanRefusedError

__all__ = ["PlanRefusedError", "plan_clip", "plan_digest"]
