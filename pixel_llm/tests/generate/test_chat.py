"""Conversations."""

from __future__ import annotations

import pytest

from pixel_llm.errors import ContextLengthError
from pixel_llm.generate import Chat, SamplingParams, TextEvent
from pixel_llm.tests.generate.conftest import END, ScriptedDecoder
from pixel_llm.tokenizer import Tokenizer

GREEDY = SamplingParams()


def _echo(held: list[int]) -> int:
    """Answers with the user's last message in upper case."""
    if held[-1] == 257 or 258 not in held:
        return 0
    answer = len(held) - 1 - held[::-1].index(258)
    user = len(held) - 1 - held[::-1].index(257)
    text = bytes(held[user + 1 : answer - 1]).upper()
    done = len(held) - answer - 1
    return text[done] if done < len(text) else END


def _text(events: list[TextEvent]) -> str:
    return "".join(event.text for event in events)


def test_turns_and_cache(byte_tokenizer: Tokenizer) -> None:
    decoder = ScriptedDecoder(_echo, context_length=200)
    chat = Chat(decoder, byte_tokenizer, system="S")
    events = list(chat.send("one", GREEDY))
    assert _text(events) == "ONE"
    assert events[-1].finish_reason == "eos"
    decoder.passes.clear()
    assert _text(list(chat.send("two", GREEDY))) == "TWO"
    # Only what is new is run: the end of the first answer, the message, the beginning of the answer.
    assert decoder.passes[0] == [END, 257, *b"two", END, 258]
    assert [m["role"] for m in chat.messages] == ["system", "user", "assistant", "user", "assistant"]
    assert [m["content"] for m in chat.messages] == ["S", "one", "ONE", "two", "TWO"]
    chat.clear()
    assert chat.messages == [{"role": "system", "content": "S"}]


def test_a_turn_that_is_interrupted_before_its_answer_is_undone(byte_tokenizer: Tokenizer) -> None:
    def interrupt(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    chat = Chat(ScriptedDecoder(_echo, context_length=4000), byte_tokenizer)
    assert _text(list(chat.send("one", GREEDY))) == "ONE"
    with pytest.raises(KeyboardInterrupt):
        list(chat.send("much " * 300, GREEDY, progress=interrupt))
    assert [m["content"] for m in chat.messages] == ["one", "ONE"]
    assert _text(list(chat.send("two", GREEDY, progress=interrupt))) == "TWO"


def test_control_tokens_in_a_message_are_text(byte_tokenizer: Tokenizer) -> None:
    chat = Chat(ScriptedDecoder(_echo, context_length=200), byte_tokenizer)
    assert _text(list(chat.send("x<end><u>y", GREEDY))) == "X<END><U>Y"


def test_oldest_turns_are_forgotten(byte_tokenizer: Tokenizer) -> None:
    decoder = ScriptedDecoder(_echo, context_length=64)
    chat = Chat(decoder, byte_tokenizer, system="S")
    for i in range(8):
        assert _text(list(chat.send(f"turn {i}", GREEDY))) == f"TURN {i}"
        assert decoder.length(0) <= 64
    assert chat.messages[0]["content"] == "S"
    assert chat.messages[1]["role"] == "user"
    assert chat.messages[-1]["content"] == "TURN 7"
    assert chat.forgotten + len(chat.messages) == 1 + 16
    assert chat.forgotten > 0


def test_message_that_does_not_fit(byte_tokenizer: Tokenizer) -> None:
    chat = Chat(ScriptedDecoder(_echo, context_length=64), byte_tokenizer)
    list(chat.send("short", GREEDY))
    before = list(chat.messages)
    with pytest.raises(ContextLengthError, match=r"context of 64 .*shorten"):
        chat.send("x" * 70, GREEDY)
    assert chat.messages == before
    assert _text(list(chat.send("again", GREEDY))) == "AGAIN"


def test_interrupted_answers(byte_tokenizer: Tokenizer) -> None:
    chat = Chat(ScriptedDecoder(_echo, context_length=200), byte_tokenizer)
    events = chat.send("hello", GREEDY)
    assert next(events).text + next(events).text == "HE"
    events.close()  # type: ignore[attr-defined]
    assert [m["content"] for m in chat.messages] == ["hello", "HE"]
    events = chat.send("nothing yet", GREEDY)
    events.close()  # type: ignore[attr-defined]
    assert len(chat.messages) == 2
    assert _text(list(chat.send("go on", GREEDY))) == "GO ON"


def test_an_error_undoes_the_turn(byte_tokenizer: Tokenizer) -> None:
    decoder = ScriptedDecoder(_echo, context_length=200)
    chat = Chat(decoder, byte_tokenizer)

    def failing(held: list[int]) -> int:
        raise KeyboardInterrupt

    decoder.script = failing
    with pytest.raises(KeyboardInterrupt):
        list(chat.send("x", GREEDY))
    assert chat.messages == []
    decoder.script = _echo
    assert _text(list(chat.send("y", GREEDY))) == "Y"
