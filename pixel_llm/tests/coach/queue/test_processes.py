"""Many processes on one queue: nothing is taken twice, nothing is lost, whoever is killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from pixel_llm.coach.queue import TaskQueue
from pixel_llm.coach.types import TaskState
from pixel_llm.tests.coach.queue.support import attempt, task

# Forked from a server that has imported everything, so that a process costs milliseconds.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])


def work_until_empty(database: str, name: str, start, done) -> None:
    """Claim, record and finish until nothing is left; reports the ids."""
    with TaskQueue(database) as queue:
        start.wait()
        mine = []
        idle = 0
        while idle < 20:
            claim = queue.claim(name)
            if claim is None:
                idle += 1
                time.sleep(0.02)
                continue
            idle = 0
            queue.record_attempt(claim.task.id, name, attempt(1, accepted=True))
            queue.finish(claim, TaskState.accepted)
            mine.append(claim.task.id)
        done.put((name, mine))


def test_twenty_processes_take_each_task_once_and_lose_no_write(database: str) -> None:
    specs = [task(f"t{i}", *({f"t{i // 3}", f"t{i - 1}"} if i % 3 == 0 and i else ())) for i in range(120)]
    with TaskQueue(database) as queue:
        queue.add_many(specs)
    start, done = PROCESSES.Event(), PROCESSES.Queue()
    made = [PROCESSES.Process(target=work_until_empty, args=(database, f"w{n}", start, done)) for n in range(20)]
    for process in made:
        process.start()
    start.set()
    reports = dict(done.get(timeout=100) for _ in made)
    for process in made:
        process.join(20)
    assert Counter(i for ids in reports.values() for i in ids) == Counter(spec.id for spec in specs)
    with TaskQueue(database) as queue:
        assert all(t.state is TaskState.accepted and t.attempts == 1 for t in queue.list())
        assert {t.id: t.worker for t in queue.list()} == {i: name for name, ids in reports.items() for i in ids}
        assert queue.stats().total.attempts == len(specs)


VICTIM = """
import sys
from pixel_llm.coach.queue import TaskQueue
from pixel_llm.coach.types import TaskState
from pixel_llm.tests.coach.queue.support import attempt
queue = TaskQueue(sys.argv[1])
print("ready", flush=True)
while claim := queue.claim("victim", lease=0.2):
    queue.record_attempt(claim.task.id, "victim", attempt(1, accepted=True))
    queue.finish(claim, TaskState.accepted)
    print(claim.task.id, flush=True)
"""


def test_a_worker_killed_at_any_moment_leaves_a_whole_queue(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("pixel_llm.coach.queue.claims._LOOK_FOR_LOST", 0.0)
    database = str(tmp_path / "queue.sqlite")
    with TaskQueue(database) as queue:
        queue.add_many([task("t0"), *(task(f"t{i}", f"t{i - 1}") for i in range(1, 2000))])
    reported: set[str] = set()
    for delay in (0.0, 0.013, 0.037, 0.101):
        process = subprocess.Popen([sys.executable, "-c", VICTIM, database], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
        reported |= {line for line in process.stdout.read().split("\n") if line}
        process.wait()
        process.stdout.close()
        assert sqlite3.connect(database).execute("PRAGMA integrity_check").fetchone() == ("ok",)
        with TaskQueue(database) as queue:
            accepted = {t.id for t in queue.list(states=[TaskState.accepted])}
            running = queue.list(states=[TaskState.running])
            ready = queue.list(states=[TaskState.ready])
            assert reported <= accepted, "what was reported as finished is finished"
            assert len(running) <= 1 and len(running) + len(ready) == 1
            assert all(t.attempts == 1 for t in queue.list(states=[TaskState.accepted]))
            if running:
                time.sleep(0.25)
            claim = queue.claim("heir")
            assert claim is not None and claim.task.id == f"t{len(accepted)}"
            queue.release(claim)


def test_the_first_to_open_makes_the_schema_and_the_others_wait(database: str) -> None:
    start, done = PROCESSES.Event(), PROCESSES.Queue()
    made = [PROCESSES.Process(target=open_and_add, args=(database, f"t{n}", start, done)) for n in range(6)]
    for process in made:
        process.start()
    start.set()
    assert sorted(done.get(timeout=60) for _ in made) == [f"t{n}" for n in range(6)]
    for process in made:
        process.join(20)
    with TaskQueue(database) as queue:
        assert sorted(t.id for t in queue.list()) == [f"t{n}" for n in range(6)]


def test_a_new_database_that_another_process_is_making_is_waited_for(tmp_path: Path) -> None:
    """SQLite itself does not wait here: a lock for writing makes it give up the change to WAL at once."""
    path = tmp_path / "queue.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        sqlite3.connect(path, timeout=20).execute("PRAGMA journal_mode = WAL")
    timer = threading.Timer(0.3, other.execute, ("COMMIT",))
    timer.start()
    with TaskQueue(path) as queue:
        assert queue.list() == []
    timer.join()
    other.close()


def open_and_add(database: str, name: str, start, done) -> None:
    start.wait()
    with TaskQueue(database) as queue:
        queue.add_many([task(name)])
    done.put(name)
