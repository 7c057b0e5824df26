"""The one row of the installation: the key of its page tokens, and what its queued work was last brought up to."""

import secrets

from sqlalchemy import Connection, insert, select, update

from proxx_scheduler.app.records import Installation
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import TxBase

SLOT = 1
KEY_BYTES = 32


class InstallationRows(TxBase):
    """The part of a transaction that stores the installation."""

    def installation(self) -> Installation:
        row = self.connection.execute(select(t.installation).where(t.installation.c.slot == SLOT)).one()
        return Installation(
            page_key=row.page_key, planner_version=row.planner_version, resources_digest=row.resources_digest
        )

    def mark_installation(self, *, planner_version: int, resources_digest: str) -> None:
        values = {"planner_version": planner_version, "resources_digest": resources_digest}
        self.connection.execute(update(t.installation).where(t.installation.c.slot == SLOT).values(values))


def keep_installation(connection: Connection) -> None:
    """Make the row where there is none yet. Nothing was queued then, or nobody knows what for: 0 and "" say so."""
    known = connection.execute(select(t.installation.c.slot)).first()
    if known is None:
        values = {"page_key": secrets.token_hex(KEY_BYTES), "planner_version": 0, "resources_digest": ""}
        connection.execute(insert(t.installation).values(slot=SLOT, **values))
