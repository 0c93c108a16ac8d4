"""What the coach's commands work with, made from the settings: agents, sandbox, policy, and Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import FrameType

from pixel_llm.cli.coach_context import Context
from pixel_llm.cli.output import console, note
from pixel_llm.coach.agents.base import AgentUnavailableError
from pixel_llm.coach.agents.choosing import Chosen, choose_agents
from pixel_llm.coach.config import CoachConfig
from pixel_llm.coach.durable.ledger import Ledger, Limits
from pixel_llm.coach.loop.project import GitProject
from pixel_llm.coach.loop.tools import Calls, Observer, Policy, Tools
from pixel_llm.coach.sandbox import Job, SandboxResult, choose, run
from pixel_llm.coach.sandbox import Limits as SandboxLimits

UNSAFE = "Running generated code without a sandbox: it can read, change and send whatever you can."


def agents_of(config: CoachConfig) -> Chosen:
    """The agents of a run. Raises AgentUnavailableError where there is nobody, and where an agent that the settings
    name is not available: another one, or none, is not what was asked for."""
    chosen = choose_agents(config, review=config.reviewer.kind != "none")
    chosen.require()
    for role, kind, agent in (
        ("writer", config.writer.kind, chosen.writer),
        ("reviewer", config.reviewer.kind, chosen.reviewer),
    ):
        if agent is None and kind not in ("auto", "none"):
            found = next(c for c in chosen.candidates if c.role == role)
            raise AgentUnavailableError(f"{found.name} cannot be the {role}: {found.why_not}", remedy=found.remedy)
    if chosen.notice:
        note(chosen.notice, style="yellow")
    return chosen


def policy_of(config: CoachConfig) -> Policy:
    """The rules of a run."""
    writer, loop = config.writer, config.loop
    rules = Policy(
        max_attempts=loop.max_attempts,
        accept_score=loop.accept_score,
        prompt_limit=loop.prompt_limit,
        decide_by="tests" if config.reviewer.kind == "none" else "tests and review",
        max_tokens=writer.max_tokens,
        review_tokens=config.reviewer.max_tokens,
        temperature=writer.temperature,
    )
    return rules if writer.seed is None else rules.model_copy(update={"seed": writer.seed})


def sandbox_of(config: CoachConfig, *, unsafe: bool = False) -> tuple[Callable[[Job], SandboxResult], SandboxLimits]:
    """What runs generated code, and its limits. Raises SandboxError where nothing can confine it."""
    settings = config.sandbox
    engine = choose("none" if unsafe else settings.engine).name
    if unsafe:
        note(UNSAFE, style="bold red")

    def sandbox(job: Job) -> SandboxResult:
        return run(replace(job, readable=(*job.readable, *map(Path, settings.readable))), engine=engine)

    limits = SandboxLimits(
        wall_seconds=settings.wall_seconds,
        cpu_seconds=max(1, round(settings.wall_seconds)),
        memory_bytes=settings.memory_mb << 20,
        processes=settings.processes,
        scratch_bytes=settings.scratch_mb << 20,
    )
    return sandbox, limits


def tools_of(context: Context, chosen: Chosen, calls: Calls, observer: Observer, *, unsafe: bool = False) -> Tools:
    """The loop's tools. Raises SandboxError where nothing can confine generated code, and what GitProject raises."""
    sandbox, limits = sandbox_of(context.config, unsafe=unsafe)
    return Tools(
        project=GitProject(context.project, context.config.branch, context.config.remote),
        sandbox=sandbox,
        records=context.records,
        writer=chosen.writer,
        reviewer=chosen.reviewer,
        calls=calls,
        observer=observer,
        limits=limits,
        python=Path(context.config.sandbox.python or sys.executable),
        protected=context.config.protected_paths,
    )


def ledger_of(context: Context, session: str, stop: threading.Event | None = None) -> Ledger:
    """The ledger of model calls, with the limits and the budget of the settings."""
    config = context.config
    budget = config.run.budget_usd
    return Ledger(
        context.database,
        session=session,
        price=lambda agent, tokens_in, tokens_out: agent.price(tokens_in, tokens_out),
        budget=None if budget is None else Decimal(str(budget)),
        limits={
            "writer": Limits(parallel=config.writer.max_parallel),
            "reviewer": Limits(parallel=config.reviewer.max_parallel, per_minute=config.reviewer.per_minute),
        },
        stop=stop,
    )


@contextmanager
def stopping(stop: threading.Event) -> Iterator[None]:
    """Inside the block the first Ctrl-C (or SIGTERM) sets `stop`, so that work ends between two steps; the second ends
    the process at once. A call cannot be interrupted otherwise, and a kill loses nothing: see `durable/`."""

    def handler(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            console(stderr=True).show_cursor(True)
            os._exit(130)
        stop.set()
        note("Finishing what is under way; what is left goes back to the queue. Ctrl-C again stops at once.")

    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
