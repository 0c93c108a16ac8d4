"""Opening databases: addresses, schemas old and new, files that are something else, errors that people understand."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from pixel_llm.coach.queue import TaskQueue, upgrade
from pixel_llm.coach.queue.engine import database_url, open_engine, shown
from pixel_llm.coach.queue.schema import metadata
from pixel_llm.errors import (
    BusyError,
    InvalidArgumentError,
    PixelLLMError,
    StorageError,
    TaskFormatError,
    UnsupportedError,
)
from pixel_llm.tests.coach.queue.support import task


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("/a/b.sqlite", "/a/b.sqlite"),
        ("sqlite:////a/b.sqlite", "/a/b.sqlite"),
        ("postgresql://u:secret@h:5432/n", "postgresql+psycopg://u:***@h:5432/n"),
        ("postgres://h/n", "postgresql+psycopg://h/n"),
    ],
)
def test_addresses_are_shown_without_their_password(text: str, seen: str) -> None:
    assert shown(database_url(text)) == seen


@pytest.mark.parametrize(
    "text", ["mysql://h/n", "sqlite://", "sqlite:///:memory:", "sqlite:///a?mode=ro", "://", "a b://"]
)
def test_other_databases_are_refused(text: str) -> None:
    with pytest.raises(InvalidArgumentError):
        TaskQueue(text)


def test_the_migrations_make_the_schema_of_the_code(database: str) -> None:
    TaskQueue(database).close()
    engine = open_engine(database_url(database))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": upgrade.VERSION_TABLE})
        assert compare_metadata(context, metadata) == []
        assert upgrade.version(connection) == upgrade.HEAD
    engine.dispose()


def test_the_newest_migration_is_the_one_that_the_code_expects() -> None:
    scripts = ScriptDirectory(str(Path(upgrade.__file__).parent / "migrations"))
    assert scripts.get_heads() == [upgrade.HEAD]


def test_a_schema_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite"
    TaskQueue(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE {upgrade.VERSION_TABLE} SET version_num = '9999'")
    connection.close()
    with pytest.raises(UnsupportedError, match=r"schema 9999.*upgrade Pixel-LLM"):
        TaskQueue(path)


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "queue.sqlite"

    def half(connection) -> None:
        connection.exec_driver_sql("CREATE TABLE coach_tasks (id TEXT)")
        raise KeyboardInterrupt

    monkeypatch.setattr(upgrade, "_run", half)
    with pytest.raises(KeyboardInterrupt):
        TaskQueue(path)
    monkeypatch.undo()
    with TaskQueue(path) as queue:
        queue.add_many([task("a")])


@pytest.mark.parametrize("content", [b"not a database, but long enough to be looked at" * 40, b"\x00" * 4096, b"x"])
def test_a_file_that_is_something_else_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(TaskFormatError, match="not a task queue"):
        TaskQueue(path)
    assert path.read_bytes() == content


def test_every_cut_of_a_database_opens_or_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "whole.sqlite"
    with TaskQueue(path) as queue:
        queue.add_many([task(f"t{i}") for i in range(50)])
    data = path.read_bytes()
    cut = tmp_path / "cut.sqlite"
    for size in range(1, len(data), len(data) // 37):
        cut.write_bytes(data[:size])
        try:
            with TaskQueue(cut) as queue:
                queue.list()
        except PixelLLMError:
            pass
        for extra in tmp_path.glob("cut.sqlite-*"):
            extra.unlink()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file"):
        TaskQueue(tmp_path / "file" / "queue.sqlite")


def test_folders_are_made(tmp_path: Path) -> None:
    TaskQueue(tmp_path / "a" / "b" / "queue.sqlite").close()
    assert (tmp_path / "a" / "b" / "queue.sqlite").is_file()


def test_a_database_that_others_hold_is_busy(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("pixel_llm.coach.queue.engine.WAIT", 0.1)
    path = tmp_path / "queue.sqlite"
    with TaskQueue(path) as queue:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError, match="try again"):
            queue.add_many([task("a")])
        other.execute("ROLLBACK")
        other.close()
        queue.add_many([task("a")])


def test_a_server_that_is_not_there_says_so_without_the_password() -> None:
    with pytest.raises(StorageError, match="is PostgreSQL running there") as raised:
        TaskQueue("postgresql://u:secret@127.0.0.1:1/n")
    assert "secret" not in str(raised.value)
