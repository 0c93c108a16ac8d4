"""The queue's tables. What changes here changes in a new file of `migrations/versions/` too; a test compares.

Times are seconds since 1970 (UTC), dollars are whole billionths, so that both databases compare and sum them exactly.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

phases = Table(
    "coach_phases",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("measure", Text, nullable=False),
)

tasks = Table(
    "coach_tasks",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("seq", Integer, nullable=False, unique=True),  # the order in which tasks were added
    Column("phase", String(100), nullable=False),
    Column("agent", String(20), nullable=False),
    Column("urgency", SmallInteger, nullable=False),  # 10 - priority: the smallest is claimed first
    Column("state", String(20), nullable=False),
    Column("spec", Text, nullable=False),  # TaskSpec as JSON
    Column("reason", Text, nullable=False),
    Column("lessons", Text, nullable=False),  # a JSON list of texts
    Column("attempts", Integer, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("cost_nano", BigInteger),
    Column("priced_by", Text),
    Column("worker", Text),
    Column(
        "token", String(64)
    ),  # of the latest claim; stays when the task is finished, so that finishing can be repeated
    Column("lease_expires", Double),
    Column("added", Double, nullable=False),
    Column("started", Double),
    Column("finished", Double),
    Column("score", SmallInteger),
    Column("branch", Text),
    # A claim reads one entry of this index and nothing else.
    Index("ix_coach_tasks_claim", "state", "agent", "urgency", "seq", "phase"),
    Index("ix_coach_tasks_lease", "state", "lease_expires"),
    Index("ix_coach_tasks_token", "token"),
    Index("ix_coach_tasks_phase", "phase", "state"),
)

dependencies = Table(
    "coach_dependencies",
    metadata,
    Column("task_id", String(100), ForeignKey("coach_tasks.id"), primary_key=True),
    Column("depends_on", String(100), ForeignKey("coach_tasks.id"), primary_key=True),
    Index("ix_coach_dependencies_depends_on", "depends_on"),
)

attempts = Table(
    "coach_attempts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("task_id", String(100), ForeignKey("coach_tasks.id"), nullable=False),
    Column("run_id", String(100), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", Double, nullable=False),
    Column("model", Text),
    Column("reviewer", Text),
    Column("accepted", Boolean, nullable=False),
    Column("score", SmallInteger),
    Column("seconds", Double, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("cost_nano", BigInteger),
    Column("review_input_tokens", BigInteger, nullable=False),
    Column("review_output_tokens", BigInteger, nullable=False),
    Column("review_cost_nano", BigInteger),
    Column("record", Text, nullable=False),  # AttemptRecord as JSON
    UniqueConstraint("task_id", "run_id", "number"),
    Index("ix_coach_attempts_run_id", "run_id"),
)

control = Table(
    "coach_control",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("value", Text, nullable=False),
)

# The ledger of model calls (durable/ledger.py): what was asked, what it cost, what was answered.
calls = Table(
    "coach_calls",
    metadata,
    Column("key", String(300), primary_key=True),  # the place in a run that the call belongs to
    Column("session", String(100), nullable=False),  # the process's run over many tasks, which has a budget
    Column("agent", String(300), nullable=False),
    Column("state", String(20), nullable=False),  # open, answered, failed, lost
    Column("started", Double, nullable=False),
    Column("expires", Double, nullable=False),  # an open call that is not heard of by then is under way no more
    Column("cost_nano", BigInteger, nullable=False),  # while open what it may cost at most, then what it did
    Column("answer", Text),  # JSON; of a failed call what went wrong
    Index("ix_coach_calls_agent", "agent", "started"),
    Index("ix_coach_calls_state", "agent", "state"),
    Index("ix_coach_calls_session", "session"),
)

# The run of a task that is under way, or was last; see `Claims.run_of`.
runs = Table(
    "coach_runs",
    metadata,
    Column("task_id", String(100), ForeignKey("coach_tasks.id"), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("digest", String(16), nullable=False),
    Column("open", Boolean, nullable=False),
)
