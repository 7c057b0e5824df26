"""What the child says of the open project."""

from types import SimpleNamespace
from typing import Any

import pytest

from proxx_resolve_executor.bridge.recorder import OperationError, Recorder
from proxx_resolve_executor.bridge.session import Session


def working_on(name: str, *, shown: object) -> Session:
    """A session that works on a project, in a Resolve whose open project gives the name `shown`."""
    project = SimpleNamespace(GetName=lambda: shown)
    manager = SimpleNamespace(GetCurrentProject=lambda: project)
    application: Any = SimpleNamespace(GetProjectManager=lambda: manager)
    session = Session(Recorder(begin=lambda _call: None, end=lambda _result: None))
    session.application, session.working = application, name
    return session


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        (None, "Resolve is gone, or about to be: the open project gives no name"),
        ("theirs", 'somebody has opened "theirs", and "ours" is not open any more'),
    ],
    ids=["a Resolve that died since", "a project of somebody else"],
)
def test_a_project_that_is_not_ours_is_not_worked_on_and_the_cause_is_told(shown: object, sentence: str) -> None:
    with pytest.raises(OperationError) as refused:
        working_on("ours", shown=shown).project()
    assert refused.value.text == sentence


def test_the_project_at_work_is_returned() -> None:
    assert working_on("ours", shown="ours").project().GetName() == "ours"
