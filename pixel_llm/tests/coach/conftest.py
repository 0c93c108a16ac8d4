"""Databases for the coach's tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pixel_llm.coach.queue import TaskQueue
from pixel_llm.tests.coach.postgres import Server, program


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A running PostgreSQL server."""
    if program("initdb") is None:
        message = "PostgreSQL's server is missing: install postgresql"
        if os.environ.get("PIXEL_LLM_REQUIRE_TOOLS") == "1":
            pytest.fail(message)
        pytest.skip(message)
    server = Server()
    yield server
    server.close()


@pytest.fixture
def postgres_url(postgres: Server) -> str:
    """The URL of an empty PostgreSQL database."""
    return postgres.database()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind, as a path or URL."""
    if request.param == "sqlite":
        return str(tmp_path / "queue.sqlite")
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def queue(database: str) -> Iterator[TaskQueue]:
    """An empty queue in a database of each kind."""
    with TaskQueue(database) as opened:
        yield opened
