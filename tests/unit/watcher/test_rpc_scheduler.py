"""What the answers of a scheduler mean to a watch folder."""

from typing import Any, cast

import pytest

from proxx.core.jobs import SubmissionOptions
from proxx.rpc.client import SchedulerClient
from proxx.rpc.errors import CallError, CallFailedError, CallTimeoutError, RefusedCallError, SchedulerUnreachableError
from proxx_watcher.app.ports import SchedulerAwayError, SubmissionFailedError, SubmissionRefusedError
from proxx_watcher.client.rpc_scheduler import RpcScheduler


class _Answers:
    """A client whose every submission ends so."""

    def __init__(self, error: CallError) -> None:
        self._error = error

    async def submit_job(self, **_: Any) -> None:
        raise self._error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(RefusedCallError(reason="SPEC_INVALID", message="no"), SubmissionRefusedError, id="refused"),
        pytest.param(RefusedCallError(reason="INTERNAL", message="no"), SubmissionFailedError, id="internal"),
        pytest.param(CallFailedError("RESOURCE_EXHAUSTED"), SubmissionFailedError, id="a limit of gRPC"),
        pytest.param(RefusedCallError(reason="NOT_LEADER", message="no"), SchedulerAwayError, id="not now"),
        pytest.param(SchedulerUnreachableError("nobody"), SchedulerAwayError, id="nobody answers"),
        pytest.param(CallTimeoutError("late"), SchedulerAwayError, id="too late"),
    ],
)
async def test_a_submission_fails_for_itself_for_good_or_because_nobody_answers(
    error: CallError, kind: type[Exception]
) -> None:
    scheduler = RpcScheduler(cast(SchedulerClient, _Answers(error)))
    with pytest.raises(Exception) as caught:  # noqa: PT011  the very type is what is compared
        await scheduler.submit(request_id="r", spec_json="{}", options=SubmissionOptions())
    assert type(caught.value) is kind
