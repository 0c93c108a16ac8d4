"""The coach with a real model end to end: llama.cpp's server writes and reviews, the sandbox tests, all is saved.

    python benchmarks/coach_real_model.py --server /path/to/python-with-llama-cpp --model M.gguf

The other environment needs `llama-cpp-python[server]` alone. The script starts its server on a free port, makes a small
git repository with three tasks, and runs `pixel-llm coach` on it as a user would. A small model will not solve them
all: what is checked is that every task ends as accepted or as needs_human, that what is accepted passes its tests on
the branch, that the user's working tree is untouched, and that every attempt is in the database, in the records and in
the log, with its tokens. Prints a line a task and "ok"; ends with 1 where something is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROADMAP = """\
name: A few small functions
phases:
  - id: small
    name: Small functions
    measure: all of them work
    tasks:
      - id: double
        title: Double a number
        description: Write a function double(x) that returns x multiplied by 2.
        priority: 9
        target_files: [double.py]
        visible_tests:
          - path: tests/test_double.py
            content: |
              from double import double


              def test_double():
                  assert double(4) == 8
        hidden_tests:
          - path: tests/test_double_hidden.py
            content: |
              from double import double


              def test_negative():
                  assert double(-3) == -6
      - id: is-even
        title: Tell whether a number is even
        description: Write a function is_even(n) that returns True if the integer n is even, else False.
        target_files: [is_even.py]
        visible_tests:
          - path: tests/test_is_even.py
            content: |
              from is_even import is_even


              def test_is_even():
                  assert is_even(2) is True
                  assert is_even(3) is False
      - id: roman
        title: Read Roman numerals
        description: >
          Write a function parse_roman(text) that returns the integer that a Roman numeral such as XIV stands for,
          and raises ValueError for text that is none, such as IIII or an empty string.
        depends_on: [double]
        target_files: [roman.py]
        visible_tests:
          - path: tests/test_roman.py
            content: |
              import pytest

              from roman import parse_roman


              def test_parse_roman():
                  assert parse_roman("XIV") == 14
                  with pytest.raises(ValueError):
                      parse_roman("IIII")
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, type=Path, help="a Python with llama-cpp-python[server]")
    parser.add_argument("--model", required=True, type=Path, help="a GGUF file of a chat model")
    parser.add_argument("--keep", type=Path, help="work in this new folder and keep it")
    parser.add_argument("--max-tokens", type=int, default=400)
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="coach-real-"))
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    log = (folder / "server.log").open("wb")
    command = [options.server, "-m", "llama_cpp.server", "--model", options.model, "--host", "127.0.0.1"]
    command += ["--port", str(port), "--n_ctx", "4096", "--model_alias", "small"]
    server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/v1/models", server)
        return _check(folder, f"http://127.0.0.1:{port}/v1", options.max_tokens)
    finally:
        server.terminate()
        server.wait()
        log.close()
        if options.keep is None:
            shutil.rmtree(folder)


def _check(folder: Path, url: str, max_tokens: int) -> int:
    project = folder / "project"
    project.mkdir()
    (project / "README.md").write_text("Small functions.\n", encoding="utf-8")
    (project / ".gitignore").write_text(".pixel-llm/\n", encoding="utf-8")
    (project / "coach.yaml").write_text(
        f"writer: {{kind: openai, url: {url}, model: small, max_tokens: {max_tokens}, temperature: 0.4}}\n"
        f"reviewer: {{kind: openai, url: {url}, model: small, max_tokens: 300}}\n",
        encoding="utf-8",
    )
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "First")):
        _git(project, *arguments)
    roadmap = folder / "roadmap.yaml"
    roadmap.write_text(ROADMAP, encoding="utf-8")
    before = _git(project, "rev-parse", "HEAD") + _git(project, "status", "--porcelain")
    _coach(project, "init", "--roadmap", roadmap)
    agents = _coach(project, "agents")["agents"]
    started = time.monotonic()
    statistics = _coach(project, "coach", "--phase", "small")
    seconds = time.monotonic() - started
    problems = []
    if _git(project, "rev-parse", "HEAD") + _git(project, "status", "--porcelain") != before:
        problems.append("the user's repository has changed")
    if sum(agent["chosen"] for agent in agents) != 2:
        problems.append(f"not both agents were available: {agents}")
    for name in ("double", "is-even", "roman"):
        problems += _task(project, name)
    lines = Path(statistics["log"]).read_text(encoding="utf-8").splitlines()
    events = [json.loads(line)["event"] for line in lines]
    for wanted in ("run started", "writing", "attempt finished", "task finished", "run finished"):
        if wanted not in events:
            problems.append(f"the log has no {wanted!r}")
    total = statistics["total"]
    tokens = total["usage"]["input_tokens"] + total["usage"]["output_tokens"]
    print(
        f"{total['processed']} tasks, {total['accepted']} accepted, {total['attempts']} attempts, {tokens} tokens, "
        f"${total['usage']['cost_usd']}, {seconds:.0f} s, {len(lines)} lines of log"
    )
    for problem in problems:
        print(f"wrong: {problem}")
    print("ok" if not problems else "not ok")
    return 1 if problems else 0


def _task(project: Path, name: str) -> list[str]:
    """Prints how the task ended; gives what is wrong with that."""
    found = _coach(project, "show-task", name)
    task = found.get("task", found)
    state, reason = task["state"], task["reason"]
    print(f"{name:8} {state:11} {task['attempts']} attempts  {reason}")
    if state == "blocked":
        return [] if "double" in reason else [f"{name} is blocked by nothing"]
    if state not in ("accepted", "needs_human"):
        return [f"{name} ended as {state}: {reason}"]
    [run] = (project / ".pixel-llm/records" / name).iterdir()
    record = json.loads((run / "record.json").read_text(encoding="utf-8"))
    attempts = record["attempts"]
    problems = []
    if len(attempts) != task["attempts"] or not attempts:
        problems.append(f"{name}: {len(attempts)} attempts in the record, {task['attempts']} in the database")
    for attempt in attempts:
        answer = attempt["completion"]
        if not answer or not answer["usage"]["output_tokens"] or not attempt["prompt_sha256"]:
            problems.append(f"{name}: attempt {attempt['number']} has no answer with its tokens: {attempt['error']}")
    if record["best"] and not (run / "best.diff").read_text(encoding="utf-8"):
        problems.append(f"{name}: the best attempt has no diff")
    if state == "accepted":
        problems += _passes(project, record, name)
    return problems


def _passes(project: Path, record: dict[str, Any], name: str) -> list[str]:
    """Whether what is on the branch passes the task's tests, run by a plain pytest."""
    with tempfile.TemporaryDirectory() as checkout:
        _git(project, "worktree", "add", "--quiet", "--detach", checkout, "coach/accepted")
        try:
            for test in record["task"]["visible_tests"] + record["task"]["hidden_tests"]:
                place = Path(checkout) / test["path"]
                place.parent.mkdir(exist_ok=True)
                place.write_text(test["content"], encoding="utf-8")
            done = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
                cwd=checkout,
                env={**os.environ, "PYTHONPATH": checkout},
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            _git(project, "worktree", "remove", "--force", checkout)
    return [] if done.returncode == 0 else [f"{name} was accepted and does not pass:\n{done.stdout}"]


def _coach(project: Path, *arguments: object) -> Any:
    command = [
        sys.executable,
        "-m",
        "pixel_llm.cli",
        "coach",
        *map(str, arguments),
        "--project",
        str(project),
        "--json",
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}")
    return json.loads(done.stdout)


def _git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=User", "-c", "user.email=user@example.org")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise SystemExit("the server did not start; its log is server.log in the folder given with --keep")


if __name__ == "__main__":
    sys.exit(main())
