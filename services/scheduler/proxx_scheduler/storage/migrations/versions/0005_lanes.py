"""Lanes in which steps wait, what each queue has had of its priority class, and what steps need and cost."""

import hashlib
import json
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BATCH = 10_000


def upgrade() -> None:
    """Add three tables and six columns, and put what waits into lanes."""
    needs, lanes = _create_tables()
    with op.batch_alter_table("clips", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cost", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("resources_json", sa.Text(), nullable=False, server_default="[]"))
    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.drop_index("ix_steps_state_priority_job_sequence_rank_clip_index")
        batch_op.add_column(sa.Column("queue", sa.String(length=200), nullable=False, server_default="default"))
        batch_op.add_column(sa.Column("cost", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("needs", sa.String(length=32), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("lane", sa.BigInteger(), nullable=True))
    waiting, held = sa.text("lane IS NOT NULL"), sa.text("lease_id IS NOT NULL")
    op.create_index(
        "ix_steps_waiting",
        "steps",
        ["lane", "job_sequence", "rank", "clip_index"],
        unique=False,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index(
        "ix_steps_held", "steps", ["queue", "needs"], unique=False, sqlite_where=held, postgresql_where=held
    )
    _fill(op.get_bind(), needs=needs, lanes=lanes)


def _create_tables() -> tuple[sa.Table, sa.Table]:
    needs = op.create_table(
        "needs",
        sa.Column("needs", sa.String(length=32), nullable=False),
        sa.Column("engine", sa.String(length=20), nullable=False),
        sa.Column("roots", sa.Text(), nullable=False),
        sa.Column("planner_version", sa.Integer(), nullable=True),
        sa.Column("resources", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("needs", name=op.f("pk_needs")),
    )
    lanes = op.create_table(
        "lanes",
        sa.Column("lane", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("queue", sa.String(length=200), nullable=False),
        sa.Column("behind", sa.Integer(), nullable=False),
        sa.Column("needs", sa.String(length=32), nullable=False),
        sa.Column("tag", sa.BigInteger(), nullable=False),
        sa.Column("job_sequence", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("clip_index", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_lanes")),
    )
    op.create_index("ix_lanes_queue_behind_needs", "lanes", ["queue", "behind", "needs"], unique=True)
    op.create_index(
        "ix_lanes_order",
        "lanes",
        ["needs", "behind", "tag", "job_sequence", "rank", "clip_index", "queue"],
        unique=False,
    )
    op.create_table(
        "shares",
        sa.Column("queue", sa.String(length=200), nullable=False),
        sa.Column("behind", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("finish", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("queue", "behind", name=op.f("pk_shares")),
    )
    op.create_index("ix_shares_behind_start", "shares", ["behind", "start"], unique=False)
    return needs, lanes


def _fill(connection: sa.Connection, *, needs: sa.Table, lanes: sa.Table) -> None:
    """Give every step that is not done its queue and needs, and those that may be granted a lane; all shares begin."""
    rows = connection.execute(
        sa.text(
            "SELECT s.step_id, s.kind, s.engine, s.roots, s.planner_version, s.state, s.job_sequence, s.rank,"
            " s.clip_index, j.queue, j.priority, j.state AS job_state FROM steps s JOIN jobs j ON j.job_key = s.job_key"
            " WHERE s.state <> 'DONE' ORDER BY s.job_sequence, s.rank, s.clip_index"
        )
    ).all()
    asked: dict[str, dict[str, object]] = {}
    opened: dict[tuple[str, int, str], dict[str, object]] = {}
    changes = []
    for row in rows:
        key = _needs_key(row)
        asked.setdefault(
            key,
            {
                "needs": key,
                "engine": row.engine,
                "roots": row.roots,
                "planner_version": row.planner_version,
                "resources": "[]",
            },
        )
        lane = None
        if row.state == "QUEUED" and _grantable(row.kind, row.job_state):
            place = {"job_sequence": row.job_sequence, "rank": row.rank, "clip_index": row.clip_index}
            first = {"lane": len(opened) + 1, "queue": row.queue, "behind": -row.priority, "needs": key, "tag": 0}
            lane = opened.setdefault((row.queue, row.priority, key), {**first, **place})["lane"]
        changes.append(
            {"step_id": row.step_id, "queue": row.queue, "priority": row.priority, "needs": key, "lane": lane}
        )
    op.bulk_insert(needs, list(asked.values()))
    op.bulk_insert(lanes, list(opened.values()))
    if connection.dialect.name == "postgresql":  # it does not count what was given
        connection.execute(sa.text("SELECT setval('lanes_lane_seq', (SELECT coalesce(max(lane), 0) + 1 FROM lanes))"))
    update = sa.text(
        "UPDATE steps SET queue = :queue, priority = :priority, needs = :needs, lane = :lane WHERE step_id = :step_id"
    )
    for start in range(0, len(changes), BATCH):
        connection.execute(update, changes[start : start + BATCH])


def _needs_key(row: sa.Row[tuple[object, ...]]) -> str:
    """The key as this revision's scheduler makes it: the digest of the canonical JSON of the needs."""
    needs = {
        "engine": row.engine,
        "planner_version": row.planner_version,
        "resources": [],
        "roots": sorted(json.loads(row.roots)),
    }
    text = json.dumps(needs, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _grantable(kind: str, job_state: str) -> bool:
    allowed: dict[str, Sequence[str]] = {
        "PROBE": ("PENDING",),
        "PUBLISH": ("RUNNING", "CANCELLING"),
        "ENCODE": ("RUNNING",),
    }
    return kind == "SWEEP" or job_state in allowed[kind]
