"""The agents for OpenAI-compatible servers, over the protocol."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
import stamina

from pixel_llm.coach.agents.base import AgentCallError, AgentUnavailableError, Reviewer, Writer
from pixel_llm.coach.agents.openai_compatible import OpenAICompatibleAgent
from pixel_llm.coach.agents.openai_reviewer import OpenAIReviewer
from pixel_llm.errors import ContextLengthError
from pixel_llm.tests.coach.servers import Cut, Fault, Garbage, OpenAIServer, Reply, Silence

GOOD = '{"score": 9, "verdict": "accept", "defects": [{"place": "add.py:2", "reason": "no docstring"}]}'


def test_an_answer_in_a_stream(conversation):
    with OpenAIServer([Reply("def add(a, b): return a + b")]) as server:
        agent = OpenAICompatibleAgent("tiny", url=server.v1)
        pieces: list[str] = []
        answer = agent.complete(conversation, max_tokens=100, temperature=0.5, seed=7, on_text=pieces.append)
    assert isinstance(agent, Writer)
    assert answer.text == "".join(pieces) == "def add(a, b): return a + b"
    assert len(pieces) > 1
    assert (answer.finish_reason, answer.model) == ("stop", "tiny")
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (45, 7)
    assert (answer.usage.cost_usd, answer.usage.priced_by) == (Decimal(0), "local")
    body = server.calls[0].body
    assert (body["stream"], body["max_tokens"], body["temperature"], body["seed"]) == (True, 100, 0.5, 7)


def test_the_servers_first_model_is_taken(conversation):
    with OpenAIServer(models=("first", "second")) as server:
        assert OpenAICompatibleAgent(url=server.v1).complete(conversation).model == "first"


def test_an_answer_cut_off_at_max_tokens_says_so(conversation):
    with OpenAIServer([Reply("one two three four")]) as server:
        answer = OpenAICompatibleAgent("tiny", url=server.v1).complete(conversation, max_tokens=2)
    assert (answer.text, answer.finish_reason) == ("one two", "length")


def test_a_server_that_does_not_count(conversation):
    with OpenAIServer([Reply("fine", usage=False)]) as server:
        answer = OpenAICompatibleAgent("tiny", url=server.v1).complete(conversation)
    # as llama-cpp-python's server: a token a piece, and a guess of the question's
    assert (answer.text, answer.usage.output_tokens) == ("fine", 1)
    assert answer.usage.input_tokens == sum(len(message.content) for message in conversation) // 4
    assert answer.usage.priced_by == "local, tokens guessed"


@pytest.mark.parametrize(
    "fault", [Fault(503, "loading"), Fault(429), Cut("def add("), Garbage(b"data: {not json}\n\n"), Garbage(b"")]
)
def test_what_fails_once_is_asked_for_again(conversation, fault):
    with OpenAIServer([fault, Reply("def add(): pass")]) as server:
        answer = OpenAICompatibleAgent("tiny", url=server.v1).complete(conversation)
    assert answer.text == "def add(): pass"
    assert len(server.calls) == 2


@pytest.mark.parametrize("fault", [Fault(500, "broken"), Cut("def add(a, b):"), Garbage(b"data: {not json}\n\n")])
def test_what_fails_for_good_is_an_error_after_four_tries(conversation, fault):
    with OpenAIServer([fault]) as server, pytest.raises(AgentCallError) as caught:
        OpenAICompatibleAgent("tiny", url=server.v1).complete(conversation)
    assert len(server.calls) == 4
    assert caught.value.bought == isinstance(fault, Cut)


def test_a_pause_that_the_server_asks_for_is_kept(conversation):
    with (
        OpenAIServer([Fault(429, "slowly", {"Retry-After": "1"}), Reply("fine")]) as server,
        stamina.set_testing(False),
    ):
        started = time.monotonic()
        assert OpenAICompatibleAgent("tiny", url=server.v1).complete(conversation).text == "fine"
    assert time.monotonic() - started >= 1.0


def test_silence_ends_in_time(conversation):
    with OpenAIServer([Silence(30)]) as server, pytest.raises(AgentCallError, match=r"no answer within 0\.3 s"):
        OpenAICompatibleAgent("tiny", url=server.v1, seconds=0.3).complete(conversation)


@pytest.mark.parametrize(
    ("fault", "error", "remedy"),
    [
        (Fault(404, "no model tiny"), AgentUnavailableError, "check url and model"),
        (Fault(429, "no money", code="insufficient_quota"), AgentUnavailableError, "no credit"),
        (Fault(400, "too long", code="context_length_exceeded"), ContextLengthError, None),
        (Fault(400, "the request exceeds the available context size"), ContextLengthError, None),
        (Fault(400, "bad temperature"), AgentCallError, None),
    ],
)
def test_errors_that_last_are_told_apart_and_not_repeated(conversation, fault, error, remedy):
    with OpenAIServer([fault]) as server, pytest.raises(error) as caught:
        OpenAICompatibleAgent("tiny", url=server.v1).complete(conversation)
    assert len(server.calls) == 1
    assert remedy is None or remedy in str(caught.value)


def test_keys_come_from_the_environment_and_stay_out_of_messages(conversation, monkeypatch):
    with OpenAIServer(key="right-key") as server:
        missing = OpenAICompatibleAgent("tiny", url=server.v1, key_env="MY_KEY")
        assert missing.is_available().why_not == "the environment has no MY_KEY"
        monkeypatch.setenv("MY_KEY", "wrong-key-value")
        wrong = OpenAICompatibleAgent("tiny", url=server.v1, key_env="MY_KEY")
        assert "401" in wrong.is_available().why_not
        assert "wrong-key-value" not in wrong.is_available().why_not
        with pytest.raises(AgentUnavailableError) as caught:
            wrong.complete(conversation)
        assert "wrong-key-value" not in str(caught.value)
        monkeypatch.setenv("MY_KEY", "right-key")
        right = OpenAICompatibleAgent("tiny", url=server.v1, key_env="MY_KEY")
        assert right.complete(conversation).text == "fine"
        assert "right-key" not in repr(vars(right.complete(conversation)))


def test_availability(closed_port):
    away = OpenAICompatibleAgent("tiny", url=f"http://127.0.0.1:{closed_port}/v1").is_available()
    assert not away.ok
    assert "llama-server" in away.remedy
    with OpenAIServer() as server:
        assert OpenAICompatibleAgent("tiny", url=server.v1).is_available().ok
        assert OpenAICompatibleAgent(url=server.v1).is_available().ok
    with OpenAIServer(models=()) as server:
        assert not OpenAICompatibleAgent(url=server.v1).is_available().ok


def test_nobody_there(conversation, closed_port):
    with pytest.raises(AgentUnavailableError, match="cannot be reached"):
        OpenAICompatibleAgent("tiny", url=f"http://127.0.0.1:{closed_port}/v1").complete(conversation)


def test_openais_own_models_have_a_price():
    agent = OpenAICompatibleAgent("gpt-4o-mini", url="https://api.openai.com/v1")
    assert agent.price(1_000_000, 0) == Decimal("0.15")
    assert OpenAICompatibleAgent("unheard-of", url="https://api.openai.com/v1").price(10, 10) is None
    assert OpenAICompatibleAgent("x", url="https://example.org/v1").price(10, 10) is None
    assert OpenAICompatibleAgent("x", url="http://192.168.1.5:8000/v1").price(10, 10) == 0


def test_a_review(request_for_review):
    with OpenAIServer([Reply(GOOD)]) as server:
        reviewer = OpenAIReviewer("tiny", url=server.v1)
        review = reviewer.review(request_for_review)
    assert isinstance(reviewer, Reviewer)
    assert review is not None
    assert (review.score, review.verdict, review.model) == (9, "accept", "tiny")
    assert review.defects[0].place == "add.py:2"
    body = server.calls[0].body
    assert body["response_format"]["json_schema"]["schema"]["required"] == ["score", "verdict", "defects"]
    assert "def add(a, b)" in body["messages"][1]["content"]
    assert "3 of 3 passed" in body["messages"][1]["content"]


def test_a_server_without_schemas_reviews_all_the_same(request_for_review):
    with OpenAIServer([Reply(f"Here it is:\n```json\n{GOOD}\n```")], schemas=False) as server:
        reviewer = OpenAIReviewer("tiny", url=server.v1)
        first, second = reviewer.review(request_for_review), reviewer.review(request_for_review)
    assert first is not None and first.score == 9
    assert second is not None
    assert len(server.calls) == 2


def test_a_server_with_another_form_of_schema_is_asked_in_that(request_for_review):
    with OpenAIServer([Reply(GOOD)], schemas="json_object") as server:
        assert OpenAIReviewer("tiny", url=server.v1).review(request_for_review) is not None
    [call] = server.calls
    assert call.body["response_format"]["type"] == "json_object"
    assert "score" in call.body["response_format"]["schema"]["properties"]


def test_a_malformed_review_is_asked_for_once_more(request_for_review):
    with OpenAIServer([Reply("Looks good to me! 10/10", prompt_tokens=100, output_tokens=10), Reply(GOOD)]) as server:
        review = OpenAIReviewer("tiny", url=server.v1).review(request_for_review)
    assert review is not None
    assert review.usage.input_tokens > 100, "both were paid for"
    again = server.calls[1].body["messages"]
    assert again[-2]["content"] == "Looks good to me! 10/10"
    assert "not JSON" in again[-1]["content"]


def test_two_malformed_reviews_are_no_review(request_for_review):
    with (
        OpenAIServer([Reply('{"score": 11, "verdict": "accept", "defects": []}', prompt_tokens=100)]) as server,
        pytest.raises(AgentCallError, match="two malformed reviews") as caught,
    ):
        OpenAIReviewer("tiny", url=server.v1).review(request_for_review)
    assert len(server.calls) == 2
    assert caught.value.bought
    assert caught.value.usage.input_tokens == 200
