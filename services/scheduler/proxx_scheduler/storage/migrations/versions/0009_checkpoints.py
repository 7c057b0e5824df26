"""Where chains of events begin since their oldest records were retired."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of checkpoints. Events written from now on have their sequence in their hash."""
    op.create_table(
        "checkpoints",
        sa.Column("job_key", sa.String(length=36), nullable=False),
        sa.Column("first_kept", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("retired", sa.Integer(), nullable=False),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("retire_time", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("prune_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job_key", "first_kept", name=op.f("pk_checkpoints")),
    )
    op.create_index("ix_checkpoints_last_sequence", "checkpoints", ["last_sequence"], unique=False)
    op.create_index("ix_checkpoints_prune_sequence", "checkpoints", ["prune_sequence"], unique=False)
