"""A run of one task as a durable workflow on DBOS.

DBOS keeps the result of every finished step in its database, beside the queue's. A run that was interrupted, by Ctrl-C,
a spent budget or a power cut, is taken up by whoever claims its task next: finished steps give their results again, the
rest is done. DBOS fences the run: should the earlier process live after all, its next step fails.

What a step raises is not a result. It pauses the run, and the worker decides what becomes of the task.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID
from dbos import error as dbos_error
from sqlalchemy import URL

from pixel_llm.coach.durable.ledger import PausedError, StoppedError
from pixel_llm.coach.loop.loop import STEPS_VERSION, work_on
from pixel_llm.coach.loop.tools import Answer, Ending, Policy, Run, Tools
from pixel_llm.coach.queue.engine import database_url, translated
from pixel_llm.coach.types import TaskSpec

APPLICATION = "pixel-llm-coach"
_DONE = ("SUCCESS", "ERROR")


class Engine:
    """Runs tasks durably in this process. One at a time may be open in a process, since DBOS is one.

    `worker` must be unique among all processes that ever lived, e.g. host, process id and a random part. Raises what
    opening the queue raises, for the database of the steps.
    """

    def __init__(self, database: str, worker: str, tools: Tools, *, stop: threading.Event | None = None) -> None:
        self.worker = worker
        self._tools = tools
        self._stop = stop or threading.Event()
        self._raised: dict[str, Exception] = {}
        self._abandoned: set[str] = set()
        self._queue = f"coach-{worker}"
        logger = logging.getLogger("dbos")
        logger.addFilter(_only_news)
        steps = steps_database(database)
        url = steps.render_as_string(hide_password=False)
        with translated(steps):
            self._client = _client(url)
        # Known before DBOS starts, or it would take a second to find it.
        self._client.register_queue(self._queue, polling_interval_sec=0.2, application_name=APPLICATION)
        config = DBOSConfig(
            name=APPLICATION,
            system_database_url=url,
            run_migrations=False,
            application_version=STEPS_VERSION,
            executor_id=worker,
            serializer=DBOSPortableJSONSerializer(),
            log_level="WARNING",
            notification_listener_polling_interval_sec=0.2,
        )
        DBOS(config=config)
        try:

            def coach_task(run_id: str, inputs: dict[str, Any], lessons: list[str]) -> dict[str, Any]:
                return self._workflow(run_id, inputs, lessons)

            self._registered = DBOS.workflow(name="coach_task")(coach_task)
            DBOS.listen_queues([self._queue])
            with translated(steps):
                DBOS.launch()
        except BaseException:
            self._client.destroy()
            DBOS.destroy(destroy_registry=True)
            raise

    def close(self) -> None:
        """End DBOS in this process. Runs under way are left as they are."""
        self._client.delete_queue(self._queue)
        self._client.destroy()
        DBOS.destroy(destroy_registry=True)

    def run(self, task: TaskSpec, run_id: str, policy: Policy, lessons: tuple[str, ...] = ()) -> Ending:
        """Run `task` to its end; a run of that id that was interrupted goes on, by the policy that it began with.

        The caller holds the task's claim. Raises what a step raised: PausedError, AgentUnavailableError, SandboxError
        and others; the run can then be taken up again.
        """
        key = f"{task.id}:{run_id}"
        self._raised.pop(key, None)
        self._abandoned.discard(key)
        inputs = {
            "task": task.model_dump(mode="json"),
            "policy": policy.model_dump(mode="json"),
            "reviewed": self._tools.reviewer is not None,
        }
        status = DBOS.get_workflow_status(key)
        if status is None:
            with SetWorkflowID(key):
                handle = DBOS.start_workflow(self._registered, run_id, inputs, list(lessons))
        elif status.status in _DONE:
            handle = DBOS.retrieve_workflow(key)
        else:
            handle = DBOS.resume_workflow(key, queue_name=self._queue)
        try:
            return Ending.model_validate(handle.get_result(polling_interval_sec=0.1))
        except dbos_error.DBOSException as error:
            # What a step raised; or the run was taken over, finished and forgotten while this process slept.
            raise self._raised.pop(key, PausedError(f"the run of {task.id} was interrupted: {error}")) from None

    def abandon(self, task_id: str, run_id: str) -> None:
        """Stop that run at its next step: a person has taken its task."""
        self._abandoned.add(f"{task_id}:{run_id}")

    def forget(self, task_id: str, run_id: str) -> None:
        """Delete the steps of a run whose task is finished: its attempts are in the queue, its record in its folder."""
        key = f"{task_id}:{run_id}"
        self._abandoned.discard(key)
        DBOS.delete_workflow(key)

    def _workflow(self, run_id: str, inputs: dict[str, Any], lessons: list[str]) -> dict[str, Any]:
        run = Run(
            task=TaskSpec.model_validate(inputs["task"]),
            id=run_id,
            tools=self._tools,
            policy=Policy.model_validate(inputs["policy"]),
            lessons=tuple(lessons),
            reviewed=inputs["reviewed"],
        )

        def step(name: str, kind: type[Answer], work: Callable[[], Answer]) -> Answer:
            return kind.model_validate(DBOS.run_step({"name": name}, self._kept, run.key, work))

        return work_on(run, step).model_dump(mode="json")

    def _kept(self, key: str, work: Callable[[], Answer]) -> dict[str, Any]:
        """The result of a step, or the run is paused."""
        try:
            if self._stop.is_set() or key in self._abandoned:
                raise StoppedError("stopped between two steps")
            return work().model_dump(mode="json")
        except dbos_error.DBOSWorkflowCancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not become the step's result
            self._raised[key] = error
            DBOS.cancel_workflow(key)
            raise dbos_error.DBOSWorkflowCancelledError(f"paused: {error}") from None


def steps_database(database: str) -> URL:
    """Where DBOS keeps the steps: PostgreSQL's own database (in a schema `dbos`), or a file beside SQLite's."""
    url = database_url(database)
    if url.get_backend_name() != "sqlite":
        return url
    path = Path(str(url.database))
    return url.set(database=str(path.with_name(f"{path.stem}-steps{path.suffix}")))


def _client(url: str) -> DBOSClient:
    """A connection to the steps' database, which is made or brought up to date."""
    DBOS.migrate(url)
    return DBOSClient(system_database_url=url, serializer=DBOSPortableJSONSerializer(), application_name=APPLICATION)


def _only_news(record: logging.LogRecord) -> bool:
    """A run that we paused ourselves, or that another worker took over, is no error."""
    text = record.getMessage()
    return not ("in background workflow" in text or "no longer owned by this execution" in text)
