"""What clips take of their root's staging budget, and which steps it may hold back."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add six columns and an index. No clip admitted so far stands under a budget, and no step is held back."""
    with op.batch_alter_table("clips", schema=None) as batch_op:
        batch_op.add_column(sa.Column("staging", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("expected_bytes", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("staged_bytes", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.add_column(sa.Column("staging", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("expected_bytes", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("needs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("staging", sa.Text(), nullable=False, server_default=""))
    bounded = sa.text("staging != ''")
    op.create_index(
        "ix_clips_staging",
        "clips",
        ["staging", "state"],
        unique=False,
        sqlite_where=bounded,
        postgresql_where=bounded,
    )
