"""The wire schema of JobSpec 2.1: exactly these fields."""

from typing import Annotated

from pydantic import BaseModel, Field

from proxx.core.jobspec.values import Fault, word_fault
from proxx.core.jobspec.vocabulary import V2_1
from proxx.core.jobspec.wire_types import (
    STRICT,
    Codec,
    Container,
    Directory,
    Filled,
    JobId,
    Moment,
    Resolution,
    Sources,
    TextMap,
    checked,
)


def _fps_mode_fault(value: str) -> Fault | None:
    return word_fault(value, allowed=V2_1.fps_words)


class WireSpec(BaseModel):
    """JobSpec 2.1. A default means: the field may be absent. `fps_explicit` alone may be null (seed 004: `float?`)."""

    model_config = STRICT

    jobspec_version: str
    job_id: JobId = Field(default="")
    created_at: Moment = Field(default="")
    sources: Sources
    output_directory: Directory
    codec: Codec
    container: Container
    resolution: Resolution
    fps_mode: Annotated[str, checked(_fps_mode_fault)] = Field(default="")
    fps_explicit: float | None = Field(default=None)
    naming_template: Filled
    proxy_profile: Filled
    resolved_tokens: TextMap = Field(default={})
    user_metadata: TextMap = Field(default={})
