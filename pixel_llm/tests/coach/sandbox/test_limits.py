"""What code in the sandbox may reach and use: each limit and each wall, under both engines."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pixel_llm.coach.sandbox import Job, Limits, bubblewrap, choose, landlock, run
from pixel_llm.coach.sandbox.inside import kernel
from pixel_llm.errors import InvalidArgumentError, SandboxError
from pixel_llm.tests.coach.sandbox.judging import ENGINES, RIGHT, judge, require

ONE = "from add import add\n\ndef test_it():\n    assert add(1, 1) == {}\n"
FORK_BOMB = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n"

both = pytest.mark.parametrize("engine", ENGINES)


@pytest.fixture(autouse=True)
def nothing_is_left():
    """Whatever a test started has ended with it."""
    yield
    marker = b"pixel-llm-sandbox-"
    until = time.monotonic() + 5
    while True:
        left = []
        for process in psutil.process_iter():
            try:
                line = Path(f"/proc/{process.pid}/cmdline").read_bytes()
            except OSError:
                continue
            if marker in line and process.pid != os.getpid() and b"/launch.py" in line:
                left.append(process.pid)
        mine = [p for p in left if os.getpid() in _ancestors(p)]
        if not mine:
            return
        assert time.monotonic() < until, mine
        time.sleep(0.05)


def _ancestors(pid: int) -> list[int]:
    try:
        return [p.pid for p in psutil.Process(pid).parents()]
    except psutil.Error:
        return []


@both
def test_endless_code_ends_in_time(tmp_path, engine):
    started = time.monotonic()
    result = judge(tmp_path, "while True: pass\n", engine=engine, limits=Limits(wall_seconds=2))
    assert time.monotonic() - started < 20
    assert result.ending == "time"
    assert result.report.timed_out
    assert not result.report.ok
    assert result.report.reason.startswith("the candidate took longer than 2 s")


@both
def test_fork_bomb(tmp_path, engine):
    result = judge(tmp_path, FORK_BOMB, engine=engine, limits=Limits(wall_seconds=2, processes=24))
    assert not result.report.ok
    assert result.ending in ("time", "processes", "finished")


@both
def test_the_number_of_processes_is_held_by_the_kernel(tmp_path, engine):
    code = (
        "import os, time\n"
        "def add(a, b):\n"
        "    made = 0\n"
        "    try:\n"
        "        for _ in range(100):\n"
        "            if os.fork() == 0:\n"
        "                time.sleep(30); os._exit(0)\n"
        "            made += 1\n"
        "    except BlockingIOError:\n"
        "        return 'refused' if made <= 60 else made\n"
        "    return made\n"
    )
    result = judge(
        tmp_path, code, engine=engine, tests=ONE.format("'refused'"), limits=Limits(wall_seconds=20, processes=16)
    )
    # Without a namespace the user's other processes count, too, and some of them may end meanwhile.
    assert result.report.ok, result


@both
def test_memory_of_one_process(tmp_path, engine):
    code = "def add(a, b):\n    try: return len(bytearray(1 << 30))\n    except MemoryError: return 'refused'\n"
    limits = Limits(memory_bytes=400 << 20)
    assert judge(tmp_path, code, engine=engine, tests=ONE.format("'refused'"), limits=limits).report.ok


@both
def test_memory_of_all_processes(tmp_path, engine):
    code = (
        "import os, time\n"
        "for _ in range(6):\n"
        "    if os.fork() == 0:\n"
        "        block = bytearray(os.urandom(1 << 20)) * 80\n"
        "        time.sleep(60)\n"
        "time.sleep(60)\n"
    )
    result = judge(tmp_path, code, engine=engine, limits=Limits(memory_bytes=256 << 20, wall_seconds=30))
    assert result.ending == "memory"
    assert "256 MiB" in result.report.reason


FILL = """
import os
def fill(place):
    written = 0
    try:
        for i in range(400):
            with open(f"{place}/fill{i}", "wb") as file:
                for _ in range(8):
                    written += file.write(bytes(1 << 20))
    except OSError as error:
        return written >> 20, error.errno
    return written >> 20, 0
def add(a, b):
    places = ["/tmp", "/dev/shm", "/dev", "/", "/workspace", "/sandbox", "/var/tmp", "/run", "/home"]
    return sum(fill(place)[0] for place in places)
"""


def test_the_disk_cannot_be_filled_under_bubblewrap(tmp_path):
    tests = "from add import add\n\ndef test_it():\n    assert 8 <= add(1, 1) <= 32 + 64\n"
    result = judge(tmp_path, FILL, tests=tests, limits=Limits(scratch_bytes=32 << 20))
    assert result.report.ok, result


def test_the_disk_cannot_be_filled_under_landlock(tmp_path):
    code = FILL.replace('places = ["/tmp"', 'places = [os.environ["TMPDIR"], "/tmp"')
    result = judge(tmp_path, code, engine="landlock", limits=Limits(scratch_bytes=32 << 20, wall_seconds=30))
    assert (result.ending, result.report.ok) == ("disk", False)


@both
def test_one_file_cannot_be_too_large(tmp_path, engine):
    code = (
        "import errno, os\n"
        "def add(a, b):\n"
        "    try:\n"
        "        with open(os.environ['TMPDIR'] + '/big', 'wb') as f:\n"
        "            while True: f.write(bytes(1 << 20))\n"
        "    except OSError as e: return e.errno == errno.EFBIG\n"
    )
    assert judge(tmp_path, code, engine=engine, tests=ONE.format("True"), limits=Limits(file_bytes=4 << 20)).report.ok


@both
def test_endless_output(tmp_path, engine):
    job = {"command": ("python3", "-c", "while True: print('x' * 1000)")}
    result = command(tmp_path, engine, job["command"], limits=Limits(output_bytes=100_000, wall_seconds=30))
    assert (result.ending, result.report.ok) == ("output", False)
    assert len(result.report.output) < 10_000


@both
def test_network(tmp_path, engine):
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    code = (
        "import socket\n"
        f"targets = [(socket.AF_INET, ('127.0.0.1', {port})), (socket.AF_INET, ('1.1.1.1', 53)),\n"
        f"           (socket.AF_INET6, ('::1', {port})), (socket.AF_UNIX, '/run/dbus/system_bus_socket'),\n"
        "           (socket.AF_UNIX, '/var/run/docker.sock')]\n"
        "def reach(family, address, kind):\n"
        "    try:\n"
        "        s = socket.socket(family, kind); s.settimeout(1)\n"
        "        s.connect(address); s.send(b'x'); return address\n"
        "    except OSError as e: return None\n"
        "def add(a, b):\n"
        "    found = [reach(*t, k) for t in targets for k in (socket.SOCK_STREAM, socket.SOCK_DGRAM)]\n"
        "    try: found.append(socket.gethostbyname('example.org'))\n"
        "    except OSError: pass\n"
        # A datagram on a loopback of its own goes nowhere, and may be sent.
        "    return [f for f in found if f and f[0] not in ('127.0.0.1', '::1')]\n"
    )
    with listener:
        result = judge(tmp_path, code, engine=engine, tests=ONE.format("[]"))
        listener.settimeout(0.1)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert result.report.ok, result


def test_tests_may_use_their_own_loopback_under_bubblewrap(tmp_path):
    code = (
        "import socket\n"
        "def add(a, b):\n"
        "    with socket.create_server(('127.0.0.1', 0)) as s, socket.create_connection(s.getsockname()): return 2\n"
    )
    assert judge(tmp_path, code, tests=ONE.format(2)).report.ok


@both
def test_environment(tmp_path, engine, monkeypatch):
    monkeypatch.setenv("GEMINI_API_KEY", "very-secret-value")
    code = (
        "import os, glob\n"
        "def add(a, b):\n"
        "    found = [v for v in os.environ.values() if 'very-secret' in v]\n"
        "    for path in glob.glob('/proc/[0-9]*/environ') + glob.glob('/proc/[0-9]*/cmdline'):\n"
        "        try: found += [path] if b'very-secret' in open(path, 'rb').read() else []\n"
        "        except OSError: pass\n"
        "    return found or sorted(os.environ)\n"
    )
    tests = (
        "from add import add\n\ndef test_it():\n"
        "    assert 'GEMINI_API_KEY' not in add(1, 1) and 'PATH' in add(1, 1) and 'MINE' in add(1, 1)\n"
    )
    environment = {"MINE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    assert judge(tmp_path, code, engine=engine, tests=tests, environment=environment).report.ok


@both
def test_other_files_cannot_be_read_written_or_seen(tmp_path, engine):
    secret = tmp_path / "secret.txt"
    secret.write_text("private")
    link = tmp_path / "work" / "link.txt"
    link.parent.mkdir()
    link.symlink_to(secret)
    target = tmp_path / "written"
    code = (
        "import os, pathlib\n"
        "def add(a, b):\n"
        "    done = []\n"
        f"    for path in ('{secret}', 'link.txt', '/etc/shadow', '/root/.bashrc', '/proc/1/environ'):\n"
        "        try: done += [path] if pathlib.Path(path).read_text() else []\n"
        "        except OSError: pass\n"
        f"    for path in ('{target}', '/etc/x', '/usr/x', '/var/tmp/x', '/x', '/proc/sys/kernel/hostname'):\n"
        "        try: pathlib.Path(path).write_text('x'); done.append(path)\n"
        "        except OSError: pass\n"
        f"    for name in ('truncate', 'unlink', 'rmdir'):\n"
        f"        try: getattr(os, name)('{secret}', *([0] if name == 'truncate' else [])); done.append(name)\n"
        "        except OSError: pass\n"
        f"    try: os.link('{secret}', os.environ['TMPDIR'] + '/l'); done.append('link')\n"
        "    except OSError: pass\n"
        f"    try: os.chmod('{secret}', 0o777)\n"
        "    except OSError: pass\n"
        "    return done\n"
    )
    mode = secret.stat().st_mode
    result = judge(tmp_path, code, engine=engine, tests=ONE.format("[]"))
    assert result.report.ok, result
    assert secret.read_text() == "private"
    assert secret.stat().st_mode == mode
    assert not target.exists()


@both
def test_other_processes_cannot_be_touched(tmp_path, engine):
    victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        code = (
            "import os, signal\n"
            "def add(a, b):\n"
            f"    for pid in ({victim.pid}, {os.getpid()}, os.getppid()):\n"
            "        try:\n"
            "            if pid > 1: os.kill(pid, signal.SIGKILL)\n"
            "        except OSError: pass\n"
            "    return 2\n"
        )
        result = judge(tmp_path, code, engine=engine, tests=ONE.format(2))
        assert victim.poll() is None
        assert result.report.ok, result
    finally:
        victim.kill()
        victim.wait()


@both
def test_rare_system_calls_are_refused(tmp_path, engine):
    code = (
        "import ctypes\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def refused(*call):\n"
        "    return libc.syscall(*call) == -1 and ctypes.get_errno() in (1, 38)\n"
        "def add(a, b):\n"
        "    return [n for n, call in {\n"
        "        'ptrace': (101, 0, 0, 0, 0), 'unshare': (272, 0x10000000), 'bpf': (321, 0, 0, 0),\n"
        "        'io_uring_setup': (425, 1, 0), 'clone3': (435, 0, 0), 'memfd_create': (319, b'x', 0),\n"
        "        'keyctl': (250, 0, -3, 0), 'mount': (165, 0, 0, 0, 0, 0), 'clone': (56, 0x10000011, 0, 0, 0, 0),\n"
        "        'x32': (0x40000027,),\n"
        "    }.items() if not refused(*call)]\n"
    )
    if os.uname().machine != "x86_64":
        pytest.skip("the numbers are x86_64's")
    assert judge(tmp_path, code, engine=engine, tests=ONE.format("[]")).report.ok


@both
def test_what_is_left_running_ends(tmp_path, engine):
    """The fixture looks for what was forked, this test for what was started."""
    seconds = _unlike_any_other(engine)
    code = (
        "import os, subprocess, sys, time\n"
        "def add(a, b):\n"
        f"    subprocess.Popen(['/bin/sleep', '{seconds}'], start_new_session=True)\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        if os.fork() == 0: time.sleep(99)\n"
        "        os._exit(0)\n"
        "    return a + b\n"
    )
    assert judge(tmp_path, code, engine=engine, tests=ONE.format(2)).report.ok
    assert _wait_for(seconds, there=False)


def _unlike_any_other(engine: str) -> str:
    """Seconds to sleep by which a process is known, whatever other tests run beside this one."""
    return str(1_000_000 + 2 * os.getpid() + ENGINES.index(engine))


def _cmdline(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@both
def test_the_sandbox_ends_with_the_coach(tmp_path, engine):
    require(engine)
    (tmp_path / "work").mkdir()
    seconds = _unlike_any_other(engine)
    program = (
        "import sys\nfrom pathlib import Path\nfrom pixel_llm.coach.sandbox import Job, run\n"
        f"run(Job(Path({str(tmp_path / 'work')!r}), command=('sleep', '{seconds}')), engine={engine!r})\n"
    )
    coach = subprocess.Popen([sys.executable, "-c", program])
    try:
        assert _wait_for(seconds, there=True)
    finally:
        coach.send_signal(signal.SIGKILL)
        coach.wait()
    assert _wait_for(seconds, there=False)


def _wait_for(word: str, *, there: bool) -> bool:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if there == any(word in _cmdline(p) for p in psutil.process_iter()):
            return True
        time.sleep(0.1)
    return False


def command(folder: Path, engine, words, **job):
    require(engine)
    work = folder / "work"
    work.mkdir(exist_ok=True)
    return run(Job(work, command=words, **job), engine=engine)


@both
def test_commands_are_judged_by_their_status(tmp_path, engine):
    good = command(tmp_path, engine, ("sh", "-c", "echo fine; mkdir build && echo x > build/y; cat build/y"))
    assert good.report.ok
    assert (good.report.kind, good.report.output) == ("command", "fine\nx\n")
    assert not (tmp_path / "work" / "build").exists()
    bad = command(tmp_path, engine, ("sh", "-c", "echo broken >&2; exit 3"))
    assert (bad.report.ok, bad.exit_status, bad.report.output) == (False, 3, "broken\n")


def test_python_in_a_command_is_the_jobs(tmp_path):
    result = command(tmp_path, "bubblewrap", ("python", "-c", "import pytest, sys; print(sys.prefix)"))
    assert result.report.output.strip() == sys.prefix


def test_a_command_that_does_not_exist(tmp_path):
    with pytest.raises(InvalidArgumentError, match="no program 'no-such-thing'"):
        command(tmp_path, "bubblewrap", ("no-such-thing",))


def test_an_interpreter_without_pytest_is_an_error_with_a_remedy(tmp_path):
    other = tmp_path / "python"
    other.symlink_to("/usr/bin/env")
    (tmp_path / "work").mkdir()
    with pytest.raises(SandboxError, match="cannot run tests"):
        judge(tmp_path, RIGHT, python=other)


def test_it_fails_closed(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    bubblewrap._why_not.cache_clear()
    monkeypatch.setattr(kernel, "landlock_version", lambda: 0)
    landlock._why_not.cache_clear()
    try:
        with pytest.raises(SandboxError, match="--unsafe-no-sandbox") as caught:
            choose()
        assert "apt install bubblewrap" in str(caught.value)
        assert choose("none").name == "none"
        (tmp_path / "work").mkdir()
        with pytest.raises(SandboxError):
            run(Job(tmp_path / "work", command=("true",)))
    finally:
        bubblewrap._why_not.cache_clear()
        landlock._why_not.cache_clear()


def test_a_confinement_that_cannot_be_made_runs_nothing(tmp_path, monkeypatch):
    """The launcher inside refuses to go on, and that is an error, not a result."""
    require("landlock")
    monkeypatch.setattr(landlock, "_READABLE", ("/usr", "/lib", "/lib64", "/bin"))
    monkeypatch.setattr("pixel_llm.coach.sandbox.engine.own_user", lambda: 1 << 40)
    monkeypatch.setattr(landlock, "own_user", lambda: 1 << 40)
    monkeypatch.setattr(landlock, "give", lambda root, uid: None)
    marker = tmp_path / "ran"
    with pytest.raises(SandboxError):
        command(tmp_path, "landlock", ("touch", str(marker)))
    assert not marker.exists()
