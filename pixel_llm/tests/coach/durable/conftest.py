"""A service that counts, a repository, and processes that may be killed."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pixel_llm.tests.coach.durable.support import CountingService
from pixel_llm.tests.coach.loop.repository import make_repository


@pytest.fixture
def service() -> Iterator[CountingService]:
    made = CountingService()
    yield made
    made.close()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "repo", {"README.md": "A project\n"})


@pytest.fixture
def process() -> Iterator[Callable[..., multiprocessing.Process]]:
    """Starts a function in a process of its own, from a server that has imported everything already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pixel_llm.tests.coach.durable.support"])
    started = []

    def start(target: Callable[..., object], *arguments: object, **named: object) -> multiprocessing.Process:
        made = context.Process(target=target, args=arguments, kwargs=named)
        made.start()
        started.append(made)
        return made

    yield start
    for made in started:
        made.kill()
        made.join()
