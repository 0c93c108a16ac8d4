"""Scripted agents with known rates of right and wrong: they prove the instrument and say nothing about any model."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from pixel_llm.coach.agents.scripted import ScriptedAgent
from pixel_llm.coach.evaluate.problems import FILE, Problem
from pixel_llm.coach.types import Defect, Message, Review, ReviewRequest, Usage


@dataclass(frozen=True)
class Mixture:
    """Rates, 0 to 1: a first draft is right, a repair is right, a reviewer passes right and wrong work."""

    draft: float = 0.4
    repair: float = 0.35
    passes_right: float = 0.85
    passes_wrong: float = 0.3

    @property
    def note(self) -> str:
        """What a report says about it."""
        return (
            f"scripted mixture, no model: drafts right {self.draft:.0%}, repairs right {self.repair:.0%}, "
            f"reviewer passes right work {self.passes_right:.0%} and wrong work {self.passes_wrong:.0%}"
        )

    def agent(self, problem: Problem) -> ScriptedAgent:
        """A writer and reviewer for one arm's work on one problem. What it does depends on the problem and on how often
        it was asked, nothing else: all arms meet the same luck."""
        asked = 0

        def write(messages: Sequence[Message]) -> str:
            nonlocal asked
            asked += 1
            rate = self.repair if "Your last version" in messages[-1].content else self.draft
            right = _luck(problem.id, "write", asked) < rate
            code = problem.reference if right else broken(problem.reference, asked)
            return f"````python {FILE}\n{code.rstrip()}\n````"

        def review(request: ReviewRequest) -> Review:
            code = request.files[0].content
            right = code.strip() == problem.reference.strip()
            rate = self.passes_right if right else self.passes_wrong
            usage = Usage(input_tokens=len(code.split()) + 200, output_tokens=60)
            if _luck(problem.id, "review", code) < rate:
                return Review(score=9, verdict="accept", model="scripted", usage=usage)
            defect = Defect(place=FILE, reason="an edge case is wrong")
            return Review(score=4, verdict="revise", defects=(defect,), model="scripted", usage=usage)

        return ScriptedAgent(write, review)


def broken(source: str, variant: int) -> str:
    """`source` with one small mistake: a comparison, an operator or a number that is a little off."""
    tree = ast.parse(source)
    places = [node for node in ast.walk(tree) if _can_break(node)]
    if not places:
        return f"{source.rstrip()}\n\n\n{_last_function(tree)} = lambda *values: None\n"
    node = places[int(_luck(source, "break", variant) * len(places))]
    _break(node)
    return ast.unparse(tree) + "\n"


_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Mod: ast.FloorDiv,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


def _can_break(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return type(node.ops[0]) in _SWAPS
    if isinstance(node, ast.BinOp | ast.BoolOp):
        return type(node.op) in _SWAPS
    return isinstance(node, ast.Constant) and type(node.value) is int


def _break(node: ast.AST) -> None:
    if isinstance(node, ast.Compare):
        swapped = _SWAPS[type(node.ops[0])]()
        assert isinstance(swapped, ast.cmpop)
        node.ops[0] = swapped
    elif isinstance(node, ast.BinOp):
        operator = _SWAPS[type(node.op)]()
        assert isinstance(operator, ast.operator)
        node.op = operator
    elif isinstance(node, ast.BoolOp):
        joined = _SWAPS[type(node.op)]()
        assert isinstance(joined, ast.boolop)
        node.op = joined
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        node.value += 1


def _last_function(tree: ast.Module) -> str:
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef)][-1]


def _luck(*what: object) -> float:
    """A number from 0 to 1 that depends on `what` alone."""
    return int.from_bytes(hashlib.sha256(repr(what).encode()).digest()[:7]) / 2**56
