"""What tests there are, read from the files' syntax before any of the candidate's code runs."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

_WORDS = ("again", "twice", "empty", "large", "small", "order", "repeat", "edge", "basic", "more", "zero", "single")


@dataclass(frozen=True)
class StaticTest:
    """A test function. `id` is pytest's node id without parameters; `count` how many runs of it are known of."""

    id: str
    count: int
    may_skip: bool
    """Its own file may skip it or expects it to fail."""


def is_test_file(path: str) -> bool:
    """Whether pytest takes a file of this name for a test module by default."""
    name = PurePosixPath(path).name
    return name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))


def find_tests(source: str | bytes, path: str) -> list[StaticTest]:
    """The tests that pytest's default rules find in a module, those inherited or made at run time left out.

    Raises SyntaxError and ValueError (null bytes).
    """
    tree = ast.parse(source)
    skips = any(_mentions_skip(node) for node in tree.body if not isinstance(node, _DEFINITIONS))
    return list(_tests(tree, path, skips))


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)


def _tests(parent: ast.Module | ast.ClassDef, prefix: str, skips: bool) -> Iterator[StaticTest]:
    for node in _statements(parent):
        if isinstance(node, _FUNCTIONS) and node.name.startswith("test") and not _is_fixture(node):
            counts = [_parameters(d) for d in node.decorator_list]
            count = 1
            for n in counts:
                count *= n
            yield StaticTest(f"{prefix}::{node.name}", count, skips or _mentions_skip(node))
        elif isinstance(node, ast.ClassDef) and _is_test_class(node):
            own = any(_mentions_skip(d) for d in node.decorator_list) or any(
                _mentions_skip(s) for s in node.body if isinstance(s, ast.Assign)
            )
            yield from _tests(node, f"{prefix}::{node.name}", skips or own)


def _statements(parent: ast.Module | ast.ClassDef) -> Iterator[ast.stmt]:
    """Definitions at the top; the last of those with one name, as Python has it."""
    last = {node.name: node for node in parent.body if isinstance(node, _DEFINITIONS)}
    yield from last.values()


def _is_fixture(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(n, ast.Attribute | ast.Name) and "fixture" in ast.unparse(n) for n in node.decorator_list)


def _is_test_class(node: ast.ClassDef) -> bool:
    if any(
        isinstance(s, ast.Assign) and ast.unparse(s) in ("__test__ = False", "__test__: bool = False")
        for s in node.body
    ):
        return False
    if any("TestCase" in ast.unparse(base) for base in node.bases):
        return True
    constructed = any(isinstance(s, ast.FunctionDef) and s.name in ("__init__", "__new__") for s in node.body)
    return node.name.startswith("Test") and not constructed


def _parameters(decorator: ast.expr) -> int:
    """How many sets of parameters `@pytest.mark.parametrize(names, [...])` gives, 1 where that is not written out."""
    if not (isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("mark.parametrize")):
        return 1
    values = decorator.args[1] if len(decorator.args) > 1 else None
    for keyword in decorator.keywords:
        values = keyword.value if keyword.arg == "argvalues" else values
    if isinstance(values, ast.List | ast.Tuple) and not any(isinstance(v, ast.Starred) for v in values.elts):
        return max(1, len(values.elts))
    return 1


def _mentions_skip(node: ast.AST) -> bool:
    """A mark or call that skips or expects a failure: `pytest.skip`, `importorskip`, `mark.skipif`, `xfail`, ..."""
    for inner in ast.walk(node):
        name = inner.attr if isinstance(inner, ast.Attribute) else inner.id if isinstance(inner, ast.Name) else ""
        if name in ("skip", "skipif", "skipIf", "skipUnless", "skipTest", "SkipTest", "xfail", "importorskip"):
            return True
    return False


@dataclass(frozen=True)
class Canary:
    """A test that must fail. If it is reported to pass, or not to have run, the other results are worth nothing."""

    path: str
    name: str
    source: str
    """To be appended to the module."""

    @property
    def id(self) -> str:
        """pytest's node id."""
        return f"{self.path}::{self.name}"


def canary_for(path: str, tests: list[StaticTest]) -> Canary:
    """A canary that looks like one of `tests` and is found nowhere but in this run."""
    chance = random.SystemRandom()
    taken = {t.id.rpartition("::")[2] for t in tests}
    name = ""
    while not name or name in taken:
        model = chance.choice(sorted(taken) or ["test_it"])
        name = f"{model}_{chance.choice(_WORDS)}" + chance.choice(["", f"_{chance.randrange(2, 10)}"])
    left, right, wrong = (chance.randrange(2, 100) for _ in range(3))
    body = f"    left, right = {left}, {right}\n    assert left * right == {left * right + wrong}\n"
    return Canary(path, name, f"\n\n\ndef {name}() -> None:\n{body}")
