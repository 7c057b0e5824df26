"""Which pair of format and codec a clip is rendered to, and which executors a step is not given to again."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add three columns. No clip admitted so far is rendered, and no step was given back by an engine."""
    with op.batch_alter_table("clips", schema=None) as batch_op:
        batch_op.add_column(sa.Column("render_codec", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("needs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("codec", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("avoid", sa.Text(), nullable=False, server_default="[]"))
