"""The coach's task queue: adding, looking, claiming; beside huey's SQLite queue and bare sqlite3, in the same run.

    pip install huey
    python3 benchmarks/coach_queue.py [--tasks 10000] [--processes 4] [--seconds 3] [--postgres URL]

The targets (issue 6): 10,000 tasks with dependencies added in under 5 s, `next` under 5 ms, 1,000 claims a second on
SQLite across 4 processes, none lost and none doubled. A claim of ours picks by state, agent, phase and priority among
tasks with dependencies and gives a lease; huey's `dequeue` takes the oldest of the highest priority; "bare sqlite3" is
one UPDATE ... RETURNING on a table with the same index: what SQLite itself allows. Nobody's claim waits for the disk.
Contenders take turns; figures are medians of the rounds.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sqlite3
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huey.storage import SqliteStorage

from pixel_llm.coach.queue import TaskQueue
from pixel_llm.coach.types import TaskSpec

PROCESSES = multiprocessing.get_context("spawn")


def specs(count: int, *, dependent: bool) -> list[TaskSpec]:
    """Tasks of ten phases; dependent ones wait for two earlier ones."""
    return [
        TaskSpec(
            id=f"task-{i}",
            title=f"Task {i}",
            description="Write the function and its tests. " * 10,
            phase=f"phase-{i * 10 // count}",
            priority=i % 10 + 1,
            depends_on=tuple({f"task-{i // 2}", f"task-{max(i - 100, 0)}"}) if dependent and i else (),
        )
        for i in range(count)
    ]


class Ours:
    """`TaskQueue`."""

    def __init__(self, place: str, create: int = 0) -> None:
        self.queue = TaskQueue(place)
        if create:
            self.queue.add_many(specs(create, dependent=False))

    def take(self) -> object:
        claim = self.queue.claim("worker")
        return claim and claim.task.id


class Huey:
    """huey's SqliteStorage."""

    def __init__(self, place: str, create: int = 0) -> None:
        self.storage = SqliteStorage(name="bench", filename=place)
        for i in range(create):
            self.storage.enqueue(f"task-{i}".encode(), priority=i % 10 + 1)

    def take(self) -> object:
        return self.storage.dequeue()


class Bare:
    """One statement of SQLite."""

    def __init__(self, place: str, create: int = 0) -> None:
        self.db = sqlite3.connect(place, timeout=30, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        if create:
            self.db.execute("CREATE TABLE t (id TEXT PRIMARY KEY, state TEXT, urgency INT, seq INT)")
            self.db.execute("CREATE INDEX i ON t (state, urgency, seq)")
            rows = [(f"task-{i}", "ready", i % 10, i) for i in range(create)]
            self.db.execute("BEGIN")
            self.db.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows)
            self.db.execute("COMMIT")

    def take(self) -> object:
        row = self.db.execute(
            "UPDATE t SET state = 'running' WHERE id = "
            "(SELECT id FROM t WHERE state = 'ready' ORDER BY urgency, seq LIMIT 1) RETURNING id"
        ).fetchone()
        return row and row[0]


CONTENDERS: dict[str, Callable[..., Any]] = {"pixel-llm": Ours, "huey": Huey, "bare sqlite3": Bare}


def worker(name: str, place: str, seconds: float, ready: Any, start: Any, done: Any) -> None:
    contender = CONTENDERS[name](place)
    ready.release()
    start.wait()
    taken: list[object] = []
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        found = contender.take()
        if found is None:
            break
        taken.append(found)
    done.put((taken, time.perf_counter() - began))


def claims_per_second(name: str, place: str, tasks: int, processes: int, seconds: float) -> float:
    """Claims a second over all processes; fails if one was given twice."""
    CONTENDERS[name](place, tasks)
    ready, start, done = PROCESSES.Semaphore(0), PROCESSES.Event(), PROCESSES.Queue()
    made = [PROCESSES.Process(target=worker, args=(name, place, seconds, ready, start, done)) for _ in range(processes)]
    for process in made:
        process.start()
    for _ in made:
        ready.acquire()
    start.set()
    reports = [done.get() for _ in made]
    for process in made:
        process.join()
    counted = Counter(task for taken, _ in reports for task in taken)
    assert max(counted.values()) == 1, f"{name}: a task was given twice"
    if name == "pixel-llm":
        with TaskQueue(place) as queue:
            counts = {str(s): n for p in queue.progress() for s, n in p.counts.items() if s == "running"}
            running = sum(p.counts.get("running", 0) for p in queue.progress())  # type: ignore[call-overload]
            assert running == len(counted), f"{running} running, {len(counted)} claimed, {counts}"
    return len(counted) / max(seconds for _, seconds in reports)


def timed(call: Callable[[], object], repeat: int = 1) -> float:
    began = time.perf_counter()
    for _ in range(repeat):
        call()
    return (time.perf_counter() - began) / repeat


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgres", help="postgresql://… of an empty database: claims there too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = specs(arguments.tasks, dependent=True)
        adding, looking, claiming = [], [], []
        for n in range(arguments.rounds):
            with TaskQueue(Path(folder) / f"add-{n}.sqlite") as queue:
                adding.append(timed(lambda q=queue: q.add_many(made)))
                looking.append(timed(queue.next, 200))
                claiming.append(timed(lambda q=queue: q.claim("worker"), 1))
        print(f"add {arguments.tasks} tasks with dependencies   {statistics.median(adding):8.3f} s")
        print(f"next                                  {statistics.median(looking) * 1e3:8.3f} ms")
        rates: dict[str, list[float]] = {name: [] for name in CONTENDERS}
        for n in range(arguments.rounds):
            for name in CONTENDERS:
                place = f"{folder}/{name.replace(' ', '-')}-{n}.sqlite"
                rates[name].append(
                    claims_per_second(name, place, arguments.tasks * 2, arguments.processes, arguments.seconds)
                )
        for name, values in rates.items():
            ratio = statistics.median(r / o for r, o in zip(rates["pixel-llm"], values, strict=True))
            print(
                f"claims/s, {arguments.processes} processes, {name:14} {statistics.median(values):9.0f}   "
                f"ours is {ratio:.2f} of it"
            )
        if arguments.postgres:
            rate = claims_per_second(
                "pixel-llm", arguments.postgres, arguments.tasks, arguments.processes, arguments.seconds
            )
            print(f"claims/s, {arguments.processes} processes, PostgreSQL     {rate:9.0f}")


if __name__ == "__main__":
    main()
