"""Runs pytest in the sandbox and reports each test's outcome over a pipe.

    python -I run_tests.py CONTROL_FD RESULTS_FD

The candidate's code shares this process with the tests, so nothing here is out of its reach for good; what this file
does is to make the ways that are known to a better result visible, and the others hard:

- Results leave through an audit hook (PEP 578), which no Python code can remove or find. It holds the only copy of
  the key that authenticates them, and takes good news only from pytest's own code calling in pytest's own order.
- The same hook reports the candidate when it walks frames, asks the garbage collector for objects, traces, or reads
  the code of a test.
- pytest's functions are compared with what they were before the candidate was imported.
- Test modules that must stay unseen come over the control pipe and are never files.

Standard library and pytest only. The other end is `pixel_llm/coach/sandbox/results.py`.
"""

from __future__ import annotations

import _thread
import ast
import importlib
import json
import os
import sys
import time
import types
from collections.abc import Callable, Generator, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, NoReturn

import _pytest.assertion.rewrite
import _pytest.runner
import pluggy._callers
import pluggy._hooks
import pluggy._manager
import pytest

EVENT = "pixel_llm.sandbox"
LOOK_EVERY = 0.05  # seconds between comparisons of all that is guarded
# What may legitimately be patched by tests is not among them.
GUARDED = (
    *("_pytest.assertion", "_pytest.fixtures", "_pytest.main", "_pytest.outcomes", "_pytest.python", "_pytest.raises"),
    *("_pytest.python_api", "_pytest.reports", "_pytest.runner", "_pytest.skipping", "_pytest.unittest"),
    *("pluggy._callers", "pluggy._hooks", "pluggy._manager", "pluggy._result", "unittest.case"),
)
TELLING_HOOKS = (
    *("pytest_runtest_protocol", "pytest_runtest_setup", "pytest_runtest_call", "pytest_runtest_teardown"),
    *("pytest_runtest_makereport", "pytest_runtest_logreport", "pytest_pyfunc_call", "pytest_collection_modifyitems"),
    *("pytest_pycollect_makeitem", "pytest_pycollect_makemodule", "pytest_runtestloop", "pytest_sessionfinish"),
)
PRYING = {
    "gc.get_objects": "asks the garbage collector for all objects",
    "gc.get_referrers": "asks the garbage collector who refers to an object",
    "gc.get_referents": "asks the garbage collector what an object refers to",
    "sys._getframe": "walks the frames of its callers",
    "sys._current_frames": "walks the frames of other threads",
    "sys._current_exceptions": "reads the exceptions of other threads",
    "sys.settrace": "traces the tests",
    "sys.setprofile": "profiles the tests",
    "sys.monitoring.register_callback": "monitors the tests",
    "sys.addaudithook": "adds an audit hook",
}
PRYING_ATTRIBUTES = {"tb_frame", "gi_frame", "cr_frame", "ag_frame", "f_code"}


def make_guard(
    suspects: frozenset[str],
) -> tuple[Callable[[Any], None], Callable[[Any], None], Callable[[str], list[str]]]:
    """Three functions: to be called once with the configuration when no code of the candidate's has run yet, once with
    the tests that were collected, and with a test's id for what is not as it was.

    What they remember is in no object that other code can reach, and the functions that they use are kept, too.
    """
    get, is_a, variables, listed, modules = getattr, isinstance, vars, tuple, sys.modules
    function_type, descriptors = types.FunctionType, (types.FunctionType, classmethod, staticmethod, property)
    kind, join, now = type, ".".join, time.monotonic
    looked = 0.0
    pristine: dict[tuple[str, ...], Any] = {}
    tests: dict[str, tuple[Any, Any]] = {}
    settings: list[Any] = []

    def guarded() -> Iterator[tuple[tuple[str, ...], Any]]:
        """Every function and method of the guarded modules, and the code of each function, by its place."""
        for module_name in GUARDED_MODULES:
            module = modules.get(module_name)
            for name, value in listed(variables(module).items()) if module else ():
                if is_a(value, function_type):
                    yield (module_name, name), value
                    yield (module_name, name, "__code__"), value.__code__
                elif is_a(value, kind):
                    yield (module_name, name), value
                    for attribute, inner in listed(variables(value).items()) if value.__module__ == module_name else ():
                        if is_a(inner, descriptors):
                            yield (module_name, name, attribute), inner
                            if is_a(inner, function_type):
                                yield (module_name, name, attribute, "__code__"), inner.__code__

    def begin(config: Any) -> None:
        if not pristine:
            settings.append(config)
            pristine.update(guarded())

    def collected(items: Any) -> None:
        if not tests:
            tests.update({i.nodeid: (i, get(i, "function", None)) for i in items})

    def foreign(place: tuple[str, ...], value: Any) -> bool:
        """Whether something is another than it was, or is new and the candidate's: plugins may add to pytest."""
        if place in pristine:
            return pristine[place] is not value
        code = get(get(value, "fget", value), "__code__", value)
        return get(code, "co_filename", "") in suspects

    def problems(test: str) -> list[str]:
        nonlocal looked
        found = []
        if test not in tests or now() - looked > LOOK_EVERY:
            found = [f"{join(place)} has been replaced" for place, value in guarded() if foreign(place, value)]
            looked = now()
        for name in TELLING:
            for implementation in get(settings[0].hook, name).get_hookimpls():
                code = get(implementation.function, "__code__", None)
                if code is not None and code.co_filename in suspects:
                    found.append(f"{code.co_filename}: implements {name}")
        if test in tests:
            item, function = tests[test]
            changed = get(item, "function", None) is not function or "runtest" in variables(item)
            if changed or "gethookproxy" in variables(item.session):
                found.append(f"{test} has been replaced")
        return found

    # Locals of this function, since globals of the module can be replaced.
    GUARDED_MODULES, TELLING = GUARDED, TELLING_HOOKS
    return begin, collected, problems


def make_hook(
    results: int,
    key: bytes,
    told_in: dict[str, types.CodeType],
    order: tuple[types.CodeType, ...],
    suspects: frozenset[str],
) -> Callable[[str, tuple[Any, ...]], None]:
    """The audit hook. Everything that it uses is a local or a C function, out of reach of patches.

    told_in: which function may say that plugins are loaded, tests are collected, a test has passed, all is finished.
    order: the functions that call them when a test has passed, from the inside. A line is `<blake2b> <field> ...` with
    fields in hex; the digest covers the number of the line.
    """
    keyed = blake2b(key=key, digest_size=32)
    getframe, getpid, write, get_thread = sys._getframe, os.getpid, os.write, _thread.get_ident
    get, kind_of = getattr, type
    process = getpid()
    sending = _thread.allocate_lock()
    begin, collected, problems = make_guard(suspects)
    sent = 0
    inside: set[int] = set()
    between = frozenset({pluggy._manager.PluginManager._hookexec.__code__, pluggy._hooks.HookCaller.__call__.__code__})
    main_code = main.__code__
    prying, prying_attributes = dict(PRYING), frozenset(PRYING_ATTRIBUTES)
    event_of_ours = EVENT
    watched = frozenset({EVENT, "object.__getattr__", *prying})

    def send(*fields: str) -> None:
        nonlocal sent
        body = " ".join([f.encode("utf-8", "replace").hex() or "-" for f in fields]).encode()
        with sending:
            mac = keyed.copy()
            mac.update(b"%d " % sent + body)
            line = mac.hexdigest().encode() + b" " + body + b"\n"
            sent += 1
            while line:
                line = line[write(results, line) :]

    def suspect(frame: Any) -> str:
        while frame is not None and frame.f_code.co_filename.endswith(("/inspect.py", "<frozen inspect>")):
            frame = frame.f_back
        if frame is None:
            return ""
        name: str = frame.f_code.co_filename
        # Code made by exec and compile counts as the candidate's; that of the standard library's own makers does not
        # do any of these things.
        return name if name in suspects or (name[:1] == "<" and name[:8] != "<frozen ") else ""

    def told_by_pytest(kind: str, frame: Any) -> bool:
        """Whether the caller is the one function that tells such things, called by `main` without the candidate."""
        if frame.f_code is not told_in[kind]:
            return False
        for code in order if kind == "passed" else ():
            frame = frame.f_back
            while frame is not None and frame.f_code in between:
                frame = frame.f_back
            if frame is None or frame.f_code is not code:
                return False
        while frame is not None and frame.f_code is not main_code:
            if suspect(frame):
                return False
            frame = frame.f_back
        return frame is not None

    def told(kind: str, fields: list[Any], caller: Any) -> None:
        if kind in told_in and not told_by_pytest(kind, caller):
            return
        if kind == "loaded":
            begin(fields[0])
        elif kind == "collected":
            collected(fields[0])
        else:
            if kind in ("passed", "finished"):
                for problem in problems(fields[0]):
                    send("tampering", problem)
            send(kind, *fields)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in watched or getpid() != process:
            return
        thread = get_thread()
        if thread in inside:
            return
        inside.add(thread)
        try:
            caller = getframe(1)
            if event == event_of_ours:
                kind, *fields = arguments
                told(kind, fields, caller)
            elif event == "object.__getattr__":
                if arguments[1] in prying_attributes and (place := suspect(caller)):
                    send("tampering", f"{place}: reads {arguments[1]}")
                elif arguments[1] == "__code__" and (place := suspect(caller)) and of_a_test(arguments[0]):
                    send("tampering", f"{place}: reads the code of a test")
            elif place := suspect(caller):
                send("tampering", f"{place}: {prying[event]}")
        finally:
            inside.discard(thread)

    def of_a_test(function: Any) -> bool:
        name: Any = get(function, "__module__", None)
        return kind_of(name) is str and name.rpartition(".")[2].startswith("test")

    return hook


class Reporter:
    """The pytest plugin: tells the hook what happens."""

    def __init__(self, unseen: dict[str, str], suspects: frozenset[str]) -> None:
        self._unseen = unseen
        self._suspects = suspects

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config) -> Generator[None, None, None]:
        """Plugins are loaded, some of which patch pytest; nothing of the project is yet."""
        sys.audit(EVENT, "loaded", early_config)
        yield

    def pytest_pycollect_makemodule(self, module_path: Path, parent: Any) -> Any:
        """Test modules that are no files."""
        source = self._unseen.get(str(module_path))
        return None if source is None else UnseenModule.make(parent, module_path, source)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that could not be collected."""
        if report.failed:
            sys.audit(EVENT, "error", report.nodeid, str(report.longrepr)[-8_000:])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Tests must come from the test files."""
        sys.audit(EVENT, "collected", session.items)
        for item in session.items:
            code = getattr(getattr(item, "function", None), "__code__", None)
            if code is not None and code.co_filename in self._suspects and str(item.path) not in self._suspects:
                sys.audit(EVENT, "tampering", f"{code.co_filename}: puts a function in place of {item.nodeid}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One of a test's three parts. A test has passed when its last part has: what it patches is undone then."""
        if report.failed:
            output = "".join(f"\n--- {title} ---\n{text[-2_000:]}" for title, text in report.sections)
            kind = "failed" if report.when == "call" else "error"
            sys.audit(EVENT, kind, report.nodeid, report.longreprtext[-8_000:] + output)
        elif report.skipped:
            place = report.longrepr[0] if isinstance(report.longrepr, tuple) else ""
            by = "candidate" if place in self._suspects or place[:1] == "<" else "tests"
            sys.audit(EVENT, "skipped", report.nodeid, report.longreprtext[-2_000:], by)
        elif report.when == "teardown":
            sys.audit(EVENT, "passed", report.nodeid)


class UnseenModule(pytest.Module):
    """A test module whose text is in no file, and which no other module can look up."""

    source: str

    @classmethod
    def make(cls, parent: Any, path: Path, source: str) -> UnseenModule:
        """The module at `path`, from its text."""
        made: UnseenModule = cls.from_parent(parent, path=path)
        made.source = source
        return made

    def _getobj(self) -> types.ModuleType:
        name = self.path.stem
        tree = ast.parse(self.source, filename=str(self.path))
        _pytest.assertion.rewrite.rewrite_asserts(tree, self.source.encode(), str(self.path), self.config)
        code = compile(tree, str(self.path), "exec", dont_inherit=True)
        self.source = ""
        module = types.ModuleType(name)
        module.__file__ = str(self.path)
        sys.path.insert(0, str(self.path.parent))
        sys.modules[name] = module  # dataclasses look here while the module is made
        try:
            exec(code, module.__dict__)
        finally:
            sys.modules.pop(name, None)
        return module


def main() -> NoReturn:
    """Read what is to be run, run it, report the end."""
    results = int(sys.argv[2])
    os.set_inheritable(results, False)
    with os.fdopen(int(sys.argv[1]), "rb") as pipe:
        control = json.load(pipe)
    for name in ("_pytest.raises", "_pytest.subtests", "unittest.case", "difflib", "pprint", "traceback"):
        try:
            importlib.import_module(name)  # before a file of the candidate's could stand in for it
        except ImportError:
            continue
    suspects = frozenset(control["suspects"])
    reporter = Reporter(control["unseen"], suspects)
    told_in = {
        "loaded": Reporter.pytest_load_initial_conftests.__code__,
        "collected": Reporter.pytest_collection_finish.__code__,
        "passed": Reporter.pytest_runtest_logreport.__code__,
        "finished": main.__code__,
    }
    order = (
        pluggy._callers._multicall.__code__,
        _pytest.runner.call_and_report.__code__,
        _pytest.runner.runtestprotocol.__code__,
    )
    key = bytes.fromhex(control.pop("key"))
    sys.addaudithook(make_hook(results, key, told_in, order, suspects))
    del key
    sys.argv[:] = ["pytest"]
    sys.path[:0] = control["path"]
    status = pytest.main(control["arguments"], plugins=[reporter])
    sys.audit(EVENT, "finished", str(int(status)))
    sys.stdout.flush()
    sys.stderr.flush()
    time.sleep(0)
    os._exit(0)


if __name__ == "__main__":
    main()
