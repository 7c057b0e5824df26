"""The installation's row, indexes of what collisions ask for, and whether the names of outputs are decided."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

BATCH = 10_000


def upgrade() -> None:
    """Create a table, add two columns and two indexes, and note the directories of what is reserved."""
    op.create_table(
        "installation",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("page_key", sa.String(length=64), nullable=False),
        sa.Column("planner_version", sa.Integer(), nullable=False),
        sa.Column("resources_digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_installation")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("named", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index(batch_op.f("ix_jobs_end_time"), ["end_time"], unique=False)
    op.execute("UPDATE jobs SET named = TRUE WHERE admitted OR run_number > 1")
    with op.batch_alter_table("reservations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("directory", sa.String(length=64), nullable=False, server_default=""))
    _fill(op.get_bind())
    op.create_index("ix_reservations_directory", "reservations", ["directory"], unique=False)


def _fill(connection: sa.Connection) -> None:
    """Give every reservation the digest of its directory."""
    places = sa.table("reservations", sa.column("path_digest"), sa.column("path_key"), sa.column("directory"))
    wanted = sa.select(places.c.path_digest, places.c.path_key).order_by(places.c.path_digest).limit(BATCH)
    statement = (
        sa.update(places)
        .where(places.c.path_digest == sa.bindparam("b_digest"))
        .values(directory=sa.bindparam("b_directory"))
    )
    last = ""
    while rows := connection.execute(wanted.where(places.c.path_digest > last)).all():
        values = [{"b_digest": row.path_digest, "b_directory": _directory_of(row.path_key)} for row in rows]
        connection.execute(statement, values)
        last = rows[-1].path_digest


def _directory_of(key: str) -> str:
    above, slash, _ = key.rpartition("/")
    text = above if slash else key.partition(":")[0] + ":"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
