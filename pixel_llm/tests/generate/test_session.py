"""Generation in a slot: stopping, context, KV reuse, interruption."""

from __future__ import annotations

import numpy as np
import pytest

from pixel_llm.errors import BackendError, ContextLengthError, InvalidArgumentError
from pixel_llm.generate import FinishReason, SamplingParams, Session, generate, generate_ids, score, stream_text
from pixel_llm.generate.session import PREFILL_CHUNK
from pixel_llm.generate.text import StopFinder
from pixel_llm.tests.generate.conftest import END, VOCAB, ScriptedDecoder, saying
from pixel_llm.tokenizer import Tokenizer

EOS = frozenset({END})
GREEDY = SamplingParams()


def _counting(held: list[int]) -> int:
    return (held[-1] + 1) % 256


def test_ids_until_the_end_token() -> None:
    decoder = saying(b"abc", after=2)
    assert bytes(generate_ids(decoder, [1, 2], GREEDY, eos=EOS)) == b"abc"
    # The last token's own keys and values are needed to see the end; nothing more is run.
    assert decoder.passes == [[1, 2], [97], [98], [99]]


def test_max_tokens_costs_no_extra_pass() -> None:
    decoder = saying(b"abcdef", after=1)
    params = SamplingParams(max_tokens=2)
    assert bytes(generate_ids(decoder, [1], params, eos=EOS)) == b"ab"
    assert decoder.passes == [[1], [97]]


def test_context_end(byte_tokenizer: Tokenizer) -> None:
    decoder = ScriptedDecoder(_counting, context_length=5)
    result = generate(decoder, byte_tokenizer, [64, 65, 66], GREEDY)
    assert result.text == "CDE"
    assert result.finish_reason is FinishReason.CONTEXT
    assert decoder.length(0) == 5


def test_prompt_as_long_as_the_context_gives_one_token() -> None:
    decoder = ScriptedDecoder(_counting, context_length=2)
    assert list(generate_ids(decoder, [64, 65], GREEDY, eos=EOS)) == [66]


def test_prompt_longer_than_the_context() -> None:
    decoder = ScriptedDecoder(_counting, context_length=4)
    with pytest.raises(ContextLengthError, match=r"5 tokens .* 4 .*context length"):
        generate_ids(decoder, [1] * 5, GREEDY, eos=EOS)
    with pytest.raises(ContextLengthError):
        score(decoder, [1] * 5)
    assert decoder.passes == []


def test_empty_prompt_and_wrong_slot() -> None:
    decoder = ScriptedDecoder(_counting)
    with pytest.raises(InvalidArgumentError):
        generate_ids(decoder, [], GREEDY, eos=EOS)
    with pytest.raises(InvalidArgumentError):
        Session(decoder, 1)
    with pytest.raises(InvalidArgumentError):
        score(decoder, [])


def test_long_prompts_run_in_chunks() -> None:
    decoder = ScriptedDecoder(_counting, context_length=2000)
    Session(decoder).prefill([1] * (2 * PREFILL_CHUNK + 10))
    assert [len(ids) for ids in decoder.passes] == [PREFILL_CHUNK, PREFILL_CHUNK, 10]


def test_progress_of_a_prompt_in_several_passes() -> None:
    session = Session(ScriptedDecoder(_counting, context_length=2000))
    seen: list[tuple[int, int]] = []
    session.prefill([1] * PREFILL_CHUNK, progress=lambda *step: seen.append(step))
    assert seen == []  # one pass
    total = PREFILL_CHUNK + 10  # what the slot holds already is not run, but for the last position
    session.prefill([1] * (PREFILL_CHUNK - 1) + [2] * total, progress=lambda *step: seen.append(step))
    assert seen == [(0, total), (PREFILL_CHUNK, total), (total, total)]


@pytest.mark.parametrize("at", [0, PREFILL_CHUNK, 2 * PREFILL_CHUNK, 2 * PREFILL_CHUNK + 10])
def test_progress_may_end_a_prefill(at: int) -> None:
    """The slot holds what was run, and the next text comes out as ever."""

    class EnoughError(Exception):
        pass

    def progress(done: int, total: int) -> None:
        if done == at:
            raise EnoughError

    decoder = ScriptedDecoder(_counting, context_length=2000)
    session = Session(decoder)
    prompt = list(range(1, 200)) * 3
    prompt = prompt[: 2 * PREFILL_CHUNK + 10]
    with pytest.raises(EnoughError):
        list(session.generate(prompt, GREEDY, eos=EOS, progress=progress))
    assert list(session.ids) == decoder.held[0] == prompt[:at]
    decoder.passes.clear()
    other = [*prompt[:100], 7]
    assert list(session.generate(other, SamplingParams(max_tokens=2), eos=EOS, progress=progress)) == [8, 9]
    assert decoder.passes[0] == (other[100:] if at else other)


def test_a_shared_prefix_is_not_run_again() -> None:
    decoder = ScriptedDecoder(_counting)
    session = Session(decoder)
    list(session.generate([1, 2, 3], SamplingParams(max_tokens=2), eos=EOS))
    assert session.ids == (1, 2, 3, 4)
    decoder.passes.clear()
    list(session.generate([1, 2, 3, 4, 5, 9], SamplingParams(max_tokens=1), eos=EOS))
    assert decoder.passes == [[5, 9]]
    decoder.passes.clear()
    list(session.generate([1, 2, 7], SamplingParams(max_tokens=1), eos=EOS))
    assert decoder.passes == [[7]]
    decoder.passes.clear()
    # The same prompt: its last position gives the logits.
    logits = session.prefill([1, 2, 7])
    assert decoder.passes == [[7]]
    assert logits.argmax() == 8
    assert decoder.held[0] == [1, 2, 7]


def test_a_slot_that_somebody_else_used_is_not_trusted() -> None:
    decoder = ScriptedDecoder(_counting)
    session = Session(decoder)
    session.prefill([1, 2, 3])
    decoder.truncate(0, 1)
    decoder.passes.clear()
    session.prefill([1, 2, 3, 4])
    assert decoder.passes == [[1, 2, 3, 4]]


def test_closing_at_any_point_is_consistent() -> None:
    for taken in range(5):
        decoder = ScriptedDecoder(_counting)
        session = Session(decoder)
        ids = session.generate([1, 2, 3], GREEDY, eos=EOS)
        for _ in range(taken):
            next(ids)
        ids.close()
        assert list(session.ids) == decoder.held[0]
        after = session.generate([1, 2, 3], SamplingParams(max_tokens=4), eos=EOS)
        assert list(after) == [4, 5, 6, 7]


def test_a_pass_that_fails_leaves_nothing_trusted() -> None:
    decoder = ScriptedDecoder(_counting)
    session = Session(decoder)
    session.prefill([1, 2])

    def failing(held: list[int]) -> int:
        raise KeyboardInterrupt

    decoder.script = failing
    with pytest.raises(KeyboardInterrupt):
        session.prefill([1, 2, 3, 4])
    decoder.script = _counting
    decoder.passes.clear()
    assert session.prefill([1, 2, 3, 4]).argmax() == 5
    assert decoder.held[0] == [1, 2, 3, 4]
    assert decoder.passes == [[1, 2, 3, 4]]


def test_slots_are_apart() -> None:
    decoder = ScriptedDecoder(_counting, slots=2)
    assert list(generate_ids(decoder, [5], SamplingParams(max_tokens=2), eos=EOS, slot=1)) == [6, 7]
    assert decoder.held[0] == []


def test_bad_logits_are_an_error_and_not_a_token() -> None:
    decoder = ScriptedDecoder(lambda held: np.full(VOCAB, np.nan, np.float32))
    with pytest.raises(BackendError):
        list(generate_ids(decoder, [1], GREEDY, eos=EOS))
    with pytest.raises(BackendError):
        score(decoder, [1, 2])
    assert decoder.held[0] == []


@pytest.mark.parametrize(
    ("answer", "stop", "text", "reason"),
    [
        ("hello world", ("o w",), "hell", "stop"),
        ("hello", ("xyz",), "hello", "eos"),
        ("hello", ("llox",), "hello", "eos"),
        ("aaab", ("aab",), "a", "stop"),
        ("STOP", ("STOP",), "", "stop"),
        ("one\n\nUser: two", ("\nUser:", "\n\n\n"), "one\n", "stop"),
        ("abcd", ("bcd", "c"), "ab", "stop"),
        ("abcabcabd", ("abcabd",), "abc", "stop"),
        ("héé漢😀 end", ("漢😀",), "héé", "stop"),
        ("ab", ("b", "ab"), "", "stop"),
    ],
)
def test_stop_strings_across_tokens(
    byte_tokenizer: Tokenizer, answer: str, stop: tuple[str, ...], text: str, reason: str
) -> None:
    decoder = saying(answer.encode(), after=1)
    events = list(stream_text(decoder, byte_tokenizer, [1], SamplingParams(stop=stop)))
    assert "".join(event.text for event in events) == text
    assert events[-1].finish_reason == reason
    assert [event.finish_reason for event in events[:-1]] == [None] * (len(events) - 1)
    assert all(event.token is not None for event in events[:-1])


def test_stop_does_not_depend_on_how_text_is_cut() -> None:
    text, stop = "xxabcabxabcdabc", ("abcd", "xabx", "bxa")
    for size in range(1, len(text) + 1):
        finder = StopFinder(stop)
        out = []
        for start in range(0, len(text), size):
            piece, stopped = finder.push(text[start : start + size])
            out.append(piece)
            if stopped:
                break
        assert "".join(out) == "xxabca"


def test_text_that_might_be_a_stop_is_held_back(byte_tokenizer: Tokenizer) -> None:
    decoder = saying(b"abXYc", after=1)
    events = stream_text(decoder, byte_tokenizer, [1], SamplingParams(stop=("XYZ",)))
    assert [event.text for event in events] == ["a", "b", "", "", "XYc", ""]


def test_characters_are_never_split(byte_tokenizer: Tokenizer) -> None:
    text = "é漢😀"
    decoder = saying(text.encode() + b"\xf0\x9f", after=1)
    events = list(stream_text(decoder, byte_tokenizer, [1], GREEDY))
    assert [event.text for event in events if event.text] == ["é", "漢", "😀", "\ufffd"]


def test_result(byte_tokenizer: Tokenizer) -> None:
    result = generate(saying(b"hey!", after=3), byte_tokenizer, [1, 2, 3], SamplingParams(stop=("y!",)))
    assert (result.text, result.ids, result.prompt_tokens) == ("he", tuple(b"hey!"), 3)
    assert result.finish_reason is FinishReason.STOP
    result = generate(saying(b"hey!", after=3), byte_tokenizer, [1, 2, 3], SamplingParams(max_tokens=1))
    assert (result.text, result.finish_reason) == ("h", "length")


def test_closing_the_text_stream_closes_the_generation(byte_tokenizer: Tokenizer) -> None:
    session = Session(ScriptedDecoder(_counting))
    events = stream_text(session, byte_tokenizer, [64], GREEDY)
    assert next(events).text == "A"
    assert next(events).text == "B"
    events.close()  # type: ignore[attr-defined]
    assert session.ids == (64, 65)


def test_score_is_exact_and_in_chunks() -> None:
    random = np.random.default_rng(1)
    table = random.normal(0, 3, (VOCAB, VOCAB)).astype(np.float32)
    decoder = ScriptedDecoder(lambda held: table[held[-1]], context_length=400)
    ids = random.integers(0, VOCAB, 300).tolist()
    steps: list[tuple[int, int]] = []
    found = score(decoder, ids, progress=lambda done, total: steps.append((done, total)))
    rows = table[ids].astype(np.float64)
    logprobs = rows - np.logaddexp.reduce(rows, axis=1, keepdims=True)
    assert np.allclose(found.logprobs, logprobs[np.arange(299), ids[1:]], atol=1e-12)
    assert (found.argmax == rows.argmax(1)).all()
    assert found.logprobs.dtype == np.float64
    assert found.perplexity == pytest.approx(float(np.exp(-found.logprobs.mean())))
    assert max(len(chunk) for chunk in decoder.passes) <= 128
    assert steps[-1] == (300, 300)
    assert decoder.length(0) == 0


def test_score_of_one_token() -> None:
    found = score(ScriptedDecoder(_counting), [5])
    assert len(found.logprobs) == 0
    assert found.argmax.tolist() == [6]
    with pytest.raises(InvalidArgumentError):
        _ = found.perplexity
