"""The work behind `proxx run`, for a new JobSpec and for a kept run."""

from dataclasses import dataclass

from proxx.cli.check import check_spec, profile_library
from proxx.cli.displays import chosen_display
from proxx.cli.environment import Environment
from proxx.cli.errors import CommandError, InterruptedCommandError
from proxx.cli.exits import ExitCode
from proxx.cli.finish import finish, finish_refused
from proxx.cli.output import say
from proxx.cli.remote import run_remote
from proxx.cli.spec_input import SpecInput
from proxx.core.jobs import JobResult, JobState, JobView, SubmissionOptions
from proxx.embedded.interrupts import Interrupts
from proxx.embedded.job_run import JobRun
from proxx.embedded.paging import newest_jobs
from proxx.embedded.session import RunHandle, Session
from proxx.embedded.target import Target
from proxx.rpc.errors import RefusedCallError


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCommand:
    """One call of `proxx run`."""

    environment: Environment
    target: Target
    options: SubmissionOptions
    request_id: str | None
    result_files: bool
    progress: bool

    def spec(self, received: SpecInput) -> int:
        """Run a JobSpec and return the exit code.

        Raises:
            CommandError: nothing could be run.
        """
        if self.target.server is None:
            _, violations = check_spec(text=received.text, library=profile_library(self.target.profiles))
            if violations:
                return finish_refused(violations=violations, jobspec_path=received.path, now=self.environment.now())
        return run_remote(lambda: self._submit_and_follow(received))

    def resume(self) -> int:
        """Go on with the kept run of the target and return the exit code.

        Raises:
            CommandError: there is no such run, or nothing in it can go on.
        """
        return run_remote(self._resume)

    async def _submit_and_follow(self, received: SpecInput) -> int:
        async with self.environment.connect(self.target) as session:
            request_id = self.request_id or self.environment.new_request_id()
            with Interrupts() as interrupts:
                try:
                    job, created = await session.client.submit_job(
                        request_id=request_id, spec_json=received.text, options=self.options
                    )
                except RefusedCallError as error:
                    if error.reason != "SPEC_INVALID" or not error.violations:
                        raise
                    return finish_refused(
                        violations=error.violations, jobspec_path=received.path, now=self.environment.now()
                    )
                if not created:
                    say(f"request id {request_id} has made job {job.job_id} before; this is that job")
                if session.run is not None:
                    session.run.keep(note={"job_key": job.job_key, "jobspec_path": received.path})
                return await self._follow(session, job, received.path, interrupts)

    async def _resume(self) -> int:
        async with self.environment.connect(self.target) as session:
            note = session.run.note() if session.run is not None else {}
            path = note.get("jobspec_path")
            jobs = await newest_jobs(client=session.client, limit=1)
            if not jobs:
                raise CommandError("this run was kept without a job", exit_code=ExitCode.SYSTEM)
            with Interrupts() as interrupts:
                return await self._resume_job(session, jobs[0], path if isinstance(path, str) else None, interrupts)

    async def _resume_job(
        self, session: Session, job: JobView, jobspec_path: str | None, interrupts: Interrupts
    ) -> int:
        """Follow until the job needs an operator's word, give it once, and follow to the end."""
        if job.state.terminal:
            say(f"job {job.job_id} ended already: {job.state}")
        elif job.state is not JobState.RECOVERY_REQUIRED:
            say(f"job {job.job_id} is {job.state}: waiting until it is certain which work was lost")
            job = await self._until_certain(session, job, interrupts)
        if job.state in (JobState.RECOVERY_REQUIRED, JobState.PAUSED):
            left = job.counts.total - job.counts.completed
            say(f"resuming job {job.job_id}: {left} of {job.counts.total} clips are not published yet")
            job = await session.client.resume_job(
                job_key=job.job_key, request_id=self.environment.new_request_id(), expected_revision=job.revision
            )
        return await self._follow(session, job, jobspec_path, interrupts)

    async def _until_certain(self, session: Session, job: JobView, interrupts: Interrupts) -> JobView:
        if job.state is JobState.PAUSED:
            return job
        await self._result_of(session, job, interrupts)
        return await session.client.get_job(job_key=job.job_key)

    async def _follow(self, session: Session, job: JobView, jobspec_path: str | None, interrupts: Interrupts) -> int:
        result, missing = await self._result_of(session, job, interrupts)
        trace = _settle(session.run, result)
        code = finish(
            result=result,
            jobspec_path=jobspec_path,
            trace_path=trace,
            now=self.environment.now(),
            files=self.result_files,
            reports=True,
        )
        if missing:
            say(missing)
            return ExitCode.SYSTEM
        if interrupts.count:
            return ExitCode.TERMINATED if interrupts.terminated else ExitCode.INTERRUPTED
        if trace is not None and result.final_status is JobState.RECOVERY_REQUIRED and session.run is not None:
            say(f"the run is kept; go on with: proxx run --resume {session.run.run_id}")
        return code

    async def _result_of(self, session: Session, job: JobView, interrupts: Interrupts) -> tuple[JobResult, str]:
        display = chosen_display(environment=self.environment, progress=self.progress)
        running = JobRun(
            client=session.client,
            display=display,
            say=say,
            new_request_id=self.environment.new_request_id,
            embedded=session.run is not None,
        )
        try:
            result = await running.to_result(job=job, interrupts=interrupts)
        finally:
            display.close()
        if result is None:
            kept = f"; go on with: proxx run --resume {session.run.run_id}" if session.run is not None else ""
            raise InterruptedCommandError(
                f"left job {job.job_id} before its end{kept}", terminated=interrupts.terminated
            )
        return result, running.missing_engine


def _settle(run: RunHandle | None, result: JobResult) -> str | None:
    """Let go of the directory of a COMPLETED run; return where the logs of any other one are."""
    if run is None:
        return None
    if result.final_status is JobState.COMPLETED:
        run.discard()
        return None
    return run.log_directory
