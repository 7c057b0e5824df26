"""What can go wrong between an executor and its scheduler, one class for each next move of the executor."""


class SchedulerCallError(Exception):
    """A call of the executor protocol did not succeed. The text names target, code and reason."""


class SchedulerUnavailableError(SchedulerCallError):
    """No answer came: call again. After one lease duration without an answer the executor kills its tools."""


class SchedulerDefectError(SchedulerUnavailableError):
    """The scheduler answered with a defect of its own (INTERNAL): as without an answer, but it may never get better."""


class SessionUnknownError(SchedulerCallError):
    """The scheduler does not know the session: open one again with the same incarnation and the leases still held."""


class LeaseSupersededError(SchedulerCallError):
    """The lease is not valid any more: kill the tool, remove the staged file, report nothing."""


class AcquireConsumedError(SchedulerCallError):
    """A newer acquire sequence was seen: go on with the next one."""


class AssetUnknownError(SchedulerCallError):
    """The scheduler has no such file any more: fail the clip that needs it."""


class CallRefusedError(SchedulerCallError):
    """The call was refused for another reason, for example VERDICT_FAILED; never repeat it as it is."""

    def __init__(self, text: str, *, reason: str) -> None:
        """Keep the sentence and the published reason."""
        super().__init__(text)
        self.reason = reason
