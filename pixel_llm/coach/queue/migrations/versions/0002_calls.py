"""The ledger of model calls, and the runs of tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coach_calls",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("session", sa.String(length=100), nullable=False),
        sa.Column("agent", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("started", sa.Double(), nullable=False),
        sa.Column("expires", sa.Double(), nullable=False),
        sa.Column("cost_nano", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_coach_calls")),
    )
    op.create_index("ix_coach_calls_agent", "coach_calls", ["agent", "started"], unique=False)
    op.create_index("ix_coach_calls_session", "coach_calls", ["session"], unique=False)
    op.create_index("ix_coach_calls_state", "coach_calls", ["agent", "state"], unique=False)
    op.create_table(
        "coach_runs",
        sa.Column("task_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["coach_tasks.id"], name=op.f("fk_coach_runs_task_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_coach_runs")),
    )
