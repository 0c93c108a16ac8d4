"""Alembic runs this for each upgrade; the connection, inside a transaction, comes from `upgrade.py`."""

from __future__ import annotations

from alembic import context

from pixel_llm.coach.queue.schema import metadata
from pixel_llm.coach.queue.upgrade import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
