"""A Jinja environment for templates that nobody vouches for.

Jinja's sandbox keeps a template away from Python's internals; it does not keep it from running for ever or filling
the memory. Here every loop step and call is counted, and so is every character or element that an operation makes,
before it is made where that can be told: a template that goes over its budget is refused.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Any, NoReturn

from jinja2 import TemplateError, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension
from jinja2.filters import make_attrgetter
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pixel_llm.errors import UnsupportedError

MAX_STEPS = 250_000
MAX_CHARS = 1 << 25
"""Characters that a rendering may make, besides 64 for each character of the conversation."""
ELEMENT = 64
"""How many characters one element of a list or dict counts for."""
MAX_NUMBER = 100_000
"""Largest number that a template may hand to a function: widths, counts, ranges."""
MAX_SECONDS = 3.0

_AMPLIFIERS = frozenset({"replace", "format", "format_map"})
_REFUSED = frozenset({"expandtabs", "translate"})  # they multiply, and no template is known to need them
_WIDE_FORMAT = re.compile(r"[\d*]{4,}|\*|\{[^{}]*\{")


class Budget:
    """What one rendering may use; going over it raises `UnsupportedError`."""

    def __init__(self, conversation_chars: int = 0) -> None:
        self._steps = 0
        self._chars = MAX_CHARS + 64 * conversation_chars
        self._deadline = time.monotonic() + MAX_SECONDS

    def step(self) -> None:
        """Count one loop step or call."""
        self._steps += 1
        if self._steps > MAX_STEPS or (self._steps % 64 == 0 and time.monotonic() > self._deadline):
            refuse("takes too many steps")

    def chars(self, count: int) -> None:
        """Count characters that are about to be made."""
        self._chars -= count
        if self._chars < 0:
            refuse("makes too much text")

    def deep(self, value: Any) -> None:
        """Count about what writing `value` takes: a container counts each time that it occurs in another."""
        waiting = [value]
        while waiting:
            item = waiting.pop()
            self.chars(ELEMENT + (len(item) if isinstance(item, str) else 0))
            if isinstance(item, dict):
                waiting.extend(item.keys())
                waiting.extend(item.values())
            elif isinstance(item, list | tuple | set):
                waiting.extend(item)

    def weight(self, value: Any) -> int:
        """Count `value` as `deep` does, and return what it came to."""
        if isinstance(value, str):
            return len(value)
        before = self._chars
        self.deep(value)
        return before - self._chars


def refuse(why: str) -> NoReturn:
    """Raise the error for a template that uses too much."""
    raise UnsupportedError(f"the template {why}", part="chat_template")


class _Generator(CodeGenerator):
    """Compiles `a ~ b` and container literals, which Jinja's sandbox does not intercept, to counted calls."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 (Jinja's name)
        self.write("environment.concat((")
        for argument in node.nodes:
            self.write("environment.written(")
            self.visit(argument, frame)
            self.write("), ")
        self.write("))")

    def visit_List(self, node: nodes.List, frame: Frame) -> None:  # noqa: N802
        self._counted(super().visit_List, node, frame)

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802
        self._counted(super().visit_Dict, node, frame)

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:  # noqa: N802
        if node.ctx == "load":
            self._counted(super().visit_Tuple, node, frame)
        else:
            super().visit_Tuple(node, frame)

    def _counted(self, visit: Callable[[Any, Frame], None], node: nodes.Node, frame: Frame) -> None:
        self.write("environment.made(")
        visit(node, frame)
        self.write(")")


class _GenerationBlock(Extension):
    """`{% generation %} ... {% endgeneration %}` marks an answer for training in transformers; here, only its
    content.
    """

    tags = {"generation"}  # noqa: RUF012 (Jinja's declaration)

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """The block's content."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """transformers' environment for chat templates (`transformers.utils.chat_template_utils`), with budgets.

    `budget` is set anew for each compilation and rendering; one thread at a time.
    """

    code_generator_class = _Generator
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,
            cache_size=0,
            finalize=self._finalize,
            extensions=["jinja2.ext.loopcontrols", _GenerationBlock],
        )
        self.budget = Budget()
        self.concat = self._concat  # type: ignore[method-assign]
        for name in ("center", "format", "pprint", "urlize", "wordwrap", "xmlattr", "indent", "filesizeformat"):
            del self.filters[name]
        self.filters["indent"] = _indent
        self.filters = {name: self._counted(name, function) for name, function in self.filters.items()}
        self.filters["tojson"] = self._tojson
        self.filters["join"] = self._join
        self.globals = {"range": self.globals["range"], "dict": dict, "namespace": self.globals["namespace"]}
        self.globals |= {"raise_exception": _raise_exception, "strftime_now": _strftime_now}

    def tick(self) -> str:
        """Called at each step of each loop and macro; gives nothing to print."""
        self.budget.step()
        return ""

    def made(self, container: Any) -> Any:
        """A container that a literal made, counted with all that is in it."""
        self.budget.deep(container)
        return container

    def written(self, value: Any) -> str:
        """`str(value)`, counted."""
        return str(self._finalize(value))

    def _finalize(self, value: Any) -> Any:
        if not isinstance(value, str | int | float):
            self.budget.deep(value)
        return value

    def call(self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call from a template, counted."""
        self.budget.step()
        # The sandbox wraps str.format.
        method = getattr(__obj, "__wrapped__", __obj)
        owner, name = getattr(method, "__self__", None), getattr(method, "__name__", "")
        if name == "join":
            args = tuple(a if isinstance(a, str | list | tuple | dict) else list(a) for a in args)
        self._check_arguments(name, owner, args, kwargs)
        result = super().call(__context, __obj, *args, **kwargs)
        self._count_result(result)
        return result

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """`+`, `*`, `**` and `%`, counted before they make anything."""
        if any(isinstance(x, int) and x.bit_length() > 4096 for x in (left, right)):
            refuse("uses too large a number")
        if operator == "+":
            self.budget.chars(_size(left) + _size(right))
        elif operator == "*":
            times = [x for x in (left, right) if isinstance(x, int)]
            self.budget.chars(max(_size(left), _size(right)) * max(0, *times, 0))
        elif operator == "**" and isinstance(right, int) and abs(right) > 64:
            refuse("raises to too high a power")
        elif operator == "%" and isinstance(left, str):
            self._check_format(left)
            self.budget.deep((left, right))
            if isinstance(right, dict):  # each field may bring in all of it
                self.budget.chars(left.count("%") * self.budget.weight(right))
        return super().call_binop(context, operator, left, right)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all((nodes.For, nodes.Macro, nodes.CallBlock)):
            assert isinstance(node, nodes.For | nodes.Macro | nodes.CallBlock)
            tick = nodes.Call(nodes.EnvironmentAttribute("tick"), [], [], None, None)
            node.body.insert(0, nodes.ExprStmt(tick).set_lineno(node.lineno))
        return tree

    def _concat(self, parts: Iterable[str]) -> str:
        parts = list(parts)
        self.budget.chars(sum(map(len, parts)))
        return "".join(parts)

    def _counted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.budget.step()
            passed = [a for a in args if not hasattr(a, "eval_ctx") and a is not self and not hasattr(a, "volatile")]
            self._check_arguments(name, passed[0] if passed else None, passed[1:], kwargs)
            result = function(*args, **kwargs)
            self._count_result(result)
            return result

        return counted

    def _check_arguments(self, name: str, owner: Any, args: Iterable[Any], kwargs: dict[str, Any]) -> None:
        given = [*args, *kwargs.values()]
        if any(isinstance(a, int | float) and abs(a) > MAX_NUMBER for a in given):
            refuse(f"hands a number above {MAX_NUMBER} to {name or 'a function'}")
        if isinstance(owner, bytes) or name in _REFUSED:
            refuse(f"uses {name}" if name in _REFUSED else "works on bytes")
        if name in ("format", "format_map") and isinstance(owner, str):
            self._check_format(owner)
        if name == "join" and isinstance(owner, str):
            self.budget.deep(given)
            self.budget.chars(len(owner) * sum(len(a) for a in given))
        if name == "sum" and not isinstance(kwargs.get("start", [*args, 0, 0][1]), int | float):
            refuse("sums what are not numbers")  # lists: in a time that grows with the square
        if name in _AMPLIFIERS:
            # Each element or character of one operand may bring in a whole copy of another.
            self.budget.deep([owner, *given])
            widest = max((self.budget.weight(a) for a in given if name != "replace" or isinstance(a, str)), default=8)
            self.budget.chars((_size(owner) + len(given) + 1) * widest)
        elif name in ("string", "pprint", "list", "dict", "namespace"):
            self.budget.deep([owner, *given])

    def _check_format(self, pattern: str) -> None:
        if _WIDE_FORMAT.search(pattern):
            refuse("formats to too wide a field")

    def _count_result(self, result: Any) -> None:
        self.budget.chars(_size(result))

    def _join(self, value: Iterable[Any], d: str = "", attribute: str | int | None = None) -> str:
        if attribute is not None:
            value = map(make_attrgetter(self, attribute), value)
        parts, between = [], str(d)
        for item in value:  # may be a generator: counted one by one
            self.budget.step()
            parts.append(self.written(item))
            self.budget.chars(len(parts[-1]) + len(between))
        return between.join(parts)

    def _tojson(
        self,
        x: Any,
        ensure_ascii: bool = False,
        indent: int | None = None,
        separators: Any = None,
        sort_keys: bool = False,
    ) -> str:
        self.budget.step()
        if isinstance(indent, int | float) and abs(indent) > 16:
            refuse("indents too far")
        for _ in range(2 + (indent or 0)):
            self.budget.deep(x)
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _size(value: Any) -> int:
    """Characters of a text, or what the elements of a container count for, without what is in them."""
    if isinstance(value, list | tuple | dict | set):
        return ELEMENT * len(value)
    return len(value) if isinstance(value, str | bytes) else 16


def _indent(text: str, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    space = width if isinstance(width, str) else " " * min(int(width), 64)
    if len(space) > 64:
        refuse("indents too far")
    lines = text.splitlines() or [""]
    moved = [space + line if line or blank else line for line in lines[1:]]
    return "\n".join([space + lines[0] if first else lines[0], *moved])


def _raise_exception(message: str) -> NoReturn:
    raise TemplateError(message)


def _strftime_now(pattern: str) -> str:
    return datetime.now().strftime(pattern[:100])
