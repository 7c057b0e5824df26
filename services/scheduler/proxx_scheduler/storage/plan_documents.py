"""Plan documents as they are kept with their clips, read once: a grant, a Prepare and a view ask for the same text."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from proxx.core.facts import SourceIdentity
from proxx.core.plain import from_plain
from proxx.core.plan import Plan, PlanInputs

REMEMBERED = 2048
"""How many are remembered: about 30 MiB at most."""


class PlanDocument:
    """A plan, what it was made of, and the source as it was probed. Each part is read when it is asked for."""

    def __init__(self, text: str) -> None:
        """Take the stored text."""
        self._text = text
        self._plan: Plan | None = None
        self._inputs: PlanInputs | None = None
        self._identity: SourceIdentity | None = None
        self._parts: Mapping[str, Any] | None = None

    def know(self, *, plan: Plan, inputs: PlanInputs | None, identity: SourceIdentity | None) -> None:
        """Take what was just written, so that it need not be read again."""
        self._plan, self._inputs, self._identity = plan, inputs, identity

    @property
    def plan(self) -> Plan:
        """The plan."""
        if self._plan is None:
            self._plan = from_plain(Plan, self._read()["plan"])
        return self._plan

    @property
    def inputs(self) -> PlanInputs:
        """What the plan was made of."""
        if self._inputs is None:
            self._inputs = from_plain(PlanInputs, self._read()["inputs"])
        return self._inputs

    @property
    def identity(self) -> SourceIdentity:
        """The source as it was probed."""
        if self._identity is None:
            self._identity = from_plain(SourceIdentity, self._read()["identity"])
        return self._identity

    def _read(self) -> Mapping[str, Any]:
        if self._parts is None:
            self._parts = json.loads(self._text)
        return self._parts


@lru_cache(maxsize=REMEMBERED)
def plan_document(text: str) -> PlanDocument:
    """Return the document with this text. What is remembered by its whole text can never be outdated."""
    return PlanDocument(text)
