"""Speculation gives exactly what comes without it, in fewer passes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel_llm.backends import load_decoder
from pixel_llm.backends.base import Chunk
from pixel_llm.generate import SamplingParams, Session, generate, stream_text
from pixel_llm.generate.speculation import LONGEST, NGRAM, SHORTEST, WARY, Drafter
from pixel_llm.models import spec_from_config
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.tiny import CONFIGS
from pixel_llm.tests.generate.conftest import END, VOCAB, ScriptedDecoder, saying
from pixel_llm.tokenizer import Tokenizer

EOS = frozenset({END})


def looping(seed: int, *, tokens: int = 12, sharpness: float = 4.0) -> Any:
    """A script whose next token depends on the last two, few and peaked: such texts repeat themselves, with lapses."""
    table = np.random.default_rng(seed).normal(0, sharpness, (tokens, tokens, tokens + 1)).astype(np.float32)

    def script(held: list[int]) -> np.ndarray:
        logits = np.full(VOCAB, -30, np.float32)
        pair = table[held[-2] % tokens if len(held) > 1 else 0, held[-1] % tokens]
        logits[:tokens], logits[END] = pair[:-1], pair[-1] - 2 * sharpness
        return logits

    return script


def run(decoder: Any, prompt: Sequence[int], **options: Any) -> tuple[list[int], str, Session]:
    """The ids, why they ended, and the session."""
    session = Session(decoder)
    ids = session.generate(prompt, SamplingParams(**options), eos=EOS)
    out = []
    while True:
        try:
            out.append(next(ids))
        except StopIteration as end:
            return out, str(end.value), session


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    prompt=st.lists(st.integers(0, 11), min_size=1, max_size=30),
    context=st.integers(30, 200),
    options=st.fixed_dictionaries(
        {
            "temperature": st.sampled_from([0.0, 0.3, 1.0, 1.5]),
            "top_k": st.sampled_from([0, 3]),
            "top_p": st.sampled_from([1.0, 0.8]),
            "min_p": st.sampled_from([0.0, 0.05]),
            "repetition_penalty": st.sampled_from([1.0, 1.1, 0.8]),
            "seed": st.integers(0, 1000),
            "max_tokens": st.sampled_from([None, 1, 2, 7, 60]),
        }
    ),
)
def test_the_same_ids_end_and_cache(seed: int, prompt: list[int], context: int, options: dict[str, Any]) -> None:
    plain, speculating = (ScriptedDecoder(looping(seed), context_length=context) for _ in range(2))
    ids, reason, session = run(plain, prompt, speculate=False, **options)
    assert session.drafts.drafted == 0
    drafted_ids, drafted_reason, drafted = run(speculating, prompt, speculate=True, **options)
    assert (drafted_ids, drafted_reason) == (ids, reason)
    assert speculating.held == plain.held
    assert list(drafted.ids) == speculating.held[0]
    # Every accepted token is a pass that was saved.
    assert len(plain.passes) - len(speculating.passes) == drafted.drafts.accepted
    assert 0 <= drafted.drafts.accepted <= drafted.drafts.drafted
    assert max(map(len, speculating.passes[1:]), default=1) <= LONGEST + 1


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), taken=st.integers(0, 60), temperature=st.sampled_from([0.0, 0.5]))
def test_closing_at_any_point_is_consistent(seed: int, taken: int, temperature: float) -> None:
    decoder = ScriptedDecoder(looping(seed), context_length=150)
    session = Session(decoder)
    params = SamplingParams(temperature=temperature, seed=seed)
    prompt = [1, 2, 3, 1, 2, 3]
    ids = session.generate(prompt, params, eos=EOS)
    begin = [token for token, _ in zip(ids, range(taken), strict=False)]
    ids.close()
    assert list(session.ids) == decoder.held[0]
    whole = list(session.generate(prompt, params, eos=EOS))
    assert (
        whole == run(ScriptedDecoder(looping(seed), context_length=150), prompt, temperature=temperature, seed=seed)[0]
    )
    assert whole[: len(begin)] == begin


@pytest.mark.parametrize("architecture", ["llama", "gemma3", "qwen2-sliding"])
def test_the_same_ids_from_a_real_decoder(architecture: str) -> None:
    spec = spec_from_config(CONFIGS[architecture])
    decoder = load_decoder(memory_model(spec, seed=3), backend="reference", context_length=128)
    accepted = 0
    prompt = [5, 6, 7, 8] * 6 + [5, 6]
    for seed in range(8):
        for options in ({}, {"temperature": 0.7, "top_p": 0.9}, {"temperature": 0.05, "repetition_penalty": 0.7}):
            plain = run(decoder, prompt, seed=seed, max_tokens=40, speculate=False, **options)
            filled = decoder.length(0)
            found = run(decoder, prompt, seed=seed, max_tokens=40, speculate=True, **options)
            assert (found[:2], decoder.length(0)) == (plain[:2], filled)
            accepted += found[2].drafts.accepted
    assert accepted > 0
    decoder.close()


def test_sampling_keeps_the_distribution() -> None:
    # After 1, 2, 3 the text went on with 4, so 4 is drafted; the model takes it in three of ten cases.
    logits = np.full(VOCAB, -40, np.float32)
    logits[[4, 5, 6]] = np.log([0.3, 0.5, 0.2])
    decoder = ScriptedDecoder(lambda held: logits if held[-3:] == [1, 2, 3] else (held[-1] + 1) % 8, context_length=64)
    counts = np.zeros(VOCAB)
    drafted = 0
    for seed in range(1500):
        # After the first token, 3, 4, 0 is drafted.
        options = {"temperature": 1.0, "min_p": 0.05, "seed": seed, "max_tokens": 8}
        ids, _, session = run(decoder, [1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1], **options)
        assert ids[:2] == [2, 3]
        counts[ids[2]] += 1
        drafted += session.drafts.drafted > 0
    assert drafted == 1500
    assert np.abs(counts[[4, 5, 6]] / 1500 - [0.3, 0.5, 0.2]).max() < 0.04


def test_repeating_text_takes_few_passes(byte_tokenizer: Tokenizer) -> None:
    answer = b"to be or not; " * 30
    decoder = saying(answer, after=2, context_length=1000)
    result = generate(decoder, byte_tokenizer, [1, 2], SamplingParams())
    assert result.text == answer.decode() and result.finish_reason == "eos"
    assert len(decoder.passes) == 1 + len(answer) - result.drafts.accepted < 40


@pytest.mark.parametrize("stop", ["be; to be or", "b", "or not", "zzz"])
def test_stop_strings(byte_tokenizer: Tokenizer, stop: str) -> None:
    found = []
    for speculate in (False, True):
        decoder = saying(b"to be or not to be; " * 4, after=2, context_length=200)
        session = Session(decoder)
        params = SamplingParams(stop=(stop,), speculate=speculate)
        events = list(stream_text(session, byte_tokenizer, [1, 2], params))
        found.append([(event.text, event.token, event.finish_reason) for event in events])
        assert events[-1].drafts is not None and (events[-1].drafts.drafted > 0) <= speculate
        assert list(session.ids) == decoder.held[0]
    assert found[0] == found[1]


def test_an_error_in_a_checking_pass_leaves_nothing_trusted() -> None:
    decoder = ScriptedDecoder(lambda held: (held[-1] + 1) % 5, context_length=100)
    session = Session(decoder)
    ids = session.generate([0, 1, 2, 3, 4] * 3, SamplingParams(), eos=EOS)
    assert [next(ids) for _ in range(5)] == [0, 1, 2, 3, 4]
    right = decoder.forward

    def failing(chunks: Sequence[Chunk]) -> list[np.ndarray]:
        right(chunks)
        raise KeyboardInterrupt

    decoder.forward = failing  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        list(ids)
    decoder.forward = right  # type: ignore[method-assign]
    assert run(decoder, [0, 1, 2, 3, 4] * 3, max_tokens=7)[0] == [0, 1, 2, 3, 4, 0, 1]
    assert session.ids == ()


def drafter(*ids: int) -> Drafter:
    return Drafter(ids, EOS)


def test_the_latest_occurrence_is_drafted() -> None:
    assert drafter(1, 2, 3, 4, 1, 2, 3, 5, 6, 1, 2, 3).draft(9) == [5, 6, 1]
    assert drafter(1, 2, 3, 4, 1, 2, 3).draft(2) == [4, 1]
    assert drafter(1, 2, 3, 4, 1, 2, 3).draft(0) == []
    # A text in circles goes on in circles, also past its own end.
    assert drafter(7, 7, 7, 7).draft(9) == [7, 7, 7]


def test_without_an_earlier_occurrence_nothing_is_drafted() -> None:
    for ids in ([1], [1, 2], [1, 1], [1, 2, 3], [1, 2, 3, 4, 5, 9, 4, 5]):
        assert drafter(*ids).draft(9) == []


def test_an_end_token_is_never_drafted() -> None:
    assert drafter(1, 2, 3, 4, END, 5, 1, 2, 3).draft(9) == [4]
    assert drafter(1, 2, 3, END, 5, 1, 2, 3).draft(9) == []


def test_appending_is_the_same_as_beginning_with_it() -> None:
    ids = np.random.default_rng(2).integers(0, 3, 400).tolist()
    grown = drafter(ids[0])
    for count in range(1, len(ids)):
        assert grown.draft(9) == drafter(*ids[:count]).draft(9)
        grown.append(ids[count])


def test_drafts_grow_with_success_and_shrink_with_failure() -> None:
    made = drafter(*[7] * 100)
    for length in (SHORTEST, 7, 15, LONGEST, LONGEST):
        assert len(made.draft(99)) == length
        made.judge(length, length)
    made.judge(LONGEST, LONGEST // 2 + 1)
    assert len(made.draft(99)) == LONGEST
    made.judge(LONGEST, 2)
    assert len(made.draft(99)) == LONGEST // 2


def test_failures_ask_for_a_longer_agreement() -> None:
    random = np.random.default_rng(3)
    text = random.integers(100, VOCAB - 20, 40).tolist()
    for failures, needed in [(0, NGRAM), (1, 2 * NGRAM), (2, WARY), (5, WARY)]:
        for agreeing in range(NGRAM, WARY + 2):
            made = drafter(*text[:30], 0, *text[20 - agreeing : 20])
            for _ in range(failures):
                made.judge(SHORTEST, 0)
            assert (made.draft(9) == text[20:23]) == (agreeing >= needed), (failures, agreeing)
            made.judge(SHORTEST, SHORTEST)
            assert bool(made.draft(9)) == (agreeing >= max(needed // 2, NGRAM))


def test_text_that_does_not_repeat_is_left_alone() -> None:
    random = np.random.default_rng(4)
    table = random.integers(0, 40, 2000)
    decoder = ScriptedDecoder(lambda held: int(table[len(held) % 2000]), context_length=2000)
    ids, _, session = run(decoder, [1], max_tokens=1500)
    # 40 tokens in a random order: three agree by chance now and then, twelve never.
    assert ids == [int(table[i % 2000]) for i in range(1, 1501)]
    assert 0 < session.drafts.drafted <= 30
