"""Who leads the database; reservations under the digest of their path."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the leadership row's table, and give the reservations a key of fixed length."""
    op.create_table(
        "leadership",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("term", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("writes", sa.BigInteger(), nullable=False),
        sa.Column("seen_seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_leadership")),
    )
    connection = op.get_bind()
    held = connection.execute(sa.text("SELECT path_key, job_key, clip_index FROM reservations")).all()
    op.drop_table("reservations")
    reservations = op.create_table(
        "reservations",
        sa.Column("path_digest", sa.String(length=64), nullable=False),
        sa.Column("path_key", sa.Text(), nullable=False),
        sa.Column("job_key", sa.String(length=36), nullable=False),
        sa.Column("clip_index", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("path_digest", name=op.f("pk_reservations")),
    )
    with op.batch_alter_table("reservations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reservations_job_key"), ["job_key"], unique=False)
    rows = [{"path_digest": hashlib.sha256(row.path_key.encode()).hexdigest(), **row._mapping} for row in held]
    if rows:
        op.bulk_insert(reservations, rows)
