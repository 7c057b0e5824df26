"""The library surface: the same embedded run as `proxx run`, called from Python."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from proxx.core.jobs import SubmissionOptions
from proxx.core.jobspec import FpsMode, JobSpecValidationError
from proxx.core.jobspec import JobSpec as CoreJobSpec
from proxx.embedded.execution_results import ClipExecutionResult, JobExecutionResult

if TYPE_CHECKING:
    from proxx.core.profile_library import ProfileLibrary

__all__ = [
    "ClipExecutionResult",
    "FpsMode",
    "JobExecutionResult",
    "JobSpec",
    "JobSpecValidationError",
    "execute_multi_job_spec",
]


class JobSpec(CoreJobSpec):
    """A JobSpec 2.1 whose `validate` knows the profile library, and can look at the paths."""

    __slots__ = ()

    @staticmethod
    def from_dict(data: Mapping[str, object]) -> "JobSpec":
        """Read JobSpec 2.1 from JSON values, strictly.

        Raises:
            JobSpecValidationError: every structural violation at once.
        """
        return _as_library_spec(CoreJobSpec.from_dict(data))

    @staticmethod
    def from_json(text: str) -> "JobSpec":
        """Read JobSpec 2.1 from JSON text, strictly.

        Raises:
            JobSpecValidationError: the text is not JSON, or breaks structural rules.
        """
        return _as_library_spec(CoreJobSpec.from_json(text))

    def validate(self, *, library: "ProfileLibrary | None" = None, check_paths: bool = False) -> None:
        """Check every rule, with the built-in profiles unless a library is given.

        `check_paths` also probes every source and looks at the output directory, by an embedded scheduler and executor
        (a second or two); that part uses the built-in profiles.

        Raises:
            JobSpecValidationError: every violation at once.
            EmbeddedError: the paths cannot be looked at on this machine.
        """
        from proxx.runtime.profile_files import builtin_library

        CoreJobSpec.validate(self, library=library if library is not None else builtin_library())
        if not check_paths:
            return
        from proxx.embedded.blocking import plan_violations
        from proxx.embedded.target import Target

        violations = plan_violations(spec_json=self.to_json(), target=Target(), options=SubmissionOptions())
        if violations:
            raise JobSpecValidationError(violations)


def execute_multi_job_spec(
    job_spec: CoreJobSpec,
    *,
    options: SubmissionOptions | None = None,
    profiles: Path | None = None,
    slots: int | None = None,
    result_files: bool = True,
) -> JobExecutionResult:
    """Make every proxy of a JobSpec and return the result. Blocks; must not be called inside a running event loop.

    `options` say how it is scheduled (FAIL_FAST by default), `profiles` adds a directory of profile files, `slots` is
    how many clips are made at once (the number of CPUs by default). `result_files` writes result and canonical JobSpec
    beside the proxies. Failed media work is data in the result, never an exception.

    Raises:
        JobSpecValidationError: the spec or one of its paths was refused; every violation is in it.
        EmbeddedError: scheduler, executor or FFmpeg cannot work here.
        CallError: the embedded scheduler refused or failed otherwise.
    """
    from proxx.embedded.blocking import run_blocking
    from proxx.embedded.cpus import usable_cpus
    from proxx.embedded.target import Target
    from proxx.runtime.profile_files import load_library

    directory = profiles.absolute() if profiles is not None else None
    CoreJobSpec.validate(job_spec, library=load_library(directory=directory))
    return run_blocking(
        spec_json=job_spec.to_json(),
        target=Target(profiles=directory, slots=slots or usable_cpus()),
        options=options if options is not None else SubmissionOptions(),
        result_files=result_files,
    )


def _as_library_spec(spec: CoreJobSpec) -> JobSpec:
    return JobSpec(**{field.name: getattr(spec, field.name) for field in dataclasses.fields(spec)})
