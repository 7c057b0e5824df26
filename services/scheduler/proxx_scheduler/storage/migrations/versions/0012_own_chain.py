"""Where the scheduler's own chain of events ends, and who submitted a job."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create a table of at most one row, and add a column; fill both from the log."""
    op.create_table(
        "own_chain",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("event_head", sa.String(length=64), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_own_chain")),
    )
    events = sa.table("events", *(sa.column(name) for name in ("job_key", "job_sequence", "sequence", "hash")))
    own = sa.table("own_chain", *(sa.column(name) for name in ("slot", "event_count", "event_head", "last_sequence")))
    newest = (
        op.get_bind()
        .execute(
            sa.select(events.c.job_sequence, events.c.hash, events.c.sequence)
            .where(events.c.job_key == "")
            .order_by(events.c.job_sequence.desc())
            .limit(1)
        )
        .first()
    )
    if newest is not None:  # the row is made with the first event
        count, head, sequence = newest
        op.execute(own.insert().values(slot=1, event_count=count, event_head=head, last_sequence=sequence))
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("submitter", sa.Text(), nullable=False, server_default="submitter"))
    op.execute(
        "UPDATE jobs SET submitter = coalesce((SELECT actor FROM events WHERE events.job_key = jobs.job_key"
        " AND events.job_sequence = 1), submitter)"
    )
