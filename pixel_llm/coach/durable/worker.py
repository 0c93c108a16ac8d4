"""A worker: claims tasks, runs them, finishes them, until there are no more or somebody says stop."""

from __future__ import annotations

import os
import socket
import threading
import time
import traceback
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psutil

from pixel_llm.coach.agents.base import AgentUnavailableError
from pixel_llm.coach.durable.ledger import PausedError, StoppedError
from pixel_llm.coach.loop.lessons import without_repeats
from pixel_llm.coach.loop.loop import STEPS_VERSION
from pixel_llm.coach.loop.project import ProjectError
from pixel_llm.coach.loop.tools import Ending, Observer, Policy, Silent
from pixel_llm.coach.queue import TaskQueue
from pixel_llm.coach.types import AgentKind, Claim, Task, TaskSpec, TaskState
from pixel_llm.errors import BusyError, PixelLLMError, SandboxError, StorageError, TaskStateError

_LOOK_AGAIN = 0.2  # seconds between looks for a task while one of this worker's own may set another free
_LOOK_AROUND = 1.0  # while only others may
# What no single task is to blame for.
HALTING = (PausedError, AgentUnavailableError, SandboxError, ProjectError, StorageError, BusyError)
_FAILURES = 2  # tasks in a row for which the writer gave no answer at all, then it is not the tasks' fault


class Runner(Protocol):
    """Runs a task to its end; see `durable/engine.py`."""

    def run(self, task: TaskSpec, run_id: str, policy: Policy, lessons: tuple[str, ...] = ()) -> Ending:
        """The ending of the run of that id, from where it was interrupted."""

    def abandon(self, task_id: str, run_id: str) -> None:
        """Stop that run at its next step: a person has taken its task."""

    def forget(self, task_id: str, run_id: str) -> None:
        """Keep no longer what would be needed to go on with that run."""


@dataclass(frozen=True)
class Done:
    """What a worker did with one task. `ending` is None where the run was interrupted: `problem` says why."""

    task: Task
    ending: Ending | None
    problem: str = ""
    seconds: float = 0.0


@dataclass
class Worker:
    """Works on the queue's tasks with `parallel` runs at a time.

    `agents` are the kinds of tasks that it takes. It ends when `max_tasks` were taken, when nothing is ready and
    nothing of its own runs (with `wait`: never), or when `stop` is set. What keeps every task from being worked on,
    such as a missing agent, sandbox or budget, stops it too: the tasks go back to the queue and `halted` says why.
    """

    queue: TaskQueue
    runner: Runner
    policy: Policy
    name: str
    agents: Sequence[AgentKind] = (AgentKind.local, AgentKind.reviewer)
    phase: str | None = None
    parallel: int = 1
    max_tasks: int | None = None
    wait: bool = False
    lease: float = 120.0
    stop: threading.Event = field(default_factory=threading.Event)
    observer: Observer = field(default_factory=Silent)
    halted: PixelLLMError | None = None
    done: list[Done] = field(default_factory=list)
    _claims: dict[str, tuple[Claim, str]] = field(default_factory=dict)
    _taken: int = 0
    _failures: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def work(self) -> list[Done]:
        """Work until the end. Raises what kept it from working, after everything was given back."""
        self._take_back_from_the_dead()
        beating = threading.Event()
        heart = threading.Thread(target=self._beat, args=(beating,), name="coach-heartbeat", daemon=True)
        heart.start()
        threads = [threading.Thread(target=self._loop, name=f"coach-{n}") for n in range(self.parallel)]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)  # in pieces, so that signals are seen
        finally:
            beating.set()
            heart.join()
        if self.halted is not None:
            raise self.halted
        return self.done

    def _loop(self) -> None:
        while not self.stop.is_set():
            try:
                claim = self._claim()
                if claim is None:
                    if not self._may_come():
                        return
                    self.stop.wait(_LOOK_AGAIN if self._claims else _LOOK_AROUND)
                    continue
                self._run(claim)
            except PixelLLMError as error:  # the queue itself failed
                self._halt(error)

    def _claim(self) -> Claim | None:
        with self._lock:
            if self.max_tasks is not None and self._taken >= self.max_tasks:
                return None
            for agent in self.agents:
                claim = self.queue.claim(self.name, agent=agent, phase=self.phase, lease=self.lease)
                if claim is not None:
                    self._taken += 1
                    self._claims[claim.token] = (claim, self.queue.run_of(claim, STEPS_VERSION))
                    return claim
            return None

    def _may_come(self) -> bool:
        """Whether waiting may bring a task: one that runs here may set another free."""
        with self._lock:
            if self.max_tasks is not None and self._taken >= self.max_tasks:
                return False
            return self.wait or bool(self._claims)

    def _run(self, claim: Claim) -> None:
        _, run_id = self._claims[claim.token]
        task, started = claim.task, time.monotonic()
        ending, problem = None, ""
        self.observer.event("task started", task=task.id, phase=task.spec.phase, title=task.spec.title, run=run_id)
        try:
            try:
                ending = self.runner.run(task.spec, run_id, self.policy, self._lessons(task))
                self._finish(claim, run_id, ending)
            except TaskStateError as error:
                problem = str(error)  # lost: somebody else decides about the task
            except HALTING as error:
                problem = str(error)
                self._give_back(claim, error)
            except Exception as error:  # noqa: BLE001 - one task's trouble must not end the others'
                problem = f"{type(error).__name__}: {error}"
                self.observer.event("error", task=task.id, problem=problem, traceback=traceback.format_exc())
                with suppress(TaskStateError):
                    self.queue.finish(claim, TaskState.failed, reason=problem)
        finally:
            with self._lock:
                self._claims.pop(claim.token, None)
                self.done.append(Done(task, ending, problem, time.monotonic() - started))
        facts = {"state": str(ending.state), "reason": ending.reason} if ending else {"problem": problem}
        self.observer.event("task finished", task=task.id, **facts)

    def _lessons(self, task: Task) -> tuple[str, ...]:
        """What earlier runs taught, and what people said about them."""
        earlier = self.queue.attempts(task.id) if task.attempts else ()
        return without_repeats((*(lesson for attempt in earlier for lesson in attempt.lessons), *task.lessons))

    def _finish(self, claim: Claim, run_id: str, ending: Ending) -> None:
        for attempt in ending.attempts:
            self.queue.record_attempt(claim.task.id, run_id, attempt)
        best = ending.best_attempt
        score = best.review.score if best is not None and best.review is not None else None
        self.queue.finish(claim, ending.state, reason=ending.reason, score=score, branch=ending.branch)
        self.runner.forget(claim.task.id, run_id)
        with self._lock:
            self._failures = self._failures + 1 if ending.state is TaskState.failed else 0
            if self._failures >= _FAILURES:
                why = f"{self._failures} tasks in a row got no answer at all; the last: {ending.reason}"
                self._halt(PausedError(why, remedy="see to the writer, then take the failed tasks up again"))

    def _give_back(self, claim: Claim, error: PixelLLMError) -> None:
        try:
            self.queue.release(claim, reason=f"interrupted: {error}")
        except TaskStateError:  # a person or another worker was first, and no other task is concerned
            return
        self._halt(error)

    def _halt(self, error: PixelLLMError) -> None:
        """Stop because of `error`; being asked to stop is no error."""
        with self._lock:
            if self.halted is None and not isinstance(error, StoppedError):
                self.halted = error
        self.stop.set()

    def _beat(self, ended: threading.Event) -> None:
        while not ended.wait(self.lease / 4):
            with self._lock:
                claims = list(self._claims.values())
            for claim, run_id in claims:
                try:
                    self.queue.heartbeat(claim, lease=self.lease)
                except TaskStateError as error:
                    self.observer.event("claim lost", task=claim.task.id, problem=str(error))
                    if self.queue.get(claim.task.id).state is not TaskState.running:
                        self.runner.abandon(claim.task.id, run_id)
                except PixelLLMError as error:
                    self.observer.event("heartbeat failed", task=claim.task.id, problem=str(error))

    def _take_back_from_the_dead(self) -> None:
        """Tasks of workers of this machine that were killed need not wait for their lease to end."""
        names = {task.worker for task in self.queue.list(states=[TaskState.running]) if task.worker}
        for name in names:
            if is_dead(name):
                self.observer.event("worker found dead", worker=name)
                self.queue.take_back_from(name)


def worker_name() -> str:
    """A name that no other worker has or had: host, process namespace, process id and a random part."""
    return f"{_here()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"


def is_dead(name: str) -> bool:
    """Whether the worker of that name was a process of this machine that is gone."""
    where, _, rest = name.rpartition("/")[0].rpartition("/")
    return where == _here() and rest.isdigit() and not psutil.pid_exists(int(rest))


def _here() -> str:
    """This machine, and where there are containers this one: process ids mean nothing outside."""
    try:
        namespace = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        namespace = "0"
    return f"{socket.gethostname()}/{namespace}"
