"""The first schema: phases, tasks, their dependencies and attempts, and a few switches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coach_control",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_coach_control")),
    )
    op.create_table(
        "coach_phases",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coach_phases")),
    )
    op.create_table(
        "coach_tasks",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=100), nullable=False),
        sa.Column("agent", sa.String(length=20), nullable=False),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lessons", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost_nano", sa.BigInteger(), nullable=True),
        sa.Column("priced_by", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("lease_expires", sa.Double(), nullable=True),
        sa.Column("added", sa.Double(), nullable=False),
        sa.Column("started", sa.Double(), nullable=True),
        sa.Column("finished", sa.Double(), nullable=True),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("branch", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coach_tasks")),
        sa.UniqueConstraint("seq", name=op.f("uq_coach_tasks_seq")),
    )
    op.create_index("ix_coach_tasks_claim", "coach_tasks", ["state", "agent", "urgency", "seq", "phase"], unique=False)
    op.create_index("ix_coach_tasks_lease", "coach_tasks", ["state", "lease_expires"], unique=False)
    op.create_index("ix_coach_tasks_phase", "coach_tasks", ["phase", "state"], unique=False)
    op.create_index("ix_coach_tasks_token", "coach_tasks", ["token"], unique=False)
    op.create_table(
        "coach_attempts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("task_id", sa.String(length=100), nullable=False),
        sa.Column("run_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("reviewer", sa.Text(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost_nano", sa.BigInteger(), nullable=True),
        sa.Column("review_input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("review_output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("review_cost_nano", sa.BigInteger(), nullable=True),
        sa.Column("record", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["coach_tasks.id"], name=op.f("fk_coach_attempts_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coach_attempts")),
        sa.UniqueConstraint("task_id", "run_id", "number", name=op.f("uq_coach_attempts_task_id_run_id_number")),
    )
    op.create_index("ix_coach_attempts_run_id", "coach_attempts", ["run_id"], unique=False)
    op.create_table(
        "coach_dependencies",
        sa.Column("task_id", sa.String(length=100), nullable=False),
        sa.Column("depends_on", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["depends_on"], ["coach_tasks.id"], name=op.f("fk_coach_dependencies_depends_on")),
        sa.ForeignKeyConstraint(["task_id"], ["coach_tasks.id"], name=op.f("fk_coach_dependencies_task_id")),
        sa.PrimaryKeyConstraint("task_id", "depends_on", name=op.f("pk_coach_dependencies")),
    )
    op.create_index("ix_coach_dependencies_depends_on", "coach_dependencies", ["depends_on"], unique=False)
