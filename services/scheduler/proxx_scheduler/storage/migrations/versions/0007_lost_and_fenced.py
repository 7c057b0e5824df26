"""How often lost clips are taken back, which stale reports were recorded, and what executors failed at."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add three columns and a table. Every job so far holds what it lost; no executor is fenced."""
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("requeue_limit", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("clips", schema=None) as batch_op:
        batch_op.add_column(sa.Column("requeues", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stale", sa.String(length=60), nullable=False, server_default=""))
    op.create_table(
        "executor_records",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("failures_json", sa.Text(), nullable=False),
        sa.Column("fence_reason", sa.Text(), nullable=False),
        sa.Column("fence_time", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_executor_records")),
    )
