"""The database beneath the queue: opening, transactions, the clock, single rows."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, Double, cast, extract, func, literal, select, text

from pixel_llm.coach.queue.engine import database_url, open_engine, shown, translated
from pixel_llm.coach.queue.schema import tasks
from pixel_llm.coach.queue.upgrade import LOCK, upgrade
from pixel_llm.coach.structured import nearest
from pixel_llm.errors import NotFoundError

SERVER_CLOCK = cast(extract("epoch", func.clock_timestamp()), Double)


class Store:
    """An open database, its transactions and its clock. See `TaskQueue`."""

    def __init__(self, database: str | os.PathLike[str]) -> None:
        self._url = database_url(database)
        self.location = shown(self._url)
        self._engine = open_engine(self._url)
        self._writer = self._engine.execution_options(writes=True)
        self._quick = open_engine(self._url, statements=True)
        try:
            with translated(self._url):
                upgrade(self._engine, self.location)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()
        self._quick.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _row(self, connection: Connection, task_id: str, *, lock: bool = False) -> Any:
        query = select(tasks).where(tasks.c.id == task_id)
        row = connection.execute(query.with_for_update() if lock else query).first()
        if row is None:
            known = list(connection.execute(select(tasks.c.id).order_by(tasks.c.seq)).scalars())
            raise NotFoundError(f"no task {task_id!r}", file=self.location, remedy=nearest(task_id, known))
        return row

    def _now(self, connection: Connection) -> float:
        """Seconds since 1970; with PostgreSQL by the server's clock, which all machines share."""
        return float(connection.execute(select(SERVER_CLOCK)).scalar_one()) if self._shared else time.time()

    @property
    def _clock(self) -> ColumnElement[float]:
        """The same as a part of a statement."""
        return SERVER_CLOCK if self._shared else literal(time.time())

    @property
    def _shared(self) -> bool:
        return self._url.get_backend_name() == "postgresql"

    @contextmanager
    def _at_once(self) -> Iterator[Connection]:
        """For a single statement that is a transaction by itself, and need not survive a power cut."""
        with translated(self._url), self._quick.connect() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(self._url), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction that changes single rows."""
        with translated(self._url), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        """A transaction whose changes reach other tasks: one at a time, so that two dependencies that are accepted in
        the same moment do not each leave their common dependent to the other."""
        with self._writing() as connection:
            if self._shared:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            yield connection
