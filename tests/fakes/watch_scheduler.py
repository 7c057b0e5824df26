"""A scheduler in memory, as the watcher sees it. What becomes of a job stands in its spec."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from proxx.core.jobs import (
    RESULT_SCHEMA_VERSION,
    ClipCounts,
    JobResult,
    JobState,
    JobView,
    SubmissionOptions,
)
from proxx.core.violation import Violation, ViolationCode
from proxx_watcher.app.ports import SchedulerAwayError, SubmissionFailedError, SubmissionRefusedError

MOMENT = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
REFUSAL = Violation(code=ViolationCode.FIELD_UNKNOWN, field="nonsense", message="nonsense: no such field")
OPTIONS_REFUSAL = Violation(
    code=ViolationCode.LIMIT_EXCEEDED, field="options.labels", message="Option labels is 65: at most 64 labels are kept"
)
COUNTS = ClipCounts(total=1, completed=0, failed=0, skipped=0)


@dataclass
class FakeWatchScheduler:
    """Implements proxx_watcher.app.ports.Scheduler.

    The text of a spec is a JSON object. `{"ends": "FAILED"}` ends so, COMPLETED without it; `{"ends": null}` goes on
    until the test ends it; `{"refuse": true}` is refused, at `{"fail": true}` the scheduler itself
    fails. A job is seen PENDING, then RUNNING, then as it ended.
    """

    down: bool = False
    loses_answers: int = 0
    """How many of the next submissions arrive without their answer coming back."""
    refuses: bool = True
    refuses_options: bool = False
    made: list[str] = field(default_factory=list)
    submitted: list[str] = field(default_factory=list)
    """The specs of the jobs, in the order in which they were made."""
    options: list[SubmissionOptions] = field(default_factory=list)
    calls: int = 0
    _views: dict[str, JobView] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)

    async def alive(self) -> None:
        self._answer()

    async def find(self, *, request_id: str) -> JobView | None:
        self._answer()
        return self._views[self._keys[request_id]] if request_id in self._keys else None

    async def submit(self, *, request_id: str, spec_json: str, options: SubmissionOptions) -> JobView:
        self._answer()
        if request_id in self._keys:
            return self._views[self._keys[request_id]]
        spec = json.loads(spec_json)
        if spec.get("fail"):
            raise SubmissionFailedError("INTERNAL: correlation id 3fa94c1b")
        if self.refuses_options:
            raise SubmissionRefusedError(message="refused", violations=(OPTIONS_REFUSAL,))
        if self.refuses and spec.get("refuse"):
            raise SubmissionRefusedError(message="refused", violations=(REFUSAL,))
        key = f"job-{len(self.made) + 1}"
        self.made.append(key)
        self.submitted.append(spec_json)
        self.options.append(options)
        self._keys[request_id] = key
        self._views[key] = JobView(
            job_key=key,
            job_id=f"{len(self.made):08x}",
            state=JobState.PENDING,
            reason="",
            revision=1,
            run_number=1,
            counts=COUNTS,
            has_warnings=False,
            spec=spec,
            spec_digest="d" * 64,
            received_digest=hashlib.sha256(spec_json.encode()).hexdigest(),
            options=options,
            submit_time=MOMENT,
            start_time=None,
            end_time=None,
            violations=(),
            last_event_sequence=1,
        )
        if self.loses_answers:
            self.loses_answers -= 1
            raise SchedulerAwayError("the deadline passed")
        return self._views[key]

    async def jobs(self, *, job_keys: Sequence[str]) -> Mapping[str, JobView]:
        self._answer()
        known = [key for key in job_keys if key in self._views]
        for key in known:
            self._views[key] = _later(self._views[key])
        return {key: self._views[key] for key in known}

    async def result(self, *, job_key: str) -> JobResult:
        self._answer()
        view = self._views[job_key]
        return JobResult(
            schema_version=RESULT_SCHEMA_VERSION,
            job_key=view.job_key,
            job_id=view.job_id,
            final_status=view.state,
            reason=view.reason,
            run_number=view.run_number,
            counts=view.counts,
            has_warnings=False,
            submit_time=view.submit_time,
            start_time=MOMENT,
            end_time=MOMENT,
            violations=(),
            clips=(),
            spec=view.spec,
            spec_digest=view.spec_digest,
            received_digest=view.received_digest,
            options=view.options,
            event_chain_head="",
        )

    def put(self, key: str, state: JobState, reason: str = "") -> None:
        """Bring a job into a state."""
        self._views[key] = replace(self._views[key], state=state, reason=reason)

    def forget(self) -> None:
        """Lose the database."""
        self._views.clear()
        self._keys.clear()

    def _answer(self) -> None:
        self.calls += 1
        if self.down:
            raise SchedulerAwayError("nobody answers at test")


def _later(view: JobView) -> JobView:
    if view.state is JobState.PENDING and not view.options.hold:
        return replace(view, state=JobState.RUNNING)
    end = view.spec.get("ends", "COMPLETED")
    if view.state is JobState.RUNNING and end is not None:
        return replace(view, state=JobState(str(end)))
    return view
