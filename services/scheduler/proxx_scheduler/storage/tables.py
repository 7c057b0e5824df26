"""The tables. Alembic's migrations give the same schema; a test compares the two."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

sequence_type = BigInteger().with_variant(Integer, "sqlite")

jobs = Table(
    "jobs",
    metadata,
    Column("sequence", sequence_type, primary_key=True, autoincrement=True),
    Column("job_key", String(36), nullable=False, unique=True),
    Column("job_id", String(8), nullable=False, index=True),
    Column("state", String(20), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("revision", Integer, nullable=False),
    Column("run_number", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("queue", String(200), nullable=False),
    Column("failure_policy", String(20), nullable=False),
    Column("window", Integer, nullable=False),
    Column("hold", Boolean, nullable=False),
    Column("admitted", Boolean, nullable=False),
    Column("clip_count", Integer, nullable=False),
    Column("head", Integer, nullable=False),
    Column("next_clip", Integer, nullable=False),
    Column("completed", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("has_warnings", Boolean, nullable=False),
    Column("cancel", String(20), nullable=False),
    Column("received_text", Text, nullable=False),
    Column("received_digest", String(64), nullable=False),
    Column("spec_json", Text, nullable=False),
    Column("spec_digest", String(64), nullable=False),
    Column("options_json", Text, nullable=False),
    Column("violations_json", Text, nullable=False),
    Column("submit_time", String(40), nullable=False),
    Column("start_time", String(40)),
    Column("end_time", String(40)),
    Column("event_count", Integer, nullable=False),
    Column("event_head", String(64), nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("rebinding", Boolean, nullable=False, server_default=false()),
    Column("requeue_limit", Integer, nullable=False, server_default="0"),  # 0: what is lost is held
    Column("spec_revision", Integer, nullable=False, server_default="1"),
    Column("named", Boolean, nullable=False, server_default=false()),  # an admission decided the outputs' names
    Column("submitter", Text, nullable=False, server_default="submitter"),  # the actor of its submission
    Column("owner", Text, nullable=False, server_default=""),  # the identity that submitted it; "": nobody was asked
    Index(None, "state"),
    Index(None, "end_time"),
)

requests = Table(
    "requests",
    metadata,
    Column("request_id", String(128), primary_key=True),
    Column("body_digest", String(64), nullable=False),
    Column("job_key", String(36), nullable=False),
)

clips = Table(
    "clips",
    metadata,
    Column("job_key", String(36), primary_key=True),
    Column("clip_index", Integer, primary_key=True, autoincrement=False),
    Column("state", String(20), nullable=False),
    Column("stopping", String(20), nullable=False, default=""),
    Column("skip_reason", String(20), nullable=False, default=""),
    Column("provisional", Boolean, nullable=False, default=False),
    Column("head_only", Boolean, nullable=False, default=False),
    Column("hold", String(20), nullable=False, default=""),
    Column("adopted", Boolean, nullable=False, default=False),
    Column("source_path", Text, nullable=False),
    Column("source_root", Text, nullable=False),
    Column("source_relative", Text, nullable=False),
    Column("output_path", Text, nullable=False),
    Column("output_root", Text, nullable=False),
    Column("output_relative", Text, nullable=False),
    Column("tokens_json", Text, nullable=False),
    Column("probed_json", Text),
    Column("engine", String(20)),
    Column("plan_json", Text),
    Column("plan_digest", String(64)),
    Column("planner_version", Integer),
    Column("failure_json", Text),
    Column("prepared_json", Text),
    Column("attempt_json", Text),
    Column("replaces_json", Text),
    Column("replaced_json", Text),
    Column("epoch", Integer, nullable=False, default=0),
    Column("executor", Text, nullable=False, default=""),
    Column("start_time", String(40)),
    Column("end_time", String(40)),
    Column("cost", Integer, nullable=False, server_default="1"),
    Column("resources_json", Text, nullable=False, server_default="[]"),
    Column("requeues", Integer, nullable=False, server_default="0"),
    Column("staging", Text, nullable=False, server_default=""),  # the root whose budget its staged file counts against
    Column("expected_bytes", BigInteger, nullable=False, server_default="0"),
    Column("staged_bytes", BigInteger, nullable=False, server_default="0"),
    Column("render_codec", Text, nullable=False, server_default=""),  # the pair that its Resolve must encode
)
Index(
    "ix_clips_staging", clips.c.staging, clips.c.state,
    sqlite_where=clips.c.staging != "", postgresql_where=clips.c.staging != "",
)  # fmt: skip

steps = Table(
    "steps",
    metadata,
    Column("sequence", sequence_type, primary_key=True, autoincrement=True),
    Column("step_id", String(32), nullable=False, unique=True),
    Column("job_key", String(36), nullable=False),
    Column("job_sequence", BigInteger, nullable=False),
    Column("clip_index", Integer, nullable=False),
    Column("last_clip", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("engine", String(20), nullable=False),
    Column("roots", Text, nullable=False),
    Column("planner_version", Integer),
    Column("epoch", Integer, nullable=False),
    Column("lease_id", String(36)),
    Column("session_id", String(36)),
    Column("acquire_sequence", BigInteger),
    Column("queue", String(200), nullable=False, server_default="default"),
    Column("cost", Integer, nullable=False, server_default="1"),
    Column("needs", String(32), nullable=False, server_default=""),
    Column("lane", BigInteger),  # the lane in which it waits; NULL when it may not be granted as it stands
    Column("staging", Text, nullable=False, server_default=""),  # the root whose budget may hold it back
    Column("expected_bytes", BigInteger, nullable=False, server_default="0"),
    Index(None, "job_key", "clip_index"),
    Index(None, "lease_id"),
)
Index(
    "ix_steps_waiting", steps.c.lane, steps.c.job_sequence, steps.c.rank, steps.c.clip_index,
    sqlite_where=steps.c.lane.is_not(None), postgresql_where=steps.c.lane.is_not(None),
)  # fmt: skip
Index(
    "ix_steps_held", steps.c.queue, steps.c.needs,
    sqlite_where=steps.c.lease_id.is_not(None), postgresql_where=steps.c.lease_id.is_not(None),
)  # fmt: skip

needs = Table(
    "needs",
    metadata,
    Column("needs", String(32), primary_key=True),
    Column("engine", String(20), nullable=False),
    Column("roots", Text, nullable=False),
    Column("planner_version", Integer),
    Column("resources", Text, nullable=False),
    Column("staging", Text, nullable=False, server_default=""),
    Column("codec", Text, nullable=False, server_default=""),
    Column("avoid", Text, nullable=False, server_default="[]"),
)

lanes = Table(
    "lanes",
    metadata,
    Column("lane", sequence_type, primary_key=True, autoincrement=True),
    Column("queue", String(200), nullable=False),
    Column("behind", Integer, nullable=False),  # minus the priority: every column of the index ascends
    Column("needs", String(32), nullable=False),
    Column("tag", BigInteger, nullable=False),
    Column("job_sequence", BigInteger, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("clip_index", Integer, nullable=False),
    Column("probe_tag", BigInteger),  # NULL where no PROBE waits
    Index(None, "queue", "behind", "needs", unique=True),
    Index("ix_lanes_order", "needs", "behind", "tag", "job_sequence", "rank", "clip_index", "queue"),
)
Index(
    "ix_lanes_probes", lanes.c.needs, lanes.c.behind, lanes.c.probe_tag, lanes.c.job_sequence, lanes.c.rank,
    lanes.c.clip_index, lanes.c.queue,
    sqlite_where=lanes.c.probe_tag.is_not(None), postgresql_where=lanes.c.probe_tag.is_not(None),
)  # fmt: skip

shares = Table(
    "shares",
    metadata,
    Column("queue", String(200), primary_key=True),
    Column("behind", Integer, primary_key=True, autoincrement=False),
    Column("start", BigInteger, nullable=False),
    Column("finish", BigInteger, nullable=False),
    Column("probe_start", BigInteger, nullable=False, server_default="0"),
    Column("probe_finish", BigInteger, nullable=False, server_default="0"),
    Index(None, "behind", "start"),
    Index(None, "behind", "probe_start"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("step_id", String(32), primary_key=True),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("lease_id", String(36), nullable=False, unique=True),
    Column("job_key", String(36), nullable=False),
    Column("clip_index", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("executor", Text, nullable=False),
    Column("incarnation", String(64), nullable=False),
    Column("grant_time", String(40), nullable=False),
    Column("start_time", String(40)),
    Column("end_time", String(40)),
    Column("outcome", String(20), nullable=False),
    Column("answer", String(10)),
    Column("sha256", String(64)),
    Column("stale", String(60), nullable=False, server_default=""),  # the kinds of stale reports that were recorded
    Index(None, "job_key", "clip_index"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("session_id", String(36), primary_key=True),
    Column("incarnation", String(64), nullable=False, unique=True),
    Column("description_json", Text, nullable=False),
    Column("acquire_sequence", BigInteger, nullable=False),
    Column("draining", Boolean, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("last_seen_time", String(40), nullable=False),
    Column("identity", Text, nullable=False, server_default=""),  # who opened it; "": nobody was asked
)

events = Table(
    "events",
    metadata,
    Column("sequence", sequence_type, primary_key=True, autoincrement=True),
    Column("job_key", String(36), nullable=False),
    Column("job_sequence", Integer, nullable=False),
    Column("clip_index", Integer),
    Column("event_time", String(40), nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("before", String(20), nullable=False),
    Column("after", String(20), nullable=False),
    Column("data_json", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index(None, "job_key", "job_sequence", unique=True),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("job_key", String(36), primary_key=True),
    Column("first_kept", Integer, primary_key=True, autoincrement=False),
    Column("retired", Integer, nullable=False),
    Column("last_hash", String(64), nullable=False),
    Column("last_sequence", BigInteger, nullable=False, index=True),
    Column("retire_time", String(40), nullable=False),
    Column("actor", Text, nullable=False),
    Column("prune_sequence", BigInteger, nullable=False, index=True),
)

reservations = Table(
    "reservations",
    metadata,
    Column("path_digest", String(64), primary_key=True),  # a path may be longer than an index entry of PostgreSQL
    Column("path_key", Text, nullable=False),
    Column("job_key", String(36), nullable=False, index=True),
    Column("clip_index", Integer, nullable=False),
    Column("directory", String(64), nullable=False, server_default="", index=True),  # the digest of what it lies in
)

installation = Table(
    "installation",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False),  # one row: 1
    Column("page_key", String(64), nullable=False),  # what seals page tokens
    Column("planner_version", Integer, nullable=False),  # what queued work was last brought up to
    Column("resources_digest", String(64), nullable=False),
)

own_chain = Table(
    "own_chain",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False),  # one row: 1, made with the first event
    Column("event_count", Integer, nullable=False),
    Column("event_head", String(64), nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
)

leadership = Table(
    "leadership",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False),  # one row: 1
    Column("term", BigInteger, nullable=False),
    Column("holder", Text, nullable=False),
    Column("writes", BigInteger, nullable=False),
    Column("seen_seconds", Double, nullable=False),
    Column("address", Text, nullable=False, server_default=""),  # where the holder serves; "": not told
)

runs = Table(
    "runs",
    metadata,
    Column("job_key", String(36), primary_key=True),
    Column("run_number", Integer, primary_key=True, autoincrement=False),
    Column("result_json", Text, nullable=False),
)

run_clips = Table(
    "run_clips",
    metadata,
    Column("job_key", String(36), primary_key=True),
    Column("run_number", Integer, primary_key=True, autoincrement=False),
    Column("clip_index", Integer, primary_key=True, autoincrement=False),
    Column("state", String(20), nullable=False),
    Column("skip_reason", String(20), nullable=False),
    Column("adopted", Boolean, nullable=False),
    Column("output_path", Text, nullable=False),
    Column("output_relative", Text, nullable=False),
    Column("tokens_json", Text, nullable=False),
    Column("probed_json", Text),
    Column("engine", String(20)),
    Column("plan_json", Text),
    Column("plan_digest", String(64)),
    Column("planner_version", Integer),
    Column("failure_json", Text),
    Column("prepared_json", Text),
    Column("attempt_json", Text),
    Column("replaces_json", Text),
    Column("replaced_json", Text),
    Column("epoch", Integer, nullable=False),
    Column("executor", Text, nullable=False),
    Column("start_time", String(40)),
    Column("end_time", String(40)),
)

spec_revisions = Table(
    "spec_revisions",
    metadata,
    Column("job_key", String(36), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("in_force", Boolean, nullable=False),
    Column("received_text", Text, nullable=False),
    Column("received_digest", String(64), nullable=False),
    Column("spec_json", Text, nullable=False),
    Column("spec_digest", String(64), nullable=False),
    Column("options_json", Text, nullable=False),
    Column("outputs_json", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("create_time", String(40), nullable=False),
)

drained_executors = Table(
    "drained_executors",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("actor", Text, nullable=False),
    Column("drain_time", String(40), nullable=False),
)

executor_records = Table(
    "executor_records",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("failures_json", Text, nullable=False),
    Column("fence_reason", Text, nullable=False),
    Column("fence_time", String(40)),
)
