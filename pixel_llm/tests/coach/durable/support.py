"""Processes to kill, a model service that counts, and a sandbox that costs nothing."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pixel_llm.coach.agents.base import Availability, OnText
from pixel_llm.coach.agents.gemini import GeminiAgent
from pixel_llm.coach.agents.ollama import OllamaAgent
from pixel_llm.coach.durable.engine import Engine
from pixel_llm.coach.durable.ledger import Ledger, Limits
from pixel_llm.coach.durable.worker import Worker, worker_name
from pixel_llm.coach.loop.project import GitProject
from pixel_llm.coach.loop.tools import Policy, Tools
from pixel_llm.coach.queue import TaskQueue
from pixel_llm.coach.sandbox import Job, SandboxResult
from pixel_llm.coach.types import Completion, Message, Review, ReviewRequest, TaskFile, TaskSpec, TestReport, Usage

WRONG, RIGHT = "def add(a, b):\n    return a - b\n", "def add(a, b):\n    return a + b\n"
PRICE = Decimal("0.01")  # dollars a call of the paid model


def spec(name: str, **more: Any) -> TaskSpec:
    """A task whose test wants a file `<name>.py` with a function `add`."""
    test = TaskFile(path=f"tests/test_{name}.py", content=f"from {name} import add\nassert add(1, 2) == 3\n")
    return TaskSpec(
        **{"id": name, "title": f"Write {name}", "target_files": (f"{name}.py",), "visible_tests": (test,), **more}
    )


def exec_sandbox(job: Job) -> SandboxResult:
    """Runs each test's text by itself, in this process: for candidates that the test itself has written."""
    passed = 0
    for test in job.tests:
        module = test.content.split()[1]
        namespace: dict[str, Any] = {}
        exec((job.workspace / f"{module}.py").read_text(), namespace)
        with contextlib.suppress(AssertionError):
            exec(test.content.replace(f"from {module} import add", ""), namespace)
            passed += 1
    failed = len(job.tests) - passed
    report = TestReport(kind=job.kind, expected=len(job.tests), passed=passed, failed=failed, output="assert" * failed)
    return SandboxResult(report, {}, "finished", failed, "none")


class CountingService:
    """A model service on loopback. The first answer for a task is wrong, all others are right; reviews give 9.

    `calls` counts requests by what was asked for, before they are answered. `answer_after` delays answers.
    """

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.started: list[float] = []
        self.under_way = self.most_under_way = 0
        self.answer_after = 0.0
        lock = threading.Lock()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["asked"]
                with lock:
                    service.calls[asked] += 1
                    service.started.append(time.monotonic())
                    service.under_way += 1
                    service.most_under_way = max(service.most_under_way, service.under_way)
                time.sleep(service.answer_after)
                with lock:
                    service.under_way -= 1
                body = json.dumps({"answer": asked}).encode()
                with contextlib.suppress(OSError):  # the process that asked was killed
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class PaidModel:
    """A writer and reviewer behind a `CountingService`. `before` and `after` run around the request."""

    name, model = "paid", "paid-1"

    def __init__(self, url: str, *, before: Callable[[str], None] = lambda _: None) -> None:
        self.endpoint = url
        self._before = before

    def is_available(self) -> Availability:
        return Availability(ok=True)

    def price(self, input_tokens: int, output_tokens: int) -> Decimal:
        return PRICE

    def _ask(self, asked: str) -> None:
        self._before(asked)
        body = json.dumps({"asked": asked}).encode()
        with urllib.request.urlopen(urllib.request.Request(self.endpoint, body), timeout=60) as answer:
            answer.read()

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int = 4096,
        temperature: float = 0.2,
        seed: int | None = None,
        on_text: OnText | None = None,
    ) -> Completion:
        path = messages[0].content.rpartition("Write only these files: ")[2].split(".py")[0]
        self._ask(f"write {path} {seed}")
        code = WRONG if seed == 1 else RIGHT
        return Completion(
            text=f"```python {path}.py\n{code}```",
            model=self.model,
            usage=Usage(input_tokens=10, output_tokens=10, cost_usd=PRICE, priced_by="test"),
        )

    def review(self, request: ReviewRequest) -> Review | None:
        self._ask(f"review {request.task.id}")
        return Review(score=9, verdict="accept", model=self.model, usage=Usage(cost_usd=PRICE, priced_by="test"))


@contextlib.contextmanager
def office(
    database: str,
    repository: Path,
    url: str,
    *,
    before_call: Callable[[str], None] = lambda _: None,
    budget: Decimal | None = None,
    session: str = "s",
    limits: Limits | None = None,
    stop: threading.Event | None = None,
    gemini: str = "",
    review: bool = True,
    **worker: Any,
) -> Iterator[Worker]:
    """All that a worker needs, with the paid model as writer and reviewer; with the URL `gemini`, Ollama at `url`
    writes and Gemini reviews."""
    stop = stop or threading.Event()
    model: Any = PaidModel(url, before=before_call)
    writer = OllamaAgent("tiny", url=url) if gemini else model
    reviewer = GeminiAgent("gemini-2.5-flash", url=gemini, key_env="TEST_GEMINI_KEY") if gemini else model
    allowed = limits or Limits()
    with (
        TaskQueue(database) as queue,
        Ledger(
            database,
            session=session,
            price=lambda agent, *tokens: agent.price(*tokens),
            budget=budget,
            limits={"writer": allowed, "reviewer": allowed},
            stop=stop,
        ) as ledger,
    ):
        tools = Tools(
            project=GitProject(repository),
            sandbox=exec_sandbox,
            records=repository.parent / "records",
            writer=writer,
            reviewer=reviewer if review else None,
            calls=ledger,
        )
        name = worker_name()
        engine = Engine(database, name, tools, stop=stop)
        try:
            yield Worker(queue=queue, runner=engine, policy=Policy(), name=name, stop=stop, **worker)
        finally:
            engine.close()


def killed_at(point: str, database: str, repository: Path, url: str, **worker: Any) -> None:
    """Work, and be killed at `point`: `before <step>`, `after <step>` (done, not yet kept), `call <what>` (the service
    has the request), `before finish`, `after finish`; or not at all (``). Runs in a process of its own."""

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def call(asked: str) -> None:
        if point == f"call {asked}":
            # The service gets the request while this process dies.
            request = urllib.request.Request(url, json.dumps({"asked": asked}).encode())
            threading.Thread(target=urllib.request.urlopen, args=(request,), daemon=True).start()
            time.sleep(0.3)
            die()

    import pixel_llm.coach.durable.engine as module

    original = module.DBOS.run_step

    def run_step(options: dict[str, str], work: Callable[..., Any], *arguments: Any) -> Any:
        def watched() -> Any:
            if point == f"before {options['name']}":
                die()
            made = work(*arguments)
            if point == f"after {options['name']}":
                die()
            return made

        return original(options, watched)

    module.DBOS.run_step = run_step
    finish = TaskQueue.finish

    def finishing(self: TaskQueue, *arguments: Any, **named: Any) -> Any:
        if point == "before finish":
            die()
        made = finish(self, *arguments, **named)
        if point == "after finish":
            die()
        return made

    TaskQueue.finish = finishing  # type: ignore[method-assign]
    with office(database, repository, url, before_call=call, **worker) as made:
        made.work()
