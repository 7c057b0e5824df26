"""A real plan for tests."""

from proxx.core.plan import PlanInputs
from proxx.core.planner import plan_clip
from proxx.core.roots import RootPath
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import FACTS

_PROFILE = builtin_library().get("proxy_prores_proxy")
assert _PROFILE is not None

PLAN = plan_clip(
    inputs=PlanInputs(
        source=RootPath(root="local", path="footage/a.mov"),
        output=RootPath(root="local", path="scratch/clip_00000/a.mov"),
        facts=FACTS,
        profile=_PROFILE,
        codec="prores_proxy",
        container="mov",
        resolution="half",
        fps=None,
    )
)
