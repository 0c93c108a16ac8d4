"""`pixel-llm coach`: what each command does, with agents over their real protocols and the real sandbox."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import pixel_llm
from pixel_llm.cli import coach_decide, coach_eval, coach_files, coach_review, coach_run, coach_show, coach_tui
from pixel_llm.coach.queue import TaskQueue
from pixel_llm.coach.types import TaskState
from pixel_llm.tests.coach.cli.conftest import ADD, Project, answer, verdict, writes_everything
from pixel_llm.tests.coach.loop.repository import git, shown
from pixel_llm.tests.coach.servers.base import Reply, Silence

ROOT = Path(pixel_llm.__file__).parent.parent
MODULES = (coach_show, coach_run, coach_review, coach_decide, coach_files, coach_tui)
COMMANDS = [name for module in MODULES for name, _, _ in module.COMMANDS]


def test_every_command_of_the_issue_is_there(project: Project) -> None:
    wanted = (
        "status next agents init list-phases list-tasks show-task stats logs coach worker review accept reject retry"
    )
    assert set(wanted.split()) | {
        "cancel",
        "hand-over",
        "pause",
        "resume",
        "settings",
        "export",
        "import",
        "tui",
    } == set(COMMANDS)
    listed = project.run("--help").out
    assert all(name in listed for name in [*COMMANDS, "eval"])


@pytest.mark.parametrize("name", [*COMMANDS, "eval humaneval"])
def test_every_command_has_help_with_an_example(project: Project, name: str) -> None:
    ran = project.run(*name.split(), "--help")
    assert ran.code == 0 and f"pixel-llm coach {name}" in ran.out.split("Example:")[1]


def test_before_there_are_tasks_everything_says_what_to_do(project: Project) -> None:
    ran = project.run("status")
    assert ran.code == 0 and ran.out == "No tasks yet.\n" and "coach init --roadmap" in ran.err
    for command in ("next", "list-phases", "list-tasks", "show-task a", "stats", "coach", "export x.yaml", "accept a"):
        ran = project.run(*command.split())
        assert ran.code == 4 and "coach init --roadmap" in ran.err, command
    assert not (project.folder / ".pixel-llm").exists(), "looking makes nothing"


def test_a_phase_from_the_roadmap_to_the_commit(project: Project) -> None:
    ran = project.run("init", "--roadmap", "roadmap.yaml")
    assert ran.code == 0 and ran.out == "3 tasks added\n"
    assert project.run("init", "--roadmap", "roadmap.yaml").out == "0 tasks added, 3 were there\n"
    assert project.json("next")["task"]["id"] == "add"
    for command in ("next", "list-tasks", "stats", "coach", "coach --dry-run"):
        ran = project.run(*command.split(), "--phase", "onee")
        assert ran.code == 4 and "did you mean one?" in ran.err, command
    plan = project.json("coach", "--phase", "one", "--dry-run")
    assert [t["id"] for t in plan["tasks"]] == ["add", "twice"] and not project.writer.calls

    done = project.json("coach", "--phase", "one")
    assert done["total"]["processed"] == done["total"]["accepted"] == 2 and done["total"]["success_rate"] == 1
    assert (len(project.writer.calls), len(project.reviewer.calls)) == (2, 2)
    assert project.states() == {"add": "accepted", "twice": "accepted", "hand": "needs_human"}
    assert shown(project.folder, "add.py") == ADD and not (project.folder / "add.py").exists()
    assert git(project.folder, "status", "--porcelain") == "", (
        "nothing of the user's is touched, and git sees none of ours"
    )

    phases = project.json("list-phases")["phases"]
    assert [(p["phase"], p["accepted"], p["total"], p["measure"]) for p in phases] == [
        ("one", 2, 2, "numbers can be added"),
        ("two", 0, 1, ""),
    ]
    task = project.json("show-task", "add")
    assert task["task"]["score"] == 9 and task["task"]["branch"] == "coach/accepted" and task["dependents"] == ["twice"]
    (attempt,) = task["attempts"]
    assert attempt["accepted"] and attempt["completion"]["model"] == "tiny" and attempt["review"]["score"] == 9
    stats = project.json("stats")
    assert stats["total"]["tasks"] == 2 and stats["writers"][0]["usage"]["priced_by"] is None
    assert stats["total"]["usage"]["input_tokens"] > 0
    shown_ = project.run("show-task", "add", "--diff", "--tests").out
    assert "+def add(a, b):" in shown_ and "visible 1/1" in shown_ and "visible tests\n" in shown_
    for command in ("status", "list-phases", "list-tasks", "stats", "next"):
        assert project.run(command).code == 0
    assert "hand" in project.run("status").out


@pytest.mark.usefixtures("quick_sandbox")
def test_what_is_never_right_waits_for_a_person_who_may_teach(project: Project) -> None:
    project.writer.script = lambda body: answer("add.py", f"def add(a, b):\n    return {len(project.writer.calls)}00\n")
    project.run("init", "--roadmap", "roadmap.yaml")
    done = project.json("coach", "--max-tasks", "1", "--no-review")
    assert done["total"]["needs_human"] == 1 and done["total"]["attempts"] == 3 and not project.reviewer.calls
    assert project.states() == {"add": "needs_human", "twice": "blocked", "hand": "blocked"}
    assert "Waiting for a person (1)" in project.run("status").out
    assert project.run("reject", "add", "--reason", "add the numbers, do not invent them").code == 0
    assert project.json("retry", "add")["state"] == "ready"

    project.writer.script = writes_everything
    assert project.json("coach", "--max-tasks", "1", "--no-review")["total"]["accepted"] == 1
    assert "do not invent them" in project.writer.calls[-1].body["messages"][-1]["content"]
    assert project.states()["twice"] == "ready"
    assert project.json("show-task", "add")["attempts"][-1]["decided_by"].startswith("tests alone")


@pytest.mark.usefixtures("quick_sandbox")
def test_failures_are_taken_up_again_where_asked(project: Project) -> None:
    project.writer.script = (Reply("I cannot do that."),)
    project.run("init", "--roadmap", "roadmap.yaml")
    project.run("coach", "--max-tasks", "1", "--no-review")
    assert project.states()["add"] == "needs_human"
    project.writer.script = writes_everything
    assert project.json("coach", "--no-review")["total"]["processed"] == 0
    assert [t["id"] for t in project.json("coach", "--fix-failures", "--dry-run")["tasks"]] == ["add", "twice"]
    assert project.json("coach", "--fix-failures", "--no-review")["total"]["accepted"] == 2


@pytest.mark.usefixtures("quick_sandbox")
def test_a_low_score_keeps_the_gate_shut(project: Project) -> None:
    project.reviewer.script = (verdict(5),)
    project.run("init", "--roadmap", "roadmap.yaml")
    done = project.json("coach", "--max-tasks", "1")
    assert done["total"]["needs_human"] == 1
    assert "no docstring" in project.run("show-task", "add").out


def test_decisions_by_command(project: Project) -> None:
    project.run("init", "--roadmap", "roadmap.yaml")
    assert project.json("accept", "add", "--reason", "by hand") == {
        "task": "add",
        "state": "accepted",
        "reason": "by hand",
    }
    assert project.json("cancel", "twice")["state"] == "cancelled"
    assert project.states()["hand"] == "blocked"
    assert project.json("retry", "twice")["state"] == "ready"
    assert project.json("hand-over", "twice")["state"] == "needs_human"
    assert project.json("pause") == {"paused": True} == {"paused": project.json("status")["paused"]}
    assert project.json("resume") == {"paused": False}
    ran = project.run("retry", "add")
    assert ran.code == 2 and "reject it first" in ran.err
    ran = project.run("accept", "ad")
    assert ran.code == 4 and "did you mean add?" in ran.err
    assert project.run("reject", "add").code == 2  # without a reason


@pytest.mark.usefixtures("quick_sandbox")
def test_hand_written_code_is_judged_and_the_person_decides(project: Project) -> None:
    project.run("init", "--roadmap", "roadmap.yaml")
    (project.folder / "add.py").write_text("def add(a, b):\n    return a - b\n")
    ran = project.run("review", "add.py", "--task", "add")
    assert ran.code == 0 and "0 of 1 passed" in ran.out and "not good enough" in ran.out and not project.reviewer.calls
    (project.folder / "add.py").write_text(ADD)
    judged = project.json("review", "add.py", "--task", "add")["attempt"]
    assert judged["accepted"] and judged["review"]["score"] == 9 and judged["completion"]["model"] == "human"
    assert project.states()["add"] == "ready", "only a person's word changes it"
    assert project.json("show-task", "add")["task"]["attempts"] == 2
    assert "9/10, accept" in project.run("review", "add.py", "--about", "adds numbers").out
    assert project.run("review", "gone.py").code == 4
    assert project.run("review", "add.py", "--task", "twice").code == 2
    assert project.run("review", ROOT / "pyproject.toml").code == 2


def test_tasks_move_between_files_and_databases(project: Project) -> None:
    project.run("init", "--roadmap", "roadmap.yaml", "--phase", "two")
    assert project.states() == {"add": "ready", "twice": "pending", "hand": "pending"}  # with what it depends on
    project.run("accept", "add")
    assert project.run("export", "tasks.yaml").code == 0
    assert project.run("export", "tasks.yaml").code == 2
    assert project.run("import", "tasks.yaml", "--database", "other.sqlite").out == "3 tasks added\n"
    listed = project.json("list-tasks", "--database", "other.sqlite", "--state", "accepted")["tasks"]
    assert [t["id"] for t in listed] == ["add"]
    assert project.run("init", "--roadmap", "roadmap.yaml", "--phase", "on").code == 4


def test_agents_say_why_not_and_what_to_do(project: Project) -> None:
    found = {(a["role"], a["name"]): a for a in project.json("agents")["agents"]}
    assert found["writer", "ollama"]["chosen"] and found["writer", "ollama"]["model"] == "tiny"
    assert project.json("agents")["sandbox"] in ("bubblewrap", "landlock")
    (project.folder / "coach.yaml").write_text("writer: {url: 'http://127.0.0.1:1'}\n")
    ran = project.run("agents")
    assert ran.code == 0 and "Nobody writes or reviews" in ran.out
    assert all(command in ran.out for command in ("ollama pull", "llama-server", "export GEMINI_API_KEY"))
    project.run("init", "--roadmap", "roadmap.yaml")
    ran = project.run("coach")
    assert ran.code == 5 and "ollama pull" in ran.err and "llama-server" in ran.err and "GEMINI_API_KEY" in ran.err
    assert project.states()["add"] == "ready"


def test_an_agent_that_the_settings_name_has_no_substitute(project: Project) -> None:
    project.run("init", "--roadmap", "roadmap.yaml")
    project.reviewer.__exit__()
    ran = project.run("coach")
    assert ran.code == 5 and "cannot be the reviewer" in ran.err and not project.writer.calls


@pytest.mark.usefixtures("quick_sandbox")
def test_keys_never_reach_a_file(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "correct-horse-battery-staple"
    monkeypatch.setenv("MY_API_KEY", secret)
    project.reviewer.key = secret
    with (project.folder / "coach.yaml").open("a") as file:
        file.write("protected_paths: []\n")
    text = (
        (project.folder / "coach.yaml").read_text().replace("kind: openai,", "kind: openai, api_key_env: MY_API_KEY,")
    )
    (project.folder / "coach.yaml").write_text(text)
    project.writer.script = lambda body: answer("add.py", f"# {secret}\n{ADD}")
    project.run("init", "--roadmap", "roadmap.yaml")
    assert project.json("coach", "--max-tasks", "1")["total"]["accepted"] == 1
    assert f"Bearer {secret}" in project.reviewer.calls[0].headers.values()
    logs = list((project.folder / ".pixel-llm" / "logs").iterdir())
    assert len(logs) == 1 and secret not in logs[0].read_text() and "[redacted]" in logs[0].read_text()


@pytest.mark.usefixtures("quick_sandbox")
def test_logs_tell_what_happened(project: Project) -> None:
    assert project.run("logs").code == 4
    project.run("init", "--roadmap", "roadmap.yaml")
    project.run("coach", "--max-tasks", "1")
    ran = project.run("logs", "--task", "add")
    assert ran.code == 0 and "task started" in ran.out and "def add" in ran.out and "run started" not in ran.out
    (name,) = [entry["name"] for entry in project.json("logs", "--list")["logs"]]
    assert "run finished" in project.run("logs", name).out
    assert "did you mean" in project.run("logs", name[:-1]).err


def test_mistakes_in_settings_end_with_their_place(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (project.folder / "mine.yaml").write_text("lop: {}\n")
    ran = project.run("status", "--config", "mine.yaml")
    assert ran.code == 3 and "mine.yaml: lop: unknown key (did you mean loop?)" in ran.err
    for setting, message in (
        ("loop.max_attempts", "NAME=VALUE"),
        ("loop.max_atempts=2", "did you mean loop.max_attempts?"),
        ("loop.max_attempts=many", "flag for loop.max_attempts"),
    ):
        ran = project.run("agents", "--set", setting)
        assert ran.code == 2 and message in ran.err
    found = project.json("agents", "--set", "writer.model=other", "--set", "reviewer.kind=none")["agents"]
    assert [(a["role"], a["model"], a["available"]) for a in found] == [("writer", "other", False)]
    monkeypatch.setenv("PIXEL_LLM_COACH_LOOP__MAX_ATTEMPTS", "0")
    assert project.run("status").code == 2
    monkeypatch.delenv("PIXEL_LLM_COACH_LOOP__MAX_ATTEMPTS")
    assert project.run("status", "--project", "gone").code == 4
    assert project.run("status", "--database", "mysql://x/y").code == 2


def test_settings_are_shown_as_they_are_and_can_be_read_again(project: Project) -> None:
    shown_ = project.run("settings", "--set", "loop.max_attempts=2", "--database", "postgresql://u:secret@h/n")
    assert "max_attempts: 2" in shown_.out and "model: tiny" in shown_.out and "secret" not in shown_.out
    (project.folder / "again.yaml").write_text(shown_.out)
    again = project.json("settings", "--config", "again.yaml")
    assert again["loop"]["max_attempts"] == 2 and again["reviewer"]["url"] == project.reviewer.v1


def test_a_folder_without_git_is_told_what_to_do(project: Project, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    arguments = ("--project", tmp_path / "bare", "--config", "coach.yaml")
    project.run("init", "--roadmap", "roadmap.yaml", *arguments)
    ran = project.run("coach", *arguments)
    assert ran.code == 2 and "git init" in ran.err


def test_without_its_packages_the_coach_names_the_extra(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pixel_llm.cli.coach.find_spec", lambda name: None)
    ran = project.run("status")
    assert ran.code == 3 and "pip install 'pixel-llm[coach]'" in ran.err


def test_both_doors_are_one_program(project: Project) -> None:
    project.run("init", "--roadmap", "roadmap.yaml")
    command = [sys.executable, str(ROOT / "pixel_llm_coach.py"), "status", "--project", str(project.folder)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout == project.run("status").out


@pytest.mark.usefixtures("quick_sandbox")
def test_ctrl_c_gives_back_what_is_open_and_the_next_run_buys_nothing_twice(project: Project) -> None:
    project.run("init", "--roadmap", "roadmap.yaml")
    project.reviewer.script = (Silence(1), verdict(9))
    command = [sys.executable, str(ROOT / "pixel_llm_coach.py"), "coach", "--phase", "one"]
    with subprocess.Popen(
        command, cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 60
        while not project.reviewer.calls and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Ctrl-C again stops at once" in err and "Traceback" not in err
    with TaskQueue(project.folder / ".pixel-llm" / "coach.sqlite") as queue:
        assert queue.get("add").state in (TaskState.ready, TaskState.accepted)
    assert project.json("coach", "--phase", "one")["total"]["accepted"] >= 1
    assert project.states() == {"add": "accepted", "twice": "accepted", "hand": "needs_human"}
    prompts = [call.body["messages"][-1]["content"] for call in project.writer.calls]
    assert len(prompts) == len(set(prompts)) == 2, "no answer was bought twice"


def test_a_worker_takes_what_becomes_ready_from_postgresql_until_it_is_told_to_stop(
    project: Project, postgres_url: str
) -> None:
    project.run("init", "--roadmap", "roadmap.yaml", "--phase", "one", "--database", postgres_url)
    project.run("cancel", "twice", "--database", postgres_url)
    command = [sys.executable, str(ROOT / "pixel_llm_coach.py"), "worker", "--database", postgres_url, "--no-review"]
    with (
        TaskQueue(postgres_url) as queue,
        subprocess.Popen(
            command, cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process,
    ):
        for name in ("add", "twice"):
            deadline = time.monotonic() + 90
            while queue.get(name).state is not TaskState.accepted and time.monotonic() < deadline:
                assert process.poll() is None
                time.sleep(0.1)
            assert queue.get(name).state is TaskState.accepted
            if name == "add":
                queue.retry("twice")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "total" in out, err
    assert not (project.folder / ".pixel-llm" / "coach.sqlite").exists()
    assert git(project.folder, "status", "--porcelain") == ""


def test_the_measurement_runs_and_says_what_it_is(project: Project) -> None:
    arguments = ("eval", "humaneval", "--agent", "scripted", "--every", "100", "--arm", "single shot")
    report = project.json(*arguments)
    assert report["note"].startswith("scripted mixture, no model") and report["arms"][0]["problems"] == 2
    assert Path(report["results"]).is_file()
    ran = project.run(*arguments)  # goes on from the file: nothing is left to do
    assert ran.code == 0 and "pass@1" in ran.out and "no model" in ran.out
    assert coach_eval.EXAMPLE.split("Example: ")[1].startswith("pixel-llm coach eval humaneval")


def test_the_dashboard_needs_a_terminal(project: Project) -> None:
    ran = project.run("tui")
    assert ran.code == 3 and "needs a terminal" in ran.err
