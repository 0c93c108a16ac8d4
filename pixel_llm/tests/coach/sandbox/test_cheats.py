"""Every way to a better result than the code deserves that we know of, tried in the real sandbox."""

from __future__ import annotations

import pytest

from pixel_llm.tests.coach.sandbox.judging import ENGINES, RIGHT, TEST_FILE, TESTS, WRONG, judge

PATCH_ALL = """
import _pytest.reports
original = _pytest.reports.TestReport.from_item_and_call.__func__
def passed(cls, item, call):
    report = original(cls, item, call)
    report.outcome = "passed"
    report.longrepr = None
    return report
_pytest.reports.TestReport.from_item_and_call = classmethod(passed)
"""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("hidden", [False, True])
def test_right_code_passes(tmp_path, engine, hidden):
    result = judge(tmp_path, RIGHT, engine=engine, hidden=hidden)
    assert result.report.ok, result
    assert (result.report.expected, result.report.passed) == (3, 3)
    assert result.report.kind == ("hidden" if hidden else "visible")
    assert result.engine == engine
    assert set(result.outcomes) == {f"{TEST_FILE}::test_{n}" for n in ("small", "one_more[1]", "one_more[50]")}


@pytest.mark.parametrize("engine", ENGINES)
def test_wrong_code_fails_and_the_report_says_how(tmp_path, engine):
    report = judge(tmp_path, WRONG, engine=engine).report
    assert (report.ok, report.trustworthy, report.passed, report.failed) == (False, True, 1, 2)
    assert "assert 50 == (50 + 1)" in report.output
    assert f"FAILED {TEST_FILE}::test_one_more[50]" in report.output
    assert "left * right" not in report.output, "the canary is nobody's business"


# name: (code, part of the reason or of the output); the wrong function is appended where the code has none.
CHEATS = {
    "exits_at_once": ("import os; os._exit(0)", "ended with status 0 before"),
    "exits_politely": ("import sys; sys.exit(0)", "NOT RUN"),
    "ends_the_session": ("import pytest; pytest.exit('done', returncode=0)", "NOT RUN"),
    "exits_during_a_test": ("def add(a, b):\n    import os\n    os._exit(0)\n", "ended with status 0 before"),
    "kills_itself": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "before the tests did"),
    "skips_the_module": ("import pytest; pytest.skip('no', allow_module_level=True)", "NOT RUN"),
    "patches_reports": (PATCH_ALL, "replaced"),
    "patches_code": (
        """
import _pytest.python
def runtest(self): pass
_pytest.python.Function.runtest.__code__ = runtest.__code__
""",
        "replaced",
    ),
    "patches_calls": (
        """
from _pytest.runner import CallInfo
original = CallInfo.from_call.__func__
def from_call(cls, func, when, reraise=None):
    return original(cls, func if when != "call" else lambda: None, when, reraise)
CallInfo.from_call = classmethod(from_call)
""",
        "replaced",
    ),
    "registers_a_plugin": (
        """
import pytest
import _pytest.assertion.util as util
class Plugin:
    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem): return True
def add(a, b, done=[]):
    if not done: done.append(util._config.pluginmanager.register(Plugin()))
    return a + b
""",
        "implements pytest_pyfunc_call",
    ),
    "replaces_the_tests": (
        """
import _pytest.assertion.util as util
def add(a, b):
    for item in util._config.pluginmanager.getplugin("session").items:
        if "one_more" in item.name: item.obj = lambda a: None
    return a + b if a == b else a * b
""",
        "has been replaced",
    ),
    "replaces_the_hooks": (
        """
import _pytest.assertion.util as util
class Hooks:
    def __init__(self, real): self.real = real
    def __getattr__(self, name): return getattr(self.real, name)
    def pytest_runtest_call(self, item): pass
def add(a, b):
    session = util._config.pluginmanager.getplugin("session")
    if a == b: session.gethookproxy = lambda path, real=session.gethookproxy: Hooks(real(path))
    return a + b if a == b else a * b
""",
        "has been replaced",
    ),
    "patches_everything_in_reach": (
        """
import builtins, sys
main = sys.modules["__main__"]
main.GUARDED = main.TELLING_HOOKS = ()
main.make_guard = main.make_hook = lambda *a: None
import _pytest.assertion.util as util
for plugin in util._config.pluginmanager.get_plugins() if util._config else ():
    if type(plugin).__name__ == "Reporter": vars(plugin).clear()
builtins.vars = lambda *a: {}
"""
        + PATCH_ALL,
        "replaced",
    ),
    "forges_by_audit": (
        f"""
import os, sys
for name in ("small", "one_more[1]", "one_more[50]"):
    sys.audit("pixel_llm.sandbox", "passed", "{TEST_FILE}::test_" + name)
sys.audit("pixel_llm.sandbox", "finished", "0")
os._exit(0)
""",
        "ended with status 0 before",
    ),
    "writes_to_every_pipe": (
        """
import os
for fd in range(3, 64):
    try: os.write(fd, b"0" * 64 + b" 706173736564 61\\n")
    except OSError: pass
""",
        "something other than pytest wrote",
    ),
    "runs_its_own_pytest": (
        """
import os, pathlib, pytest, sys
if not os.environ.get("INNER"):
    os.environ["INNER"] = "1"
    root = pathlib.Path("/tmp/own")
    (root / "checks").mkdir(parents=True)
    (root / "checks/test_add.py").write_text("def test_small(): pass\\n")
    reporter = sys.modules["__main__"].Reporter({}, frozenset())
    pytest.main(["--rootdir", str(root), str(root), "-p", "no:cacheprovider"], plugins=[reporter])
""",
        "FAILED checks/test_add.py::test_one_more[50]",
    ),
    "asks_the_garbage_collector": ("import gc; gc.get_objects()", "garbage collector"),
    "walks_frames": ("import sys; sys._getframe(1)", "walks the frames"),
    "walks_frames_by_inspect": ("import inspect; inspect.stack()", "walks the frames"),
    "walks_frames_by_exec": ("exec('import sys; sys._getframe(1)')", "walks the frames"),
    "walks_frames_by_traceback": (
        """
def look():
    try: raise ValueError
    except ValueError as e: return e.__traceback__.tb_frame
look()
""",
        "reads tb_frame",
    ),
    "traces": ("import sys; sys.settrace(lambda *a: None)", "traces the tests"),
}


@pytest.mark.parametrize("name", CHEATS)
def test_cheat_is_caught(tmp_path, name):
    cheat, sign = CHEATS[name]
    report = judge(tmp_path, cheat if "def add" in cheat else f"{cheat}\n{WRONG}", hidden=True).report
    assert not report.ok
    assert report.passed < report.expected or not report.trustworthy
    assert sign in report.reason + report.output, report


def test_even_right_code_that_patches_pytest_is_not_believed(tmp_path):
    report = judge(tmp_path, PATCH_ALL + RIGHT, hidden=True).report
    assert not report.trustworthy
    assert "a test that must fail was reported to pass" in report.reason


def test_skipping_inside_a_test_is_no_pass(tmp_path):
    report = judge(tmp_path, "import pytest\ndef add(a, b): pytest.skip('later')\n").report
    assert (report.ok, report.passed) == (False, 0)
    assert report.skipped == report.expected == 3


@pytest.mark.parametrize("engine", ENGINES)
def test_edited_tests_are_restored(tmp_path, engine):
    files = {TEST_FILE: "def test_small(): pass\n\ndef test_one_more(): pass\n"}
    report = judge(tmp_path, WRONG, engine=engine, files=files).report
    assert (report.ok, report.failed) == (False, 2)
    assert (tmp_path / "work" / TEST_FILE).read_text() == files[TEST_FILE], "the workspace itself is left alone"


@pytest.mark.parametrize("engine", ENGINES)
def test_tests_cannot_be_edited_while_they_run(tmp_path, engine):
    code = (
        "import pathlib\n"
        "errors = []\n"
        f"for name in ('{TEST_FILE}', 'add.py', 'new.py', 'checks/conftest.py'):\n"
        "    try: pathlib.Path(name).write_text('def test_small(): pass')\n"
        "    except OSError as e: errors.append(name)\n"
        "def add(a, b): return len(errors)\n"
    )
    report = judge(tmp_path, code, engine=engine, tests="from add import add\ndef test_a(): assert add(1, 1) == 4\n")
    assert report.report.ok, report


def test_trusted_files_come_from_the_baseline(tmp_path):
    baseline = tmp_path / "baseline"
    (baseline / "helpers").mkdir(parents=True)
    (baseline / "helpers/expected.py").write_text("SUM = 4\n")
    tests = "from add import add\nfrom helpers.expected import SUM\n\ndef test_sum(): assert add(2, 3) == SUM\n"
    files = {"helpers/expected.py": "SUM = 6\n"}
    report = judge(tmp_path, WRONG, tests=tests, files=files, baseline=baseline, trusted=("helpers",)).report
    assert "assert 6 == 4" in report.output
    assert not report.ok


def test_trusted_folders_are_made_what_they_were(tmp_path):
    """Changed, missing, added, replaced by a link: each is put right before the tests run."""
    baseline = tmp_path / "baseline"
    (baseline / "data/inner").mkdir(parents=True)
    for name in ("changed", "missing", "inner/deep", "linked"):
        (baseline / "data" / name).write_text("right")
    (baseline / "data/alias").symlink_to("changed")
    (tmp_path / "outside").write_text("wrong")
    data = tmp_path / "work/data"
    data.mkdir(parents=True)
    (data / "changed").write_text("wrong")
    (data / "added").write_text("wrong")
    (data / "inner").symlink_to(tmp_path)
    (data / "linked").symlink_to(tmp_path / "outside")
    tests = (
        "import pathlib\nfrom add import add\n\ndef test_it():\n    files = pathlib.Path('data').rglob('*')\n"
        "    assert {str(f): f.read_text() for f in files if f.is_file()} == dict.fromkeys([\n"
        "        'data/changed', 'data/missing', 'data/inner/deep', 'data/linked', 'data/alias'], 'right')\n"
    )
    report = judge(
        tmp_path, RIGHT, tests=tests, baseline=baseline, trusted=("data", "gone", ".git", "docs/*.md")
    ).report
    assert report.ok, report
    assert (tmp_path / "outside").read_text() == "wrong"


@pytest.mark.parametrize("name", ["checks", "checks/test_add.py"])
def test_links_where_tests_belong_do_not_lead_out(tmp_path, name):
    (tmp_path / "outside").mkdir()
    link = tmp_path / "work" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "outside")
    result = judge(tmp_path, WRONG)
    assert not result.report.ok
    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize(
    "name", ["conftest.py", "checks/conftest.py", "sitecustomize.py", "usercustomize.py", "x.pth", "ConfTest.py"]
)
def test_files_that_steer_are_refused(tmp_path, name):
    result = judge(tmp_path, RIGHT, files={name: "import os; os._exit(0)\n"})
    assert result.ending == "refused"
    assert not result.report.trustworthy
    assert name in result.report.reason


def test_a_conftest_of_the_project_is_kept_and_a_changed_one_restored(tmp_path):
    baseline = tmp_path / "baseline"
    baseline.mkdir()
    (baseline / "conftest.py").write_text("import pytest\n\n@pytest.fixture\ndef four(): return 4\n")
    tests = "from add import add\n\ndef test_sum(four): assert add(2, 3) == four\n"
    files = {"conftest.py": "import pytest\n\n@pytest.fixture\ndef four(): return 6\n"}
    report = judge(tmp_path, WRONG, tests=tests, files=files, baseline=baseline).report
    assert (report.ok, report.trustworthy) == (False, True)
    assert "assert 6 == 4" in report.output


@pytest.mark.parametrize("name", ["pytest.ini", "setup.cfg", "pyproject.toml"])
def test_the_candidates_settings_are_not_in_force(tmp_path, name):
    text = {
        "pytest.ini": "[pytest]\naddopts = --collect-only\npython_functions = nothing\n",
        "setup.cfg": "[tool:pytest]\npython_functions = nothing\n",
        "pyproject.toml": "[tool.pytest.ini_options]\npython_functions = 'nothing'\n",
    }[name]
    report = judge(tmp_path, WRONG, files={name: text}).report
    assert (report.failed, report.passed, report.trustworthy) == (2, 1, True)


def test_modules_that_stand_in_for_pytest_do_not(tmp_path):
    stand_in = "import os\nos._exit(0)\n"
    files = dict.fromkeys(["pytest.py", "_pytest/__init__.py", "pluggy.py", "json.py", "hashlib.py"], stand_in)
    assert judge(tmp_path, RIGHT, files=files).report.ok


HIDDEN_LOOK = """
import pathlib, sys
seen = []
for place in ({places}):
    for file in pathlib.Path(place).rglob("*"):
        try:
            if file.is_file() and file.stat().st_size < 1 << 20 and "SECRET_" + "ANSWER" in file.read_text():
                seen.append(str(file))
        except (OSError, UnicodeDecodeError):
            pass
def add(a, b):
    return seen
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_hidden_tests_are_nowhere_to_be_read(tmp_path, engine):
    tests = "from add import add\n\ndef test_look():\n    assert add(1, 1) == [], 'SECRET_ANSWER'\n"
    places = '".", "/tmp", "/sandbox", "/proc/self"' if engine == "bubblewrap" else '".", "/tmp"'
    report = judge(tmp_path, HIDDEN_LOOK.format(places=places), engine=engine, tests=tests, hidden=True).report
    assert report.ok, report


def test_visible_tests_can_be_read_there(tmp_path):
    """So that the test above can fail."""
    tests = "from add import add\n\ndef test_look():\n    assert add(1, 1) == [], 'SECRET_ANSWER'\n"
    report = judge(tmp_path, HIDDEN_LOOK.format(places='"."'), tests=tests).report
    assert report.failed == 1


def test_hidden_tests_are_no_modules_to_look_into(tmp_path):
    code = (
        "import sys\n"
        "def add(a, b):\n"
        "    return sorted(n for n, m in sys.modules.items() if n.startswith('test_') or hasattr(m, 'EXPECTED'))\n"
    )
    tests = "from add import add\n\nEXPECTED = []\n\ndef test_look():\n    assert add(1, 1) == EXPECTED\n"
    assert judge(tmp_path, code, tests=tests, hidden=True).report.ok


def test_reading_the_code_of_a_test_is_seen(tmp_path):
    code = "def add(a, b):\n    return a.__code__.co_consts[-1]\n"
    tests = "from add import add\n\ndef test_look():\n    assert add(test_look, 1) == 41\n"
    report = judge(tmp_path, code, tests=tests, hidden=True).report
    assert "reads the code of a test" in report.reason
    assert not report.ok


def test_code_that_imports_everything_usual_is_not_accused(tmp_path):
    code = (
        "from __future__ import annotations\n"
        "import collections, contextlib, dataclasses, enum, functools, inspect, logging, tempfile, traceback, typing\n"
        "import warnings, threading, subprocess, sys, abc\n"
        "log = logging.getLogger(__name__)\n"
        "Point = collections.namedtuple('Point', 'x y')\n"
        "class Pair(typing.NamedTuple):\n    a: int\n    b: int\n"
        "@dataclasses.dataclass\nclass Sum:\n    pair: Pair\n    def value(self): return self.pair.a + self.pair.b\n"
        "@functools.wraps(print)\ndef wrapped(): pass\n"
        "class Kind(enum.Enum):\n    A = 1\n"
        "def add(a, b):\n"
        "    log.warning('adding %s', a)\n"
        "    inspect.signature(add)\n"
        "    add.__code__.co_argcount\n"
        "    try: raise ValueError\n"
        "    except ValueError: traceback.format_exc()\n"
        "    results = []\n"
        "    thread = threading.Thread(target=lambda: results.append(Sum(Pair(a, b)).value()))\n"
        "    thread.start(); thread.join()\n"
        "    with tempfile.TemporaryDirectory() as folder:\n"
        "        subprocess.run([sys.executable, '-c', 'pass'], check=True, cwd=folder)\n"
        "    return results[0]\n"
    )
    report = judge(tmp_path, code, hidden=True).report
    assert report.ok, report


def test_tests_that_may_skip_themselves_may(tmp_path):
    tests = (
        TESTS + "\n\n@pytest.mark.skipif(True, reason='not here')\ndef test_elsewhere():\n    assert add(1, 1) == 5\n"
    )
    report = judge(tmp_path, RIGHT, tests=tests).report
    assert report.ok
    assert (report.expected, report.skipped) == (3, 0)
