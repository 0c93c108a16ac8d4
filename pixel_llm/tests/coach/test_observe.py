"""Logs: whole lines, no secrets, readable while they grow and after a crash."""

from __future__ import annotations

import io
import json
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pixel_llm.cli.output import clean
from pixel_llm.coach.observe import RunLog, Several, Terminal
from pixel_llm.coach.observe.reading import Tail, entries, find, logs
from pixel_llm.coach.observe.redaction import HIDDEN, Redactor
from pixel_llm.errors import NotFoundError, StorageError

OPENAI = "sk-proj-" + "a1B2" * 8
GOOGLE = "AIza" + "Sy0-_" * 7


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (OPENAI, OPENAI),
        (GOOGLE, GOOGLE),
        (f"Authorization: Bearer {'x' * 20}", "x" * 20),
        ("postgresql://coach:hunter22@db.example/coach", "hunter22"),
        ("https://example.com/v1?key=0123456789&x=1", "0123456789"),
        ("ghp_" + "a" * 36, "a" * 36),
        ("hf_" + "a" * 30, "a" * 30),
        ("AKIA" + "A" * 16, "A" * 16),
        ("-----BEGIN RSA PRIVATE KEY-----\nabcdef\n-----END RSA PRIVATE KEY-----", "abcdef"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dBjftJeZ4CVP", "dBjftJeZ4CVP"),
        ("the value-from-the-environment", "value-from-the-environment"),
    ],
)
def test_secrets_never_reach_a_file(tmp_path: Path, text: str, secret: str) -> None:
    redactor = Redactor({"MY_API_KEY": "value-from-the-environment", "HOME": "/root"})
    with RunLog(tmp_path, "run", redactor=redactor) as log:
        log.event("x", problem=f"before {text} after", nested={"list": [text]})
        log.text("t", f"answer {text} end")
        log.event(f"event {text}")
    written = log.path.read_text()
    assert secret not in written and written.count(HIDDEN) == 4
    assert "before " in written and " after" in written


@pytest.mark.parametrize(
    "name", ["api_key", "GEMINI_API_KEY", "password", "Authorization", "token", "access_token", "client_secret"]
)
def test_fields_with_telling_names_are_hidden_whatever_they_hold(name: str) -> None:
    assert Redactor({}).value({name: "short", "x": {name: ["a"]}}) == {name: HIDDEN, "x": {name: HIDDEN}}


def test_what_is_no_secret_stays() -> None:
    value = {
        "input_tokens": 5,
        "tokens": 7,
        "keyboard": "x",
        "task": "sk-1",
        "url": "http://127.0.0.1:8080/v1",
        "n": None,
    }
    assert Redactor({"PASSWORD": "short"}).value(value) == value


@pytest.mark.parametrize(
    "piece", ["y", "eyJ", "a:", "://", "://a:", "bearer ", "-----BEGIN ", "?key=", "sk-", "\n", "@"]
)
def test_no_text_makes_looking_for_secrets_slow(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    assert len(Redactor({"API_KEY": "x" * 20}).text(text)) > 0  # the test's time limit is what it is about


def test_a_line_says_when_what_and_for_which_run(tmp_path: Path) -> None:
    with RunLog(tmp_path / "deep" / "logs", "run-1") as log:
        log.event("task started", task="a", run="other", event="odd", seconds=1.5, path=Path("x"))
        log.event("error", task="a")
    first, second = lines(log.path)
    assert first["event"] == "task started" and first["run"] == "run-1" and first["run_"] == "other"
    assert first["event_"] == "odd" and first["path"] == "x" and first["level"] == "info"
    assert first["timestamp"].endswith("Z") and second["level"] == "error"
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600


def test_pieces_of_an_answer_become_few_lines_before_what_follows(tmp_path: Path) -> None:
    with RunLog(tmp_path, "run") as log:
        for piece in ("def ", "f():\n", "  pass"):
            log.text("a", piece)
        log.text("b", "other")
        log.event("tests started", task="a")
    assert [(e["event"], e["task"], e.get("text")) for e in lines(log.path)] == [
        ("text", "a", "def f():\n  pass"),
        ("tests started", "a", None),
        ("text", "b", "other"),
    ]


def test_threads_write_whole_lines(tmp_path: Path) -> None:
    with RunLog(tmp_path, "run") as log:
        threads = [
            threading.Thread(target=lambda n=n: [log.event("x", task=f"t{n}", text="ü" * 500) for _ in range(50)])
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(lines(log.path)) == 400


@given(
    st.dictionaries(
        st.text(max_size=8), st.text() | st.floats() | st.binary() | st.none() | st.lists(st.text()), max_size=4
    )
)
def test_whatever_is_logged_is_one_line_of_json(facts: dict) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        with RunLog(Path(folder), "run") as log:
            log._line("x", facts)
        assert len(log.path.read_text(encoding="utf-8", errors="surrogateescape").split("\n")) == 2
        assert [e["event"] for e in entries(log.path)] == ["x"]


def test_a_full_disk_ends_no_run(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").symlink_to("/dev/full")
    with RunLog(tmp_path, "run") as log:
        log.event("x", text="y" * 100_000)
        log.event("y")
    assert log.failed is not None and log.failed.strerror == "No space left on device"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(StorageError, match="logs"):
        RunLog(tmp_path / "logs")


def test_a_cut_line_is_shown_as_such_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b'{"event": "a"}\n{"event": "b", "te\n[1]\n\xff\n{"event": "c"}\n{"event":')
    assert [e["event"] for e in entries(path)] == ["a", "unreadable", "unreadable", "unreadable", "c", "unreadable"]


def test_following_waits_for_what_comes(tmp_path: Path) -> None:
    with RunLog(tmp_path, "run") as log:
        log.event("first")
        asked = 0

        def follow() -> bool:
            nonlocal asked
            asked += 1
            if asked == 1:
                log.event("second")
            return asked < 3

        assert [e["event"] for e in entries(log.path, follow=follow)] == ["first", "second"]
        tail = Tail(log.path)
        assert [e["event"] for e in tail.read()] == ["first", "second"] and tail.read() == []
        log.event("third")
        assert [e["event"] for e in tail.read()] == ["third"]
    assert Tail(tmp_path / "gone").read() == []


def test_logs_are_found_by_name_the_newest_first(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no logs yet"):
        find(tmp_path, None)
    for number, name in enumerate(("run-b", "run-a")):
        RunLog(tmp_path, name).close()
        os.utime(tmp_path / f"{name}.jsonl", (number, number))
    assert [p.stem for p in logs(tmp_path)] == ["run-b", "run-a"]
    assert find(tmp_path, None).stem == "run-a" and find(tmp_path, "run-b.jsonl").stem == "run-b"
    with pytest.raises(NotFoundError, match=r"did you mean run-a\?"):
        find(tmp_path, "run-aa")


def tell(observer: Several) -> None:
    observer.event("task started", task="a", title="Do [bold]a\x1b[31m")
    observer.event("writing", task="a", attempt=1, agent="ollama", model="m")
    observer.text("a", "x" * 1500)
    observer.event("tests started", task="a", tests="visible")
    observer.event("tests finished", task="a", tests="visible", passed=1, expected=2, ok=False, reason="")
    observer.event("attempt finished", task="a", attempt=1, accepted=False, decided_by="tests", error="")
    observer.event("task finished", task="a", state="needs_human", reason="not accepted in 1 attempts")
    observer.event("claim lost", task="b", problem=f"key {OPENAI}")


@pytest.mark.parametrize("terminal", [False, True])
def test_progress_for_people(terminal: bool) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=200, markup=False, emoji=False, highlight=False)
    shown = Terminal(console, clean)
    tell(Several([shown]))
    shown.close()
    text = out.getvalue()
    for part in (
        "● a  Do [bold]a",
        "attempt 1: ollama m",
        "✗ visible tests 1/2",
        "not accepted: tests",
        "? a  needs_human",
        "claim lost",
    ):
        assert part in text
    assert OPENAI not in text and ("\x1b[31m" in text) is terminal  # red is our own, for the lost claim
    assert terminal == ("a: visible tests\n" in text)  # the line that moves
