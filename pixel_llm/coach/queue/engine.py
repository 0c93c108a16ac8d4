"""Opening the queue's database: SQLite by path or URL, PostgreSQL by URL, with errors that people understand."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import URL, Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import make_url

from pixel_llm.errors import BusyError, InvalidArgumentError, StorageError, TaskFormatError

WAIT = 30.0  # seconds that a write waits for other processes
_MAGIC = b"SQLite format 3\0"
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def database_url(database: str | os.PathLike[str]) -> URL:
    """`postgresql://…`, `sqlite:///path` or a path, as the URL that is opened. Raises InvalidArgumentError."""
    text = os.fspath(database)
    if "://" not in text:
        return URL.create("sqlite", database=str(Path(text).expanduser().absolute()))
    try:
        url = make_url(text)
    except (exc.ArgumentError, ValueError):
        raise InvalidArgumentError(
            "not a database URL", remedy="give a path, sqlite:///path or postgresql://user:password@host/name"
        ) from None
    kind = url.drivername.partition("+")[0]
    if kind in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise InvalidArgumentError(f"{kind} is not a database that the queue knows", remedy="sqlite or postgresql")
    if not url.database or url.database == ":memory:" or url.query:
        raise InvalidArgumentError("the queue needs a file that several processes can open", remedy="sqlite:///path")
    return url.set(database=str(Path(url.database).expanduser().absolute()))


def shown(url: URL) -> str:
    """The database for people and logs: a path, or a URL without its password."""
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def open_engine(url: URL, *, statements: bool = False) -> Engine:
    """An engine whose transactions begin as writers where `execution_options(writes=True)` says so. Nothing is
    connected yet. The folder of an SQLite file is made.

    With `statements` each statement is a transaction by itself and, in SQLite, waits for no disk: after a power cut it
    is there if anything later is.
    """
    if url.get_backend_name() != "sqlite":
        options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if statements else {}
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": int(WAIT)}, **options)
    folder = Path(str(url.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot be made: {error.strerror}", file=folder) from None
    _refuse_other_files(Path(str(url.database)))
    engine = create_engine(url, connect_args={"timeout": WAIT}, isolation_level="AUTOCOMMIT" if statements else None)
    synchronous = "NORMAL" if statements else "FULL"

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, below
        _write_ahead(connection)
        # FULL: what has been finished stays finished after a power cut.
        for pragma in (f"synchronous = {synchronous}", "foreign_keys = ON", "trusted_schema = OFF"):
            connection.execute(f"PRAGMA {pragma}")

    if statements:
        return engine

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later could fail in the middle; a writer therefore locks at once.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn on the write-ahead log, with which readers do not wait for writers.

    Of several processes that open a new database one can do it at a time, and SQLite does not let the others wait: two
    that read the file's first page and want to change it would wait for each other.
    """
    deadline = time.monotonic() + WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _BUSY or time.monotonic() >= deadline:
                raise
        else:
            return
        time.sleep(random.uniform(0.005, 0.05))


def _refuse_other_files(path: Path) -> None:
    """SQLite takes a file of a few bytes for an empty database and would overwrite it."""
    try:
        with path.open("rb") as file:
            start = file.read(len(_MAGIC))
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError(f"cannot be opened: {error.strerror}", file=path) from None
    if start not in (b"", _MAGIC):
        raise TaskFormatError("not a task queue: it is no SQLite database", file=path)


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Inside the block what the database raises becomes BusyError, StorageError or TaskFormatError (not a database)."""
    try:
        yield
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise TaskFormatError(f"a row of it is damaged: {first['msg']}", file=shown(url)) from None
    except exc.DBAPIError as error:
        where = shown(url)
        cause = error.orig
        message = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
        if url.password:
            message = message.replace(str(url.password), "***")
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code in _BUSY:
            raise BusyError(f"other processes held it for {WAIT:.0f} s", file=where, remedy="try again") from None
        if code in _DAMAGED:
            raise TaskFormatError(f"not a task queue: {message}", file=where) from None
        remedy = None
        if url.get_backend_name() == "postgresql" and isinstance(error, exc.OperationalError):
            remedy = "is PostgreSQL running there, and are user, password and name of the database right?"
        raise StorageError(f"the database refused: {message}", file=where, remedy=remedy) from None
