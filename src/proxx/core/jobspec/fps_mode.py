"""The frame rate modes of a JobSpec."""

from enum import StrEnum


class FpsMode(StrEnum):
    """Whether a proxy keeps the rate of its source or gets the rate that the spec states."""

    SAME_AS_SOURCE = "same-as-source"
    EXPLICIT = "explicit"
