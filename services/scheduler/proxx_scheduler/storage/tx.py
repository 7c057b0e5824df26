"""One transaction: the parts of storage put together behind the port `Tx`."""

from proxx_scheduler.storage.job_rows import JobRows
from proxx_scheduler.storage.step_rows import StepRows
from proxx_scheduler.storage.view_rows import ViewRows


class SqlTx(JobRows, StepRows, ViewRows):
    """Implements proxx_scheduler.app.ports.Tx over one connection."""
