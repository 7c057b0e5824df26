"""The field types of both wire schemas: strict types, and the rules of `values` run by pydantic."""

from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from proxx.core.jobspec.values import (
    MAX_SOURCES,
    Fault,
    codec_fault,
    container_fault,
    directory_fault,
    filled_fault,
    job_id_fault,
    moment_fault,
    resolution_fault,
    source_fault,
    text_fault,
)

STRICT = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)
"""No coercion, no unknown field, no change."""


def checked(rule: Callable[[str], Fault | None]) -> AfterValidator:
    """Return the pydantic validator that runs one rule of `values`."""

    def run(value: str) -> str:
        fault = text_fault(value) or rule(value)  # pydantic itself cannot carry what is no Unicode text
        if fault is None:
            return value
        context = {"predicate": fault.predicate, "expected": fault.expected, "actual": fault.actual}
        raise PydanticCustomError(fault.code.value, "{predicate}", context)

    return AfterValidator(run)


Text = Annotated[str, checked(text_fault)]
Filled = Annotated[str, checked(filled_fault)]
Source = Annotated[str, checked(source_fault)]
Sources = Annotated[list[Source], Field(min_length=1, max_length=MAX_SOURCES)]
Directory = Annotated[str, checked(directory_fault)]
JobId = Annotated[str, checked(job_id_fault)]
Moment = Annotated[str, checked(moment_fault)]
Codec = Annotated[str, checked(codec_fault)]
Container = Annotated[str, checked(container_fault)]
Resolution = Annotated[str, checked(resolution_fault)]
TextMap = dict[Text, Text]
