"""What queues have had of the executors' room to probe, apart from what they have had of slots."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add three columns and two indexes. PROBEs that wait begin alike, in the order of their submission."""
    with op.batch_alter_table("lanes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("probe_tag", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("shares", schema=None) as batch_op:
        batch_op.add_column(sa.Column("probe_start", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("probe_finish", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE lanes SET probe_tag = 0 WHERE needs IN (SELECT needs FROM needs WHERE engine = 'either'"
        " OR (engine = 'ffmpeg' AND planner_version IS NULL))"
    )
    tagged = sa.text("probe_tag IS NOT NULL")
    op.create_index(
        "ix_lanes_probes",
        "lanes",
        ["needs", "behind", "probe_tag", "job_sequence", "rank", "clip_index", "queue"],
        unique=False,
        sqlite_where=tagged,
        postgresql_where=tagged,
    )
    op.create_index("ix_shares_behind_probe_start", "shares", ["behind", "probe_start"], unique=False)
