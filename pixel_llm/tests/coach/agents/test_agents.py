"""Choosing agents, prices, pauses, reading reviews, and the agents that are no services."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel_llm.coach.agents import reviewing
from pixel_llm.coach.agents.base import AgentCallError, AgentUnavailableError, Reviewer, Writer
from pixel_llm.coach.agents.choosing import choose_agents
from pixel_llm.coach.agents.llama_cpp_cli import LlamaCppCommand
from pixel_llm.coach.agents.pricing import Pricing
from pixel_llm.coach.agents.retrying import retry_after
from pixel_llm.coach.agents.scripted import ScriptedAgent
from pixel_llm.coach.config import CoachConfig, ReviewerSettings, WriterSettings
from pixel_llm.coach.types import Message, Review, TaskFile
from pixel_llm.tests.coach.servers import OllamaServer, OpenAIServer


def config(writer: dict[str, str] | None = None, reviewer: dict[str, str] | None = None) -> CoachConfig:
    return CoachConfig(
        writer=WriterSettings.model_validate(writer or {}), reviewer=ReviewerSettings.model_validate(reviewer or {})
    )


def test_nobody_is_an_error_with_three_commands(monkeypatch):
    monkeypatch.setattr("pixel_llm.coach.agents.ollama.DEFAULT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("pixel_llm.coach.agents.openai_compatible.DEFAULT_URL", "http://127.0.0.1:9/v1")
    chosen = choose_agents(config())
    assert (chosen.writer, chosen.reviewer) == (None, None)
    assert [(c.role, c.name, c.available) for c in chosen.candidates] == [
        ("writer", "ollama", False),
        ("writer", "openai", False),
        ("reviewer", "gemini", False),
    ]
    assert all(c.why_not and c.remedy for c in chosen.candidates)
    with pytest.raises(AgentUnavailableError) as caught:
        chosen.require()
    for word in ("ollama pull", "llama-server -m", "export GEMINI_API_KEY"):
        assert word in str(caught.value)


def test_a_writer_without_a_reviewer():
    with OllamaServer() as server:
        chosen = choose_agents(config({"kind": "ollama", "url": server.url}))
    assert chosen.writer is not None and chosen.writer.name == "ollama"
    assert chosen.reviewer is None
    assert "tests alone decide" in chosen.notice
    chosen.require()
    assert chosen.summary() == {"writer": f"ollama tiny:latest {server.url}"}


def test_a_reviewer_without_a_writer(monkeypatch):
    monkeypatch.setenv("GEMINI_API_KEY", "x")
    chosen = choose_agents(config({"kind": "none"}))
    assert chosen.writer is None
    assert chosen.reviewer is not None and chosen.reviewer.name == "gemini"
    assert "nothing is written" in chosen.notice
    chosen.require()


def test_one_server_for_both():
    with OpenAIServer() as server:
        chosen = choose_agents(config({"url": server.v1}, {"url": server.v1}))
    assert chosen.writer is not None and chosen.writer.name == "openai"
    assert chosen.reviewer is not None and chosen.reviewer.name == "openai reviewer"
    assert chosen.notice == ""


def test_reviews_switched_off(monkeypatch):
    monkeypatch.setenv("GEMINI_API_KEY", "x")
    chosen = choose_agents(config({"kind": "none"}), review=False)
    assert [c.role for c in chosen.candidates] == []
    with pytest.raises(AgentUnavailableError, match="want none"):
        chosen.require()


def test_an_agent_that_is_named_has_no_substitute(monkeypatch, closed_port):
    monkeypatch.setenv("GEMINI_API_KEY", "x")
    away = {"kind": "openai", "url": f"http://127.0.0.1:{closed_port}/v1"}
    chosen = choose_agents(config({"kind": "none"}, away))
    assert chosen.reviewer is None
    assert [c.name for c in chosen.candidates] == ["openai reviewer"]


def test_the_gemini_command_takes_over_where_there_is_no_key(tmp_path):
    program = tmp_path / "bin" / "gemini"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    chosen = choose_agents(config({"kind": "none"}))
    assert chosen.reviewer is not None and chosen.reviewer.name == "gemini command"


def test_scripted_agents():
    agent = ScriptedAgent(["one two three", AgentCallError("no")], [Review(score=9, verdict="accept"), None])
    assert isinstance(agent, Writer) and isinstance(agent, Reviewer)
    pieces: list[str] = []
    answer = agent.complete([Message(role="user", content="x y")], max_tokens=2, on_text=pieces.append)
    assert (answer.text, answer.finish_reason, pieces) == ("one two", "length", ["one", " two"])
    assert (answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.cost_usd) == (2, 2, 0)
    with pytest.raises(AgentCallError, match=r"^no$"):
        agent.complete([])
    with pytest.raises(AgentCallError, match="no further answer"):
        agent.complete([])
    assert len(agent.calls) == 3
    by_function = ScriptedAgent(lambda messages: messages[-1].content.upper())
    assert by_function.complete([Message(role="user", content="echo")]).text == "ECHO"


def llama(tmp_path, code: str) -> LlamaCppCommand:
    program = tmp_path / "bin" / "llama-cli"
    program.write_text(f"#!{sys.executable}\nimport sys, time\n{code}")
    program.chmod(0o755)
    model = tmp_path / "m.gguf"
    model.write_bytes(b"GGUF")
    return LlamaCppCommand(model, seconds=20)


def test_llama_cpp_command(tmp_path, conversation):
    assert "not installed" in LlamaCppCommand("m.gguf").is_available().why_not
    agent = llama(
        tmp_path,
        "a = dict(zip(sys.argv[1::2], sys.argv[2::2]))\n"
        "assert open(a['-sysf']).read() == 'You write code.' and 'Add two' in open(a['-f']).read()\n"
        "assert int(a['-c']) >= int(a['-n']) + 60 and a['-s'] == '7', sys.argv\n"
        "sys.stdout.write('def add(): pass\\n# 数\\n[end of text]\\n')\n",
    )
    assert isinstance(agent, Writer)
    assert agent.is_available().ok
    answer = agent.complete(conversation, seed=7)
    assert answer.text == "def add(): pass\n# 数"
    assert (answer.model, answer.usage.cost_usd) == ("m.gguf", 0)
    (tmp_path / "m.gguf").unlink()
    assert "no model file" in agent.is_available().why_not
    with pytest.raises(AgentUnavailableError):
        agent.complete(conversation)


def test_llama_cpp_command_fails_or_never_ends(tmp_path, conversation):
    with pytest.raises(AgentCallError, match="cannot load"):
        llama(tmp_path, "sys.exit('cannot load the model')").complete(conversation)
    with pytest.raises(AgentCallError, match="gave no answer"):
        llama(tmp_path, "pass").complete(conversation)
    answer = llama(tmp_path, "while True: print('x' * 100, flush=True)").complete(conversation, max_tokens=20)
    assert (answer.finish_reason, len(answer.text)) == ("length", 20 * 64)
    slow = llama(tmp_path, "time.sleep(60)")
    slow._seconds = 0.5
    with pytest.raises(AgentCallError, match="in time"):
        slow.complete(conversation)


def test_prices():
    google = Pricing(provider="google")
    assert google.cost("gemini-2.5-flash", 1_000_000, 1_000_000) == Decimal("2.80")
    assert google.usage("no-such-model", 10, 10).cost_usd is None
    assert google.usage("no-such-model", 10, 10).priced_by is None
    for url in (
        "http://localhost:1",
        "http://10.1.2.3/v1",
        "http://[::1]:8080/v1",
        "http://box:8080",
        "http://a.local/",
    ):
        assert Pricing(url=url).local, url
    for url in ("https://api.openai.com/v1", "http://8.8.8.8/v1"):
        assert not Pricing(url=url).local, url


def test_retry_after():
    assert retry_after({"retry-after": "17"}) == 17
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    assert 90 < (retry_after({"retry-after": later}) or 0) <= 100
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    for value in ("", "soon", "-5", "1.5", "Wed, 99 Foo 2015"):
        assert retry_after({"retry-after": value}) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not JSON"),
        ("[]", "valid dictionary"),
        ('{"score": 8}', "verdict"),
        ('{"score": "8", "verdict": "accept", "defects": []}', "score"),
        ('{"score": 8.5, "verdict": "accept", "defects": []}', "score"),
        ('{"score": true, "verdict": "accept", "defects": []}', "score"),
        ('{"score": 0, "verdict": "accept", "defects": []}', "score"),
        ('{"score": 8, "verdict": "great", "defects": []}', "verdict"),
        ('{"score": 8, "verdict": "accept", "defects": ["none"]}', "defects"),
        ('{"score": 8, "verdict": "accept", "defects": []} trailing', "not JSON"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_malformed_reviews(text, problem):
    answer = reviewing.read(text)
    assert isinstance(answer, str)
    assert problem in answer


@pytest.mark.parametrize("form", ["{}", "```json\n{}\n```", "Sure:\n```\n{}\n```\n", "<think>1 {{</think>\n{}"])
def test_well_formed_reviews_in_their_wrappings(form):
    text = '{"score": 3, "verdict": "revise", "defects": [{"place": "f", "reason": "r", "more": 1}], "extra": 2}'
    answer = reviewing.read(form.replace("{}", text))
    assert not isinstance(answer, str)
    assert (answer.score, answer.defects[0].reason) == (3, "r")


@settings(max_examples=30)
@given(st.text())
def test_no_text_is_a_review_by_chance_or_breaks_the_reader(text):
    assert isinstance(reviewing.read(text), str)


def test_a_long_file_is_shown_in_part(request_for_review):
    files = (TaskFile(path="a.py", content="x" * 100_000), TaskFile(path="b.py", content="y"))
    shown = reviewing.messages(request_for_review.model_copy(update={"files": files}))[1].content
    assert len(shown) < reviewing.MAX_CHARACTERS + 2000
    assert "[cut off here]" in shown
