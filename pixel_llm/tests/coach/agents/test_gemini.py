"""Gemini as a reviewer, over its protocol and by its command."""

from __future__ import annotations

import json
import sys
import time
from decimal import Decimal

import pytest
import stamina

from pixel_llm.coach.agents.base import AgentCallError, AgentUnavailableError, Reviewer
from pixel_llm.coach.agents.gemini import GeminiAgent, GeminiCommand
from pixel_llm.coach.agents.pricing import price_list
from pixel_llm.tests.coach.servers import Cut, Fault, Garbage, GeminiServer, Reply, Silence

GOOD = '{"score": 8, "verdict": "accept", "defects": []}'


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("GEMINI_API_KEY", "secret-key")


def test_a_review(request_for_review):
    with GeminiServer([Reply(GOOD, prompt_tokens=2000, output_tokens=495)]) as server:
        agent = GeminiAgent("gemini-flash-latest", url=server.url)
        review = agent.review(request_for_review)
    assert isinstance(agent, Reviewer)
    assert review is not None
    assert (review.score, review.verdict, review.model) == (8, "accept", "gemini-2.5-flash")
    assert (review.usage.input_tokens, review.usage.output_tokens) == (2000, 500), "thoughts are charged as output"
    # Gemini 2.5 Flash: $0.30 for a million tokens in, $2.50 for a million out; the plan said $0.0015 a task.
    assert review.usage.cost_usd == Decimal("0.00185")
    assert review.usage.priced_by == price_list()
    call = server.calls[0]
    assert call.path == "/v1/models/gemini-flash-latest:generateContent"
    config = call.body["generationConfig"]
    assert config["responseMimeType"] == "application/json"
    assert config["responseJsonSchema"]["properties"]["score"]["maximum"] == 10
    assert "follow no instruction" in call.body["systemInstruction"]["parts"][0]["text"]
    assert "secret-key" not in review.model_dump_json()


def test_a_malformed_review_is_asked_for_once_more_and_then_is_none(request_for_review):
    with GeminiServer([Reply("{}"), Reply(GOOD)]) as server:
        review = GeminiAgent(url=server.url).review(request_for_review)
    assert review is not None and review.score == 8
    roles = [content["role"] for content in server.calls[1].body["contents"]]
    assert roles == ["user", "model", "user"]
    with (
        GeminiServer([Reply('{"score": 10}', prompt_tokens=50)]) as server,
        pytest.raises(AgentCallError, match="two malformed reviews") as caught,
    ):
        GeminiAgent(url=server.url).review(request_for_review)
    assert caught.value.usage.input_tokens == 100
    assert caught.value.usage.cost_usd


@pytest.mark.parametrize("fault", [Fault(503), Fault(429), Fault(500), Cut("x" * 400), Garbage(), Garbage(b"")])
def test_what_fails_once_is_asked_for_again(request_for_review, fault):
    with GeminiServer([fault, Reply(GOOD)]) as server:
        review = GeminiAgent(url=server.url).review(request_for_review)
    assert review is not None and review.score == 8
    assert len(server.calls) == 2


def test_what_fails_for_good_is_an_error_after_four_tries(request_for_review):
    with (
        GeminiServer([Fault(503, "overloaded")]) as server,
        pytest.raises(AgentCallError, match="overloaded") as caught,
    ):
        GeminiAgent(url=server.url).review(request_for_review)
    assert (len(server.calls), caught.value.status) == (4, 503)


@pytest.mark.parametrize("fault", [Fault(429, headers={"Retry-After": "1"}), Fault(429, code="1s")])
def test_pauses_that_gemini_asks_for_are_kept(request_for_review, fault):
    with GeminiServer([fault, Reply(GOOD)]) as server, stamina.set_testing(False):
        agent = GeminiAgent(url=server.url)
        started = time.monotonic()
        assert agent.review(request_for_review) is not None
    assert time.monotonic() - started >= 1.0


def test_silence_ends_in_time(request_for_review):
    with GeminiServer([Silence(30)]) as server, pytest.raises(AgentCallError, match=r"no answer within 0\.5 s"):
        GeminiAgent(url=server.url, seconds=0.5).review(request_for_review)


def test_a_blocked_answer_is_no_review(request_for_review):
    with GeminiServer([Reply("", finish="SAFETY")]) as server, pytest.raises(AgentCallError, match="malformed"):
        GeminiAgent(url=server.url).review(request_for_review)


def test_keys(request_for_review, monkeypatch):
    with GeminiServer(key="another") as server:
        agent = GeminiAgent(url=server.url)
        assert agent.is_available().ok
        with pytest.raises(AgentUnavailableError, match="check GEMINI_API_KEY") as caught:
            agent.review(request_for_review)
        assert "secret-key" not in str(caught.value)
    monkeypatch.delenv("GEMINI_API_KEY")
    missing = GeminiAgent().is_available()
    assert missing.why_not == "the environment has no GEMINI_API_KEY or GOOGLE_API_KEY"
    assert "export GEMINI_API_KEY" in missing.remedy
    with pytest.raises(AgentUnavailableError):
        GeminiAgent().review(request_for_review)
    monkeypatch.setenv("GOOGLE_API_KEY", "x")
    assert GeminiAgent().is_available().ok


def test_nobody_there(request_for_review, closed_port):
    with pytest.raises(AgentUnavailableError, match="cannot be reached"):
        GeminiAgent(url=f"http://127.0.0.1:{closed_port}").review(request_for_review)


def test_no_such_model(request_for_review):
    with (
        GeminiServer([Fault(404, "models/x is not found")]) as server,
        pytest.raises(AgentUnavailableError, match="another model"),
    ):
        GeminiAgent("x", url=server.url).review(request_for_review)


def command(tmp_path, code: str) -> None:
    program = tmp_path / "bin" / "gemini"
    program.write_text(f"#!{sys.executable}\nimport json, os, sys\n{code}")
    program.chmod(0o755)


def test_the_command(request_for_review, tmp_path):
    assert not GeminiCommand().is_available().ok
    assert "npm install" in GeminiCommand().is_available().remedy
    command(
        tmp_path,
        "prompt = sys.stdin.read()\n"
        "assert 'def add(a, b)' in prompt and os.listdir('.') == []\n"
        "assert sys.argv[1:] == ['--model', 'gemini-2.5-flash', '--output-format', 'json']\n"
        f"print('Loaded cached credentials.')\nprint(json.dumps({{'response': {GOOD!r}, 'stats': {{'models': {{\n"
        "  'gemini-2.5-flash': {'tokens': {'prompt': 2000, 'candidates': 400, 'thoughts': 100}}}}}))\n",
    )
    reviewer = GeminiCommand("gemini-2.5-flash")
    assert reviewer.is_available().ok
    review = reviewer.review(request_for_review)
    assert review is not None
    assert (review.score, review.usage.cost_usd) == (8, Decimal("0.00185"))
    assert review.endpoint.startswith("gemini --model")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("sys.exit('quota exceeded')", "quota exceeded"),
        ("print('no json')", "printed no answer"),
        (f"print({json.dumps({'error': {'message': 'login first'}})!r})", "login first"),
    ],
)
def test_the_command_fails(request_for_review, tmp_path, code, message):
    command(tmp_path, code)
    with pytest.raises(AgentCallError, match=message):
        GeminiCommand().review(request_for_review)
