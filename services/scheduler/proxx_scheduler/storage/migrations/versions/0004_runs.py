"""Runs, revisions of specs, and executors that operators drain."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create three tables and add two columns."""
    op.create_table(
        "runs",
        sa.Column("job_key", sa.String(length=36), nullable=False),
        sa.Column("run_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("result_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_key", "run_number", name=op.f("pk_runs")),
    )
    op.create_table(
        "run_clips",
        sa.Column("job_key", sa.String(length=36), nullable=False),
        sa.Column("run_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("clip_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("skip_reason", sa.String(length=20), nullable=False),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.Column("output_path", sa.Text(), nullable=False),
        sa.Column("output_relative", sa.Text(), nullable=False),
        sa.Column("tokens_json", sa.Text(), nullable=False),
        sa.Column("probed_json", sa.Text(), nullable=True),
        sa.Column("engine", sa.String(length=20), nullable=True),
        sa.Column("plan_json", sa.Text(), nullable=True),
        sa.Column("plan_digest", sa.String(length=64), nullable=True),
        sa.Column("planner_version", sa.Integer(), nullable=True),
        sa.Column("failure_json", sa.Text(), nullable=True),
        sa.Column("prepared_json", sa.Text(), nullable=True),
        sa.Column("attempt_json", sa.Text(), nullable=True),
        sa.Column("replaces_json", sa.Text(), nullable=True),
        sa.Column("replaced_json", sa.Text(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("executor", sa.Text(), nullable=False),
        sa.Column("start_time", sa.String(length=40), nullable=True),
        sa.Column("end_time", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("job_key", "run_number", "clip_index", name=op.f("pk_run_clips")),
    )
    op.create_table(
        "spec_revisions",
        sa.Column("job_key", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("received_text", sa.Text(), nullable=False),
        sa.Column("received_digest", sa.String(length=64), nullable=False),
        sa.Column("spec_json", sa.Text(), nullable=False),
        sa.Column("spec_digest", sa.String(length=64), nullable=False),
        sa.Column("options_json", sa.Text(), nullable=False),
        sa.Column("outputs_json", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("create_time", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("job_key", "number", name=op.f("pk_spec_revisions")),
    )
    op.create_table(
        "drained_executors",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("drain_time", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_drained_executors")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rebinding", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("spec_revision", sa.Integer(), nullable=False, server_default="1"))
