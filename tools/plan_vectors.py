"""Rebuilds the expected plans of protos/vectors/plans from their inputs, after a change of planner or profiles.

The sources' facts are kept; a fact that is new since the vector was written is None. A profile that is shipped is taken
as it is shipped today. Read the difference before you commit it: a change of a vector is a change of the contract.
"""

import dataclasses
import json
import sys
import types
import typing
from typing import Any

from proxx.core.plain import from_plain, to_plain
from proxx.core.plan import PlanInputs
from proxx.core.planner import plan_clip
from proxx.runtime.profile_files import builtin_library
from tools.stages import ROOT

VECTORS = ROOT / "protos" / "vectors" / "plans"


def rebuilt(vector: dict[str, Any]) -> dict[str, Any]:
    """Return the vector with today's profile and plan.

    Raises:
        TypeError: the inputs lack a value that has no None.
        PlanRefusedError: today's planner refuses the inputs.
    """
    inputs = dict(vector["inputs"])
    shipped = builtin_library().get(inputs["profile"]["name"])
    if shipped is not None:
        inputs["profile"] = to_plain(shipped)
    completed = _completed(PlanInputs, inputs)
    return {"inputs": completed, "plan": to_plain(plan_clip(inputs=from_plain(PlanInputs, completed)))}


def _completed(hint: object, value: object) -> Any:
    """Return `value` with None for every absent field that may be None."""
    if value is None:
        return None
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return _completed(next(item for item in arguments if item is not type(None)), value)
    if typing.get_origin(hint) is tuple and isinstance(value, list):
        return [_completed(arguments[0], item) for item in value]
    if not (isinstance(hint, type) and dataclasses.is_dataclass(hint) and isinstance(value, dict)):
        return value
    hints = typing.get_type_hints(hint)
    optional = {name for name, kind in hints.items() if type(None) in typing.get_args(kind)}
    return {
        name: _completed(kind, value.get(name)) for name, kind in hints.items() if name in value or name in optional
    }


def main() -> int:
    """Rewrite every vector and name those that changed."""
    for path in sorted(VECTORS.glob("*.json")):
        before = path.read_text(encoding="utf-8")
        after = json.dumps(rebuilt(json.loads(before)), indent=1, ensure_ascii=False) + "\n"
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
