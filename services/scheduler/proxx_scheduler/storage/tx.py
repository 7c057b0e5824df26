"""One transaction: the parts of storage put together behind the port `Tx`."""

from proxx_scheduler.storage.clip_rows import ClipRows
from proxx_scheduler.storage.job_rows import JobRows
from proxx_scheduler.storage.step_rows import StepRows
from proxx_scheduler.storage.view_rows import ViewRows


class SqlTx(JobRows, ClipRows, StepRows, ViewRows):
    """Implements proxx_scheduler.app.ports.Tx over one connection."""
