"""The wire schema of JobSpec 1.0.0: exactly these fields."""

from typing import Annotated

from pydantic import BaseModel, Field

from proxx.core.jobspec.values import Fault, word_fault
from proxx.core.jobspec.vocabulary import V1_0_0
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
    return word_fault(value, allowed=V1_0_0.fps_words)


class WireSpec(BaseModel):
    """JobSpec 1.0.0. A default means that the field may be absent; an absent resolution is the profile's (C6)."""

    model_config = STRICT

    jobspec_version: str
    job_id: JobId = Field(default="")
    created_at: Moment = Field(default="")
    sources: Sources
    output_dir: Directory
    output_name_template: Filled
    codec: Codec
    container: Container
    resolution: Resolution = Field(default="")
    fps_mode: Annotated[str, checked(_fps_mode_fault)]
    fps_explicit: float | None = Field(default=None)
    proxy_profile: Filled
    user_metadata: TextMap = Field(default={})
