"""The vectors of protos/vectors/plans: facts and profile in, the exact command and its expected result out."""

import json
from pathlib import Path

import pytest

from proxx.core.plain import from_plain, to_plain
from proxx.core.plan import PlanInputs
from proxx.core.planner import plan_clip

PLANS = sorted((Path(__file__).parents[2] / "protos" / "vectors" / "plans").glob("*.json"))


@pytest.mark.parametrize("path", PLANS, ids=[path.stem for path in PLANS])
def test_the_inputs_of_a_vector_give_its_plan(path: Path) -> None:
    vector = json.loads(path.read_text(encoding="utf-8"))
    assert to_plain(plan_clip(inputs=from_plain(PlanInputs, vector["inputs"]))) == vector["plan"]


def test_there_are_vectors() -> None:
    assert len(PLANS) >= 12
