"""What a clip replaces, and where that lies (collision policy OVERWRITE)."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns that older jobs leave empty."""
    with op.batch_alter_table("clips", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaces_json", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("replaced_json", sa.Text(), nullable=True))
