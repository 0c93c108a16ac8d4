"""The agent for Ollama, over its protocol."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
import stamina

from pixel_llm.coach.agents.base import AgentCallError, AgentUnavailableError, Writer
from pixel_llm.coach.agents.ollama import OllamaAgent
from pixel_llm.coach.types import Message
from pixel_llm.errors import ContextLengthError
from pixel_llm.tests.coach.servers import Cut, Fault, Garbage, OllamaServer, Reply, Silence


def test_an_answer(conversation):
    with OllamaServer([Reply("def add(a, b): return a + b")]) as server:
        agent = OllamaAgent("tiny", url=server.url)
        pieces: list[str] = []
        answer = agent.complete(conversation, max_tokens=100, temperature=0.5, seed=7, on_text=pieces.append)
    assert isinstance(agent, Writer)
    assert answer.text == "".join(pieces) == "def add(a, b): return a + b"
    assert len(pieces) > 1
    assert answer.finish_reason == "stop"
    assert answer.model == "tiny"
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (45, 7)
    assert (answer.usage.cost_usd, answer.usage.priced_by) == (Decimal(0), "local")
    assert answer.endpoint == f"{server.url}/api/chat"
    body = server.calls[0].body
    assert body["options"] == {"num_ctx": 2048, "num_predict": 100, "temperature": 0.5, "seed": 7}
    assert body["messages"] == [m.model_dump() for m in conversation]


def test_the_context_grows_with_the_prompt():
    with OllamaServer() as server:
        agent = OllamaAgent("tiny", url=server.url)
        agent.complete([Message(role="user", content="word " * 8000)], max_tokens=1000)
        asked = server.calls[0].body["options"]["num_ctx"]
    assert asked >= 40_000 / 4 + 1000
    assert asked % 2048 == 0
    assert len(server.calls) == 1


def test_a_prompt_that_was_cut_is_sent_again_with_more_room():
    """A text of which each character is a token does not fit where four are thought to be one."""
    with OllamaServer(characters_a_token=0.5, context_length=100_000) as server:
        agent = OllamaAgent("tiny", url=server.url)
        answer = agent.complete([Message(role="user", content="数" * 4000)], max_tokens=500)
        contexts = [call.body["options"]["num_ctx"] for call in server.calls]
    assert len(contexts) == 2
    assert contexts[-1] >= answer.usage.input_tokens + 500
    assert answer.usage.input_tokens == 8000


def test_turns_that_were_dropped_are_missed():
    turns = [Message(role="user", content="x" * 9000), Message(role="assistant", content="y" * 9000)]
    with OllamaServer(characters_a_token=1.0, context_length=100_000) as server:
        agent = OllamaAgent("tiny", url=server.url)
        answer = agent.complete([*turns, Message(role="user", content="and now?" * 10)], max_tokens=500)
    assert answer.usage.input_tokens == 18080
    assert len(server.calls) == 2


def test_a_prompt_that_stays_cut_is_an_error_not_an_answer():
    """The server says that it holds enough and drops nearly everything all the same."""
    with OllamaServer([Reply("nonsense", prompt_tokens=20)]) as server:
        agent = OllamaAgent("tiny", url=server.url)
        with pytest.raises(ContextLengthError, match="saw 20 tokens"):
            agent.complete([Message(role="user", content="word " * 8000)])
    assert len(server.calls) <= 3


def test_a_prompt_longer_than_the_model_holds_is_not_sent():
    with OllamaServer(context_length=2048) as server:
        agent = OllamaAgent("tiny", url=server.url)
        with pytest.raises(ContextLengthError, match="holds 2048 tokens"):
            agent.complete([Message(role="user", content="word " * 8000)])
    assert not server.calls


def test_a_server_that_does_not_count_is_believed():
    with OllamaServer([Reply("fine", usage=False)]) as server:
        answer = OllamaAgent("tiny", url=server.url).complete([Message(role="user", content="word " * 800)])
    assert (answer.text, answer.usage.input_tokens) == ("fine", 0)


def test_an_answer_cut_off_at_max_tokens_says_so(conversation):
    with OllamaServer([Reply("one two three four five six")]) as server:
        answer = OllamaAgent("tiny", url=server.url).complete(conversation, max_tokens=3)
    assert (answer.text, answer.finish_reason) == ("one two three", "length")


@pytest.mark.parametrize("fault", [Fault(503, "busy"), Fault(429), Cut("def add"), Garbage(), Garbage(b"")])
def test_what_fails_once_is_asked_for_again(conversation, fault):
    with OllamaServer([fault, Reply("def add(): pass")]) as server:
        answer = OllamaAgent("tiny", url=server.url).complete(conversation)
    assert answer.text == "def add(): pass"
    assert len(server.calls) == 2


@pytest.mark.parametrize("fault", [Fault(500, "out of memory"), Cut("def add(a, b):"), Garbage()])
def test_what_fails_for_good_is_an_error_after_four_tries(conversation, fault):
    with OllamaServer([fault]) as server, pytest.raises(AgentCallError) as caught:
        OllamaAgent("tiny", url=server.url).complete(conversation)
    assert len(server.calls) == 4
    if isinstance(fault, Fault):
        assert "out of memory" in str(caught.value)
        assert caught.value.status == 500


def test_a_mistake_of_ours_is_not_repeated(conversation):
    with OllamaServer([Fault(400, "bad option")]) as server, pytest.raises(AgentCallError, match="bad option"):
        OllamaAgent("tiny", url=server.url).complete(conversation)
    assert len(server.calls) == 1


def test_a_pause_that_the_server_asks_for_is_kept(conversation):
    with (
        OllamaServer([Fault(429, "slowly", {"Retry-After": "1"}), Reply("fine")]) as server,
        stamina.set_testing(False),
    ):
        agent = OllamaAgent("tiny", url=server.url)
        agent._limit()
        started = time.monotonic()
        assert agent.complete(conversation).text == "fine"
    assert time.monotonic() - started >= 1.0


def test_a_pause_longer_than_our_time_is_not_waited_for(conversation):
    with (
        OllamaServer([Fault(429, "slowly", {"Retry-After": "3600"})]) as server,
        stamina.set_testing(False),
        pytest.raises(AgentCallError, match="slowly"),
    ):
        OllamaAgent("tiny", url=server.url, seconds=5).complete(conversation)
    assert len(server.calls) == 1


def test_silence_ends_in_time(conversation):
    with OllamaServer([Silence(30)]) as server:
        started = time.monotonic()
        with pytest.raises(AgentCallError, match=r"no answer within 0\.3 s") as caught:
            OllamaAgent("tiny", url=server.url, seconds=0.3).complete(conversation)
    assert time.monotonic() - started < 15
    assert caught.value.bought


def test_endless_output_is_cut_off(conversation):
    with OllamaServer([Reply(" ".join(["x" * 1000] * 400))]) as server:
        # The server is asked for three tokens; these are large ones.
        server.pieces = lambda body, reply: OllamaServer.pieces(  # type: ignore[method-assign]
            server, {**body, "options": {"num_ctx": 1 << 20}}, reply
        )
        answer = OllamaAgent("tiny", url=server.url).complete(conversation, max_tokens=3)
    assert answer.finish_reason == "length"
    assert len(answer.text) == 3 * 64


def test_availability(closed_port):
    away = OllamaAgent("tiny", url=f"http://127.0.0.1:{closed_port}")
    assert not away.is_available().ok
    assert "ollama serve" in away.is_available().remedy
    with OllamaServer(models=("tiny:latest", "large:7b")) as server:
        assert OllamaAgent("tiny", url=server.url).is_available().ok
        assert OllamaAgent("large:7b", url=server.url).is_available().ok
        assert OllamaAgent(url=server.url).is_available().ok
        assert OllamaAgent(url=server.url).model == "tiny:latest"
        missing = OllamaAgent("huge", url=server.url).is_available()
        assert (missing.ok, missing.remedy) == (False, "ollama pull huge")
        with pytest.raises(AgentUnavailableError) as caught:
            OllamaAgent("huge", url=server.url).complete([Message(role="user", content="x")])
        assert caught.value.remedy == "ollama pull huge"
    with OllamaServer(models=()) as server:
        assert "ollama pull" in OllamaAgent(url=server.url).is_available().remedy


def test_nobody_there(conversation, closed_port):
    """Nobody is to blame but who should have started the server: no attempt at a task is used up by it."""
    agent = OllamaAgent("tiny", url=f"http://127.0.0.1:{closed_port}")
    with pytest.raises(AgentUnavailableError, match=r"cannot be reached.*ollama serve"):
        agent.complete(conversation)


def test_a_server_that_comes_back_is_waited_for(conversation, monkeypatch):
    with OllamaServer() as server:
        agent = OllamaAgent("tiny", url=server.url)
        real, calls = agent._client.chat, []

        def chat(*args, **kwargs):
            calls.append(kwargs)
            if len(calls) < 3:
                raise ConnectionError
            return real(*args, **kwargs)

        monkeypatch.setattr(agent._client, "chat", chat)
        assert agent.complete(conversation).text == "fine"
    assert len(calls) == 3
