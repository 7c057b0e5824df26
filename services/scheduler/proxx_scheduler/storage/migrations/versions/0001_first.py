"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "attempts",
        sa.Column("step_id", sa.String(length=32), nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lease_id", sa.String(length=36), nullable=False),
        sa.Column("job_key", sa.String(length=36), nullable=False),
        sa.Column("clip_index", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("executor", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.String(length=64), nullable=False),
        sa.Column("grant_time", sa.String(length=40), nullable=False),
        sa.Column("start_time", sa.String(length=40), nullable=True),
        sa.Column("end_time", sa.String(length=40), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("step_id", "epoch", name=op.f("pk_attempts")),
        sa.UniqueConstraint("lease_id", name=op.f("uq_attempts_lease_id")),
    )
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempts_job_key_clip_index"), ["job_key", "clip_index"], unique=False)

    op.create_table(
        "clips",
        sa.Column("job_key", sa.String(length=36), nullable=False),
        sa.Column("clip_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("stopping", sa.String(length=20), nullable=False),
        sa.Column("skip_reason", sa.String(length=20), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("head_only", sa.Boolean(), nullable=False),
        sa.Column("hold", sa.String(length=20), nullable=False),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.Column("source_path", sa.Text(), nullable=False),
        sa.Column("source_root", sa.Text(), nullable=False),
        sa.Column("source_relative", sa.Text(), nullable=False),
        sa.Column("output_path", sa.Text(), nullable=False),
        sa.Column("output_root", sa.Text(), nullable=False),
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
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("executor", sa.Text(), nullable=False),
        sa.Column("start_time", sa.String(length=40), nullable=True),
        sa.Column("end_time", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("job_key", "clip_index", name=op.f("pk_clips")),
    )
    op.create_table(
        "events",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("job_key", sa.String(length=36), nullable=False),
        sa.Column("job_sequence", sa.Integer(), nullable=False),
        sa.Column("clip_index", sa.Integer(), nullable=True),
        sa.Column("event_time", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("before", sa.String(length=20), nullable=False),
        sa.Column("after", sa.String(length=20), nullable=False),
        sa.Column("data_json", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_job_key_job_sequence"), ["job_key", "job_sequence"], unique=True)

    op.create_table(
        "jobs",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("job_key", sa.String(length=36), nullable=False),
        sa.Column("job_id", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("run_number", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(length=200), nullable=False),
        sa.Column("failure_policy", sa.String(length=20), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("hold", sa.Boolean(), nullable=False),
        sa.Column("admitted", sa.Boolean(), nullable=False),
        sa.Column("clip_count", sa.Integer(), nullable=False),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.Column("next_clip", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("has_warnings", sa.Boolean(), nullable=False),
        sa.Column("cancel", sa.String(length=20), nullable=False),
        sa.Column("received_text", sa.Text(), nullable=False),
        sa.Column("received_digest", sa.String(length=64), nullable=False),
        sa.Column("spec_json", sa.Text(), nullable=False),
        sa.Column("spec_digest", sa.String(length=64), nullable=False),
        sa.Column("options_json", sa.Text(), nullable=False),
        sa.Column("violations_json", sa.Text(), nullable=False),
        sa.Column("submit_time", sa.String(length=40), nullable=False),
        sa.Column("start_time", sa.String(length=40), nullable=True),
        sa.Column("end_time", sa.String(length=40), nullable=True),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("event_head", sa.String(length=64), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_jobs")),
        sa.UniqueConstraint("job_key", name=op.f("uq_jobs_job_key")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_jobs_job_id"), ["job_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_jobs_state"), ["state"], unique=False)

    op.create_table(
        "requests",
        sa.Column("request_id", sa.String(length=128), nullable=False),
        sa.Column("body_digest", sa.String(length=64), nullable=False),
        sa.Column("job_key", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_requests")),
    )
    op.create_table(
        "reservations",
        sa.Column("path_key", sa.Text(), nullable=False),
        sa.Column("job_key", sa.String(length=36), nullable=False),
        sa.Column("clip_index", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("path_key", name=op.f("pk_reservations")),
    )
    with op.batch_alter_table("reservations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reservations_job_key"), ["job_key"], unique=False)

    op.create_table(
        "sessions",
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("incarnation", sa.String(length=64), nullable=False),
        sa.Column("description_json", sa.Text(), nullable=False),
        sa.Column("acquire_sequence", sa.BigInteger(), nullable=False),
        sa.Column("draining", sa.Boolean(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("last_seen_time", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("incarnation", name=op.f("uq_sessions_incarnation")),
    )
    op.create_table(
        "steps",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("step_id", sa.String(length=32), nullable=False),
        sa.Column("job_key", sa.String(length=36), nullable=False),
        sa.Column("job_sequence", sa.BigInteger(), nullable=False),
        sa.Column("clip_index", sa.Integer(), nullable=False),
        sa.Column("last_clip", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("engine", sa.String(length=20), nullable=False),
        sa.Column("roots", sa.Text(), nullable=False),
        sa.Column("planner_version", sa.Integer(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("lease_id", sa.String(length=36), nullable=True),
        sa.Column("session_id", sa.String(length=36), nullable=True),
        sa.Column("acquire_sequence", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_steps")),
        sa.UniqueConstraint("step_id", name=op.f("uq_steps_step_id")),
    )
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_steps_job_key_clip_index"), ["job_key", "clip_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_steps_lease_id"), ["lease_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_steps_state_priority_job_sequence_rank_clip_index"),
            ["state", "priority", "job_sequence", "rank", "clip_index"],
            unique=False,
        )
