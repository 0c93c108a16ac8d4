"""Bringing a database to the schema of this version: automatically, once, while others wait."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from pixel_llm.errors import UnsupportedError

HEAD = "0002"  # the newest file of migrations/versions
VERSION_TABLE = "coach_schema_version"
# Any number that nothing else in the database locks: "coach" in ASCII.
LOCK = 0x636F616368


def upgrade(engine: Engine, where: str) -> None:
    """Run the steps that the database lacks, in one transaction: a crash in between leaves the old schema.

    Raises UnsupportedError where a newer Pixel-LLM has upgraded it.
    """
    with engine.connect() as connection:
        if version(connection) == HEAD:
            return
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        found = version(connection)
        if found == HEAD:  # another process was first
            return
        if found is not None and found > HEAD:
            raise UnsupportedError(
                f"has schema {found}, this Pixel-LLM knows {HEAD}", file=where, remedy="upgrade Pixel-LLM"
            )
        _run(connection)


def version(connection: Connection) -> str | None:
    """The schema that the database has, or None where it has none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    return None if found is None else str(found)


def _run(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
