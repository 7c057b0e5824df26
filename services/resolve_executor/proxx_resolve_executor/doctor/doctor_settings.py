"""The settings that the doctor looks with: the executor's own, though no root need be given."""

from pydantic import field_validator

from proxx.engine.executor_settings import mount_of
from proxx.runtime.settings import Words
from proxx_resolve_executor.settings import ExecutorSettings


class DoctorSettings(ExecutorSettings):
    """As the executor's. Without roots, roots are not checked."""

    mount: Words = ()

    @field_validator("mount")
    @classmethod
    def _mounts_are_sound(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            mount_of(text)
        return value
