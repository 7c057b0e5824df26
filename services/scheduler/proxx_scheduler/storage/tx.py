"""One transaction: the parts of storage put together behind the port `Tx`."""

from proxx_scheduler.storage.audit_rows import AuditRows
from proxx_scheduler.storage.clip_rows import ClipRows
from proxx_scheduler.storage.installation_rows import InstallationRows
from proxx_scheduler.storage.note_rows import NoteRows
from proxx_scheduler.storage.refresh_rows import RefreshRows
from proxx_scheduler.storage.step_rows import StepRows
from proxx_scheduler.storage.view_rows import ViewRows


class SqlTx(RefreshRows, NoteRows, ClipRows, StepRows, ViewRows, InstallationRows, AuditRows):
    """Implements proxx_scheduler.app.ports.Tx over one connection."""
