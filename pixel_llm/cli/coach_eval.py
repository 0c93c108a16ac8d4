"""`pixel-llm coach eval`: the loop measured on problems whose answers are known."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixel_llm.cli.coach_options import HERE, ConfigOption, ProjectOption, SetOption
from pixel_llm.cli.coach_run import UnsafeOption
from pixel_llm.cli.options import JsonOption

if TYPE_CHECKING:
    from pixel_llm.cli.coach_context import Context
    from pixel_llm.coach.evaluate.arms import Bench
    from pixel_llm.coach.evaluate.humaneval import Report
    from pixel_llm.coach.evaluate.problems import Problem


class EvalAgent(StrEnum):
    """Who works on the problems."""

    settings = "settings"
    scripted = "scripted"


class ArmName(StrEnum):
    """Ways of working that can be compared; the coach's own type is only loaded by its commands."""

    single_shot = "single shot"
    best_of_3 = "best of 3"
    tests_only = "tests only"
    review_only = "review only"
    tests_and_review = "tests and review"


def humaneval(
    agent: Annotated[
        EvalAgent,
        typer.Option(
            "--agent",
            metavar="settings|scripted",
            help="`settings`: the agents of coach.yaml. `scripted`: no model, a mixture of right and wrong answers of "
            "known rates, which proves the instrument and nothing else.",
        ),
    ] = EvalAgent.settings,
    arm: Annotated[
        list[ArmName] | None,
        typer.Option("--arm", metavar="ARM", help=f"{', '.join(ArmName)}; may be repeated.", show_default="all"),
    ] = None,
    every: Annotated[int, typer.Option("--every", min=1, metavar="N", help="Only each N-th problem.")] = 1,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="At most N problems.", show_default="all 164")
    ] = None,
    tokens: Annotated[
        int, typer.Option("--tokens", min=256, metavar="N", help="Tokens that an arm may spend on a problem.")
    ] = 8192,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Results, a line each; an interrupted measurement goes on from it.",
            show_default=".pixel-llm/eval/humaneval-AGENT.jsonl in the project",
        ),
    ] = None,
    unsafe_no_sandbox: UnsafeOption = False,
    settings: SetOption = None,
    project: ProjectOption = HERE,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the loop on HumanEval: single shot, best of 3, and the loop with tests, with review, with both.

    Each arm has the same budget of tokens for a problem. The examples in the docstrings are the visible tests, the
    benchmark's own `check()` decides what is correct and is seen by nobody. Shows pass@1 with 95 % intervals, wrong
    answers that were accepted, right ones that were not, tokens and dollars.
    """
    from pixel_llm.cli.coach_context import open_context
    from pixel_llm.cli.output import emit_json, note, progress_bar
    from pixel_llm.coach.config import state_folder
    from pixel_llm.coach.evaluate.arms import Arm
    from pixel_llm.coach.evaluate.humaneval import evaluate
    from pixel_llm.coach.evaluate.problems import load_problems

    context = open_context(project, config, settings=settings)
    bench, about = _bench(context, agent, tokens, unsafe_no_sandbox)
    problems = load_problems(every=every, limit=limit)
    arms = [Arm(a.value) for a in arm or ArmName]
    state = state_folder(context.project)
    file = out or state / "eval" / f"humaneval-{agent}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    note(f"{len(problems)} problems, {len(arms)} arms: {about}")
    done = 0
    with progress_bar("HumanEval", unit="answers") as progress:

        def told(result: object) -> None:
            nonlocal done
            done += 1
            progress(done, len(problems) * len(arms))

        report = evaluate(problems, arms, bench, file, note=about, told=told)
    if as_json:
        emit_json(_json(report, file))
    else:
        _show(report, file)


def _bench(context: Context, agent: EvalAgent, tokens: int, unsafe: bool) -> tuple[Callable[[Problem], Bench], str]:
    """Makes the agents and the sandbox for a problem; and what the agents are."""
    from pixel_llm.cli.coach_tools import agents_of, sandbox_of
    from pixel_llm.coach.evaluate.arms import Bench
    from pixel_llm.coach.evaluate.mixture import Mixture
    from pixel_llm.errors import AgentError

    sandbox, limits = sandbox_of(context.config, unsafe=unsafe)
    records = context.records / "eval"
    if agent is EvalAgent.scripted:
        mixture = Mixture()

        def scripted(problem: Problem) -> Bench:
            made = mixture.agent(problem)
            return Bench(made, made, sandbox, records, tokens=tokens, limits=limits)

        return scripted, mixture.note
    chosen = agents_of(context.config)
    if chosen.writer is None:
        raise AgentError("there is no writer to measure", remedy="pixel-llm coach agents")
    writer, settings = chosen.writer, context.config.writer
    bench = Bench(
        writer,
        chosen.reviewer,
        sandbox,
        records,
        tokens=tokens,
        max_tokens=min(settings.max_tokens, tokens),
        temperature=settings.temperature,
        limits=limits,
    )
    summary = ", ".join(f"{role} {name}" for role, name in chosen.summary().items())
    return lambda problem: bench, summary


def _show(report: Report, file: Path) -> None:
    from pixel_llm.cli.coach_show import dollars
    from pixel_llm.cli.output import console, human_seconds, note, say, table

    rows = []
    for arm in report.arms:
        low, high = arm.interval
        rows.append(
            [
                str(arm.arm),
                f"{arm.pass_at_1:.1%}",
                f"{low:.1%} to {high:.1%}",
                str(arm.accepted),
                str(arm.false_accepts),
                str(arm.false_rejects),
                f"{arm.usage.input_tokens + arm.usage.output_tokens:,}",
                dollars(arm.usage.cost_usd),
                dollars(arm.cost_per_problem),
                human_seconds(arm.seconds),
            ]
        )
    columns = [
        "arm",
        "pass@1",
        "95 %",
        "accepted",
        "false accepts",
        "false rejects",
        "tokens",
        "cost",
        "a problem",
        "time",
    ]
    say(report.note, style="bold")
    console().print(table(columns, rows, right=range(1, 10)))
    note(f"{report.arms[0].problems} problems, {report.without_visible_tests} of them without an example for a test")
    note(f"results: {file}")


def _json(report: Report, file: Path) -> dict[str, Any]:
    arms = [
        {
            **arm.model_dump(mode="json"),
            "pass_at_1": round(arm.pass_at_1, 4),
            "interval": [round(v, 4) for v in arm.interval],
        }
        for arm in report.arms
    ]
    return {**report.model_dump(mode="json", exclude={"arms"}), "arms": arms, "results": str(file)}


EXAMPLE = "Example: pixel-llm coach eval humaneval --agent scripted --every 8"
