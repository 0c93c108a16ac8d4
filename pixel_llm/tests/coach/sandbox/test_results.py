"""From the files' syntax and the pipe's bytes to a report."""

from __future__ import annotations

import shutil
from hashlib import blake2b

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel_llm.coach.sandbox import Job, results, run
from pixel_llm.coach.sandbox.collecting import Canary, StaticTest, canary_for, find_tests
from pixel_llm.coach.sandbox.pytest_command import targets_of
from pixel_llm.errors import InvalidArgumentError
from pixel_llm.tests.coach.sandbox.judging import RIGHT, TEST_FILE, WRONG, judge

KEY = b"k" * 32
SOURCE = """
import pytest, unittest
from x import *

def test_plain(): pass
async def test_async(): pass
def helper(): pass
def test_twice(): pass
def test_twice(): pass

@pytest.mark.parametrize("a", [1, 2, 3])
@pytest.mark.parametrize(("b", "c"), ((1, 2), (3, 4)))
def test_product(a, b, c): pass

@pytest.mark.parametrize("a", make())
def test_unknown(a): pass

@pytest.mark.skipif(True, reason="")
def test_may_skip(): pass

def test_skips_inside():
    pytest.importorskip("numpy")

@pytest.fixture
def test_data(): return 1

class TestGroup:
    def test_in_class(self): pass
    class TestInner:
        def test_deep(self): pass

class TestWithInit:
    def __init__(self): pass
    def test_no(self): pass

class TestBase:
    __test__ = False
    def test_no(self): pass

class Helper:
    def test_no(self): pass

class Old(unittest.TestCase):
    def test_old(self): pass

@pytest.mark.xfail
class TestLater:
    def test_later(self): pass
"""


def line(number: int, *fields: str, key: bytes = KEY) -> bytes:
    body = " ".join(f.encode().hex() or "-" for f in fields).encode()
    return blake2b(b"%d " % number + body, key=key, digest_size=32).hexdigest().encode() + b" " + body + b"\n"


def lines(*messages: tuple[str, ...]) -> bytes:
    return b"".join(line(i, *m) for i, m in enumerate(messages))


def test_tests_are_found_without_running_them():
    found = {t.id.removeprefix("t.py::"): (t.count, t.may_skip) for t in find_tests(SOURCE, "t.py")}
    assert found == {
        "test_plain": (1, False),
        "test_async": (1, False),
        "test_twice": (1, False),
        "test_product": (6, False),
        "test_unknown": (1, False),
        "test_may_skip": (1, True),
        "test_skips_inside": (1, True),
        "TestGroup::test_in_class": (1, False),
        "TestGroup::TestInner::test_deep": (1, False),
        "Old::test_old": (1, False),
        "TestLater::test_later": (1, True),
    }


def test_what_is_found_is_what_pytest_runs(tmp_path):
    source = SOURCE.replace("from x import *", "from add import add\ndef make(): return [1, 2]")
    result = judge(tmp_path, RIGHT, tests=source)
    assert result.report.trustworthy
    static = {t.id for t in find_tests(source, TEST_FILE)}
    assert {results.without_parameters(test) for test in result.outcomes} == static


def test_a_module_that_skips_itself_may():
    source = "import pytest\npytestmark = pytest.mark.skipif(True, reason='')\ndef test_a(): pass\n"
    assert [t.may_skip for t in find_tests(source, "t.py")] == [True]


def test_canaries_fail_and_look_like_the_others():
    tests = find_tests(SOURCE, "t.py")
    for _ in range(50):
        canary = canary_for("t.py", tests)
        assert any(canary.name.startswith(t.id.rpartition("::")[2]) for t in tests)
        assert canary.id not in {t.id for t in tests}
        module: dict[str, object] = {}
        exec(canary.source, module)
        with pytest.raises(AssertionError):
            module[canary.name]()  # type: ignore[operator]


def test_authentic_lines_are_heard():
    data = lines(
        ("passed", "t::a"), ("failed", "t::b", "assert 1 == 2"), ("passed", "t::c"), ("error", "t::c", "teardown")
    )
    heard = results.listen(data + line(4, "finished", "0"), KEY)
    assert heard.outcomes == {"t::a": "passed", "t::b": "failed", "t::c": "error"}
    assert heard.messages["t::b"] == "assert 1 == 2\n"
    assert heard.finished and not heard.doubts


@pytest.mark.parametrize(
    "data",
    [
        line(0, "passed", "t::a", key=b"x" * 32),
        line(1, "passed", "t::a"),
        lines(("finished", "0")) + line(0, "finished", "0"),
        lines(("finished", "0")) + b"\n",
        lines(("finished", "0")) + b"garbage",
        lines(("finished", "0"), ("passed", "t::a")),
        lines(("passed", "t::a"), ("passed", "t::a"), ("finished", "0")),
        lines(("tampering", "add.py: walks"), ("finished", "0")),
    ],
)
def test_everything_else_raises_doubts(data):
    assert results.listen(data, KEY).doubts


@settings(max_examples=200)
@given(st.binary(max_size=200), st.integers(0, 5))
def test_no_bytes_break_the_listener_or_pass_for_results(noise, at):
    good = [line(i, "failed", f"t::{i}", "no") for i in range(5)]
    data = b"".join([*good[:at], noise, *good[at:]])
    heard = results.listen(data, KEY)
    assert "passed" not in heard.outcomes.values()
    assert not heard.finished
    if noise:
        assert heard.doubts


def test_any_flipped_bit_is_noticed():
    data = bytearray(lines(("passed", "t::a"), ("finished", "0")))
    for position in range(len(data)):
        data[position] ^= 1
        heard = results.listen(bytes(data), KEY)
        assert heard.doubts, position
        data[position] ^= 1


def heard(**outcomes: str) -> results.Heard:
    return results.Heard(outcomes={f"t::{n}": o for n, o in outcomes.items()}, finished=True)  # type: ignore[misc]


def test_missing_skipped_and_unforeseen_tests():
    expected = [StaticTest("t::a", 1, False), StaticTest("t::b", 2, False), StaticTest("t::s", 1, True)]
    counts = results.count(heard(a="passed", s="skipped", extra="passed"), expected, [])
    assert (counts.expected, counts.passed, counts.skipped) == (4, 2, 0)
    assert "NOT RUN t::b" in counts.output
    counts = results.count(heard(a="skipped", extra="failed"), expected, [])
    assert (counts.expected, counts.skipped, counts.failed) == (4, 1, 1)


def test_of_many_failures_the_first_are_told_and_the_others_named():
    outcomes = {f"t::test_{i}": "failed" for i in range(100)}
    messages = {t: f"{t} starts\n" + "x" * 5000 + f"\n{t} ends\n" for t in outcomes}
    counts = results.count(results.Heard(outcomes, messages, finished=True), [], [])  # type: ignore[arg-type]
    assert len(counts.output) <= results.MAX_OUTPUT + 100
    assert "FAILED t::test_0\n[...]" in counts.output and "t::test_0 ends" in counts.output
    assert "FAILED t::test_29" in counts.output and "test_30" not in counts.output
    assert counts.output.endswith("and 70 more")


def test_regressions_are_what_passed_before():
    before = frozenset({"t::a", "t::b"})
    counts = results.count_regressions(heard(a="passed", b="failed", c="failed"), before, [])
    assert (counts.expected, counts.passed, counts.failed) == (2, 1, 1)
    counts = results.count_regressions(results.Heard(outcomes={"t": "error"}), before, [])
    assert (counts.expected, counts.passed, counts.errors) == (2, 0, 1)


def test_canaries_that_pass_or_are_missing():
    canary = Canary("t", "c", "")
    assert "falsified" in results.doubts(heard(c="passed"), [canary])[0]
    assert "left out" in results.doubts(heard(a="passed"), [canary])[0]
    assert not results.doubts(heard(c="failed"), [canary])


def test_output_is_short_and_without_control_characters():
    text = results.tail("\x1b[31mred\x1b[0m \x1b]0;title\x07\x00\x08" + "é" * 20_000 + "\nend")
    assert text.endswith("\nend")
    assert len(text) < results.MAX_OUTPUT + 100
    assert "\x1b" not in text and "\x00" not in text
    assert "characters left out" in text


def test_regression_targets(tmp_path):
    """The project's own tests: a baseline run, and the same ids after the change."""
    baseline = tmp_path / "baseline"
    (baseline / "tests").mkdir(parents=True)
    (baseline / "add.py").write_text(RIGHT)
    (baseline / "tests/test_old.py").write_text(
        "from add import add\n\ndef test_works(): assert add(1, 2) == 3\n\ndef test_broken(): assert add(1, 2) == 4\n"
    )
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    before = run(Job(baseline, targets=("tests",), baseline=baseline, environment=environment))
    passed = frozenset(t for t, o in before.outcomes.items() if o == "passed")
    assert passed == {"tests/test_old.py::test_works"}
    for code, good in ((RIGHT, True), (WRONG, False), ("syntax error", False)):
        work = tmp_path / "work"
        (work / "tests").mkdir(parents=True, exist_ok=True)
        (work / "add.py").write_text(code)
        (work / "tests/test_old.py").write_text("def test_works(): pass\n")
        job = Job(
            work,
            targets=("tests/test_old.py::test_works", "tests"),
            baseline=baseline,
            trusted=("tests",),
            passed_before=passed,
            environment=environment,
        )
        report = run(job).report
        assert (report.kind, report.ok, report.expected) == ("regression", good, 1), report
        assert report.trustworthy


@pytest.mark.parametrize(
    ("command", "targets"),
    [
        (("pytest",), (".",)),
        (("pytest", "-q", "--tb=short", "tests"), ("tests",)),
        (("python", "-m", "pytest", "tests/test_a.py::test_x"), ("tests/test_a.py::test_x",)),
        (("python3.12", "-m", "pytest", "-xq"), (".",)),
        (("pytest", "-k", "name"), None),
        (("pytest", "-p", "plugin"), None),
        (("pytest", "missing"), None),
        (("pytest", "/etc"), None),
        (("pytest", "../x"), None),
        (("make", "test"), None),
        (("python", "-m", "unittest"), None),
    ],
)
def test_commands_that_are_pytest(tmp_path, command, targets):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_a.py").touch()
    assert targets_of(command, tmp_path, None) == targets


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.ini", "[pytest]\ntestpaths = tests missing\n"),
        ("setup.cfg", "[tool:pytest]\ntestpaths =\n    tests\n"),
        ("pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = ['tests']\n"),
        ("pyproject.toml", "[tool.pytest]\ntestpaths = ['tests']\n"),
    ],
)
def test_test_paths_of_the_settings(tmp_path, name, text):
    (tmp_path / "tests").mkdir()
    (tmp_path / name).write_text(text)
    assert targets_of(("pytest",), tmp_path, tmp_path) == ("tests",)
    assert targets_of(("pytest",), tmp_path, None) == (".",), "a candidate's own settings do not count"


def test_a_command_that_is_pytest_is_not_believed_by_its_status_alone(tmp_path):
    baseline = tmp_path / "baseline"
    (baseline / "tests").mkdir(parents=True)
    (baseline / "tests/conftest.py").write_text(
        "import pytest\n\n@pytest.fixture\ndef gpu(): pytest.skip('no GPU here')\n"
    )
    tests = "from add import add\n\ndef test_it(): assert add(1, 2) == 3\n\ndef test_gpu(gpu): assert add(1, 2) == 3\n"
    (baseline / "tests/test_add.py").write_text(tests)
    skip = "import pytest\ndef add(a, b): pytest.skip('later')\n"
    for code, good in ((RIGHT, True), (WRONG, False), ("import os; os._exit(0)", False), (skip, False)):
        work = tmp_path / "work"
        shutil.copytree(baseline, work, dirs_exist_ok=True)
        (work / "add.py").write_text(code)
        job = Job(
            work, command=("pytest", "-q"), baseline=baseline, environment={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        )
        report = run(job).report
        assert (report.kind, report.ok) == ("command", good), report
        assert good <= (report.expected == report.passed == 1)


def test_folders_with_settings_of_their_own(tmp_path):
    """Each `conftest.py` gives its folder hooks of its own, and plugins wrap tests: neither is tampering."""
    baseline = tmp_path / "baseline"
    for name in ("a", "b"):
        (baseline / "tests" / name).mkdir(parents=True)
        hook = "import pytest\n\n@pytest.hookimpl(wrapper=True)\ndef pytest_runtest_call(item):\n    return (yield)\n"
        (baseline / "tests" / name / "conftest.py").write_text(hook + f"\n@pytest.fixture\ndef it(): return {name!r}\n")
        text = (
            f"import unittest\nfrom add import add\n\ndef test_{name}(it): assert it == {name!r} and add(1, 2) == 3\n"
        )
        text += f"\n\nclass Old(unittest.TestCase):\n    def test_old_{name}(self): self.assertEqual(add(1, 1), 2)\n"
        (baseline / "tests" / name / f"test_{name}.py").write_text(text)
    work = tmp_path / "work"
    shutil.copytree(baseline, work)
    (work / "add.py").write_text(RIGHT)
    report = run(Job(work, targets=("tests",), baseline=baseline)).report
    assert (report.ok, report.expected) == (True, 4), report


def test_copies_of_hidden_tests_in_the_project_are_emptied(tmp_path):
    tests = "from add import add\n\ndef test_it():\n    assert add(0, 0) == ''\n"
    code = "import pathlib\ndef add(a, b): return pathlib.Path('roadmap/tests/hidden/test_add.py').read_text()\n"
    files = {"roadmap/tests/hidden/test_add.py": tests}
    assert judge(tmp_path, code, tests=tests, files=files, hidden=True).report.ok
    assert not judge(tmp_path, code, tests=tests, files=files).report.ok


def test_the_built_in_answers_are_not_there_to_be_read(tmp_path):
    place = tmp_path / "env/pixel_llm/coach/roadmap/builtin/task/tests/hidden"
    place.mkdir(parents=True)
    (place / "test_x.py").write_text("answer")
    (place.parents[5] / "other.py").write_text("x = 1\n")
    env = str(tmp_path / "env")
    code = f"import pathlib\ndef add(a, b): return [p.name for p in pathlib.Path({env!r}).rglob('*.py')]\n"
    tests = "from add import add\n\ndef test_it():\n    assert add(0, 0) == ['other.py']\n"
    assert judge(tmp_path, code, tests=tests, readable=(tmp_path / "env",)).report.ok


def test_modules_without_a_test_of_their_own_are_watched_too(tmp_path):
    """A module that gets its tests at run time has nothing to expect, but canaries all the same."""
    tests = "from add import *\n\nmade = lambda: None\nglobals()['test_made'] = made\n"
    report = judge(tmp_path, RIGHT, tests=tests).report
    assert (report.ok, report.expected) == (True, 1)
    report = judge(tmp_path, "import os; os._exit(0)", tests=tests).report
    assert not report.ok
    report = judge(tmp_path, RIGHT, tests="# nothing\n").report
    assert (report.ok, report.expected) == (False, 0), "no tests are no pass"


def test_targets_that_overlap_are_counted_once(tmp_path):
    (tmp_path / "work/tests").mkdir(parents=True)
    (tmp_path / "work/add.py").write_text(RIGHT)
    (tmp_path / "work/tests/test_x.py").write_text("from add import add\n\ndef test_x(): assert add(1, 2) == 3\n")
    (tmp_path / "work/tests/test_y.py").write_text("def test_y(): pass\n")
    report = run(Job(tmp_path / "work", targets=("tests/test_x.py::test_x", "tests/test_x.py"))).report
    assert (report.ok, report.expected) == (True, 1), report


@pytest.mark.parametrize("job", [{}, {"command": ("true",), "targets": ("tests",)}, {"targets": ("missing",)}])
def test_jobs_that_cannot_be(tmp_path, job):
    with pytest.raises(InvalidArgumentError):
        run(Job(tmp_path, **job))


def test_test_files_that_are_no_python(tmp_path):
    with pytest.raises(InvalidArgumentError, match="not Python"):
        judge(tmp_path, RIGHT, tests="def test_x(:\n")


def test_property_tests_work_without_the_plugin_of_hypothesis(tmp_path):
    tests = (
        "from hypothesis import given, strategies as st\nfrom add import add\n\n"
        "@given(st.integers(), st.integers())\ndef test_commutes(a, b): assert add(a, b) == a + b\n"
    )
    assert judge(tmp_path, RIGHT, tests=tests).report.ok
    report = judge(tmp_path, WRONG, tests=tests).report
    assert (report.ok, report.failed) == (False, 1)
    assert "Falsifying example" in report.output or "assert 0 == (0 + 1)" in report.output


def test_a_broken_test_file_in_the_project_is_a_result_and_not_an_error(tmp_path):
    (tmp_path / "work/tests").mkdir(parents=True)
    (tmp_path / "work/tests/test_good.py").write_text("def test_good(): pass\n")
    (tmp_path / "work/tests/test_bad.py").write_text("def test_bad(:\n")
    report = run(Job(tmp_path / "work", command=("pytest", "tests"))).report
    assert (report.ok, report.passed, report.errors) == (False, 1, 1), report
    assert "SyntaxError" in report.output or "invalid syntax" in report.output
