"""Decoding ahead: what comes out, what the slot holds meanwhile, and who may come in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from pixel_llm.backends.base import Choice, Chunk
from pixel_llm.backends.gpu.choices import choice_numbers
from pixel_llm.backends.gpu.decoder import GpuDecoder
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.tuning import tuning_for
from pixel_llm.errors import BackendError, ContextLengthError, InvalidArgumentError
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.generate import FinishReason, SamplingParams, Session
from pixel_llm.generate.sampler import Sampler
from pixel_llm.testing.memory_model import MemoryModel, memory_model
from pixel_llm.testing.specs import PLAIN, SPECS

PROMPT = np.array([3, 1, 4, 1, 5, 9, 2, 6], np.int64)
GREEDY = Choice()


@pytest.fixture(scope="module")
def decoder(gpu_device: GpuDevice) -> Iterator[GpuDecoder]:
    made = GpuDecoder(memory_model(PLAIN), PLAIN, context_length=96, slots=2, device=gpu_device)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _empty(decoder: GpuDecoder) -> None:
    for slot in range(decoder.slots):
        decoder.truncate(slot, 0)


def step_by_step(decoder: GpuDecoder, params: SamplingParams, count: int, slot: int = 0) -> list[int]:
    """`count` + 1 tokens through logits on the host."""
    sampler = Sampler(params, PROMPT.tolist())
    tokens = [sampler.sample(decoder.forward([Chunk(slot, PROMPT)])[0][0])]
    for _ in range(count):
        tokens.append(sampler.sample(decoder.forward([Chunk(slot, np.array(tokens[-1:]))])[0][0]))
    decoder.truncate(slot, 0)
    return tokens


@pytest.mark.parametrize(
    "params",
    [
        SamplingParams(),
        SamplingParams(temperature=2.0, top_k=20, top_p=0.95, min_p=0.01, seed=7),
        SamplingParams(repetition_penalty=1.5),
        SamplingParams(temperature=2.0, top_k=20, repetition_penalty=1.2, seed=8),
    ],
    ids=["greedy", "drawn", "greedy, penalised", "drawn, penalised"],
)
@pytest.mark.parametrize("count", [1, 5, 29])
def test_the_same_tokens_as_step_by_step(decoder: GpuDecoder, params: SamplingParams, count: int) -> None:
    expected = step_by_step(decoder, params, count)
    sampler = Sampler(params, PROMPT.tolist())
    first = sampler.sample(decoder.forward([Chunk(0, PROMPT)])[0][0])
    found = []
    for token in decoder.decode_ahead(0, first, sampler.choice(), count):
        found.append(token)
        assert decoder.length(0) == len(PROMPT) + len(found), "held: the first token and all but the latest"
    assert [first, *found] == expected


def test_what_was_computed_ahead_leaves_no_trace(decoder: GpuDecoder) -> None:
    expected = step_by_step(decoder, SamplingParams(), 12)
    decoder.forward([Chunk(0, PROMPT)])
    stream = decoder.decode_ahead(0, expected[0], GREEDY, 40)
    assert [next(stream) for _ in range(4)] == expected[1:5]
    stream.close()
    assert decoder.length(0) == len(PROMPT) + 4
    logits = decoder.forward([Chunk(0, np.array(expected[4:5]))])[0][0]
    assert int(logits.argmax()) == expected[5]


@pytest.fixture(scope="module")
def narrow(gpu_device: GpuDevice) -> Iterator[GpuDecoder]:
    """A context for a prompt of 300 tokens, and 6 more."""
    spec = replace(PLAIN, context_length=512)
    made = GpuDecoder(memory_model(spec), spec, context_length=306, device=gpu_device)
    yield made
    made.close()


@pytest.mark.parametrize(
    "params",
    [
        SamplingParams(),
        SamplingParams(temperature=2.0, top_k=20, seed=9),
        SamplingParams(temperature=2.0, repetition_penalty=1.5, seed=10),
    ],
    ids=["greedy", "drawn", "penalised"],
)
@pytest.mark.parametrize(("length", "most"), [(1, 1), (1, 7), (2, 7), (8, 1), (8, 7), (300, 7), (300, None), (306, 5)])
def test_the_first_token_is_chosen_on_the_device(
    narrow: GpuDecoder, params: SamplingParams, length: int, most: int | None
) -> None:
    """The token that a sampler on the host would take, with the same random numbers, and no logits are read."""
    prompt = np.random.default_rng(length).integers(0, PLAIN.vocab_size, length).tolist()
    full = most is None or length + most > 307
    count = 307 - length if full else most
    narrow.truncate(0, 0)
    sampler, given, expected = Sampler(params, prompt), prompt, []
    for _ in range(count):
        (rows,) = narrow.forward([Chunk(0, np.array(given))])
        expected.append(sampler.sample(rows[0]))
        given = expected[-1:]
    before = narrow.counters.copy()
    session = Session(narrow)
    stream = session.generate(prompt, replace(params, max_tokens=most), eos=frozenset())
    found = [next(stream) for _ in range(count)]
    with pytest.raises(StopIteration) as end:
        next(stream)
    assert end.value.value == (FinishReason.CONTEXT if full else FinishReason.LENGTH)
    assert found == expected
    assert narrow.counters.since(before).read_bytes == 4 * count
    assert session.ids == (*prompt, *expected[:-1]) and narrow.length(0) == length + count - 1
    # An end of the text at once: nothing comes, and the prompt is held.
    session = Session(narrow)
    assert list(session.generate(prompt, params, eos=frozenset(expected[:1]))) == []
    assert session.ids == tuple(prompt)
    # A prompt that is held already is not run again, but for its last token.
    before = narrow.counters.copy()
    assert list(session.generate(prompt, replace(params, max_tokens=1), eos=frozenset())) == expected[:1]
    spent = narrow.counters.since(before)
    assert (spent.submissions, spent.tokens) == (1, 1)


@pytest.mark.parametrize("temperature", [1e300, 1e40, 1e-40, 1e-300])
def test_temperatures_beyond_float32(decoder: GpuDecoder, temperature: float) -> None:
    """Without a warning, which would be an error here: all tokens alike, or the most likely."""
    params = SamplingParams(temperature=temperature, top_k=9, min_p=0.5, seed=3)
    assert np.isfinite(choice_numbers(Sampler(params).choice(), PLAIN.vocab_size)[:3]).all()
    expected = step_by_step(decoder, params, 7)
    tokens = Session(decoder).generate(PROMPT.tolist(), replace(params, max_tokens=8), eos=frozenset())
    assert list(tokens) == expected


@pytest.mark.parametrize("penalty", [1.0, 1.5])
def test_two_texts_take_turns(decoder: GpuDecoder, penalty: float) -> None:
    """Streams of two slots: each gives the other's state up and finds its own again."""
    params = SamplingParams(repetition_penalty=penalty)
    expected = step_by_step(decoder, params, 20)
    streams = []
    for slot in (0, 1):
        sampler = Sampler(params, PROMPT.tolist())
        assert sampler.sample(decoder.forward([Chunk(slot, PROMPT)])[0][0]) == expected[0]
        streams.append(decoder.decode_ahead(slot, expected[0], sampler.choice(), 20))
    found: list[list[int]] = [[], []]
    for _ in range(20):
        for stream, tokens in zip(streams, found, strict=True):
            tokens.append(next(stream))
    assert found == [expected[1:]] * 2


def test_a_slot_that_changed_is_noticed(decoder: GpuDecoder) -> None:
    decoder.forward([Chunk(0, PROMPT)])
    stream = decoder.decode_ahead(0, 1, GREEDY, 20)
    next(stream)
    decoder.truncate(0, 2)
    with pytest.raises(BackendError, match="changed"):
        next(stream)


def test_what_is_refused(decoder: GpuDecoder) -> None:
    decoder.forward([Chunk(0, PROMPT)])
    room = decoder.context_length - len(PROMPT)
    for slot, token, limit, error in (
        (2, 1, 5, InvalidArgumentError),
        (0, PLAIN.vocab_size, 5, InvalidArgumentError),
        (0, 1, room + 1, ContextLengthError),
    ):
        with pytest.raises(error):
            next(decoder.decode_ahead(slot, token, GREEDY, limit))
    assert decoder.length(0) == len(PROMPT)
    assert len(list(decoder.decode_ahead(0, 1, GREEDY, room))) == room, "the context can be filled"


def test_logits_that_are_not_finite(gpu_device: GpuDevice) -> None:
    model = cast(MemoryModel, memory_model(PLAIN))
    name = "output_norm.weight"
    gain = np.full((1, PLAIN.hidden_size), np.inf, np.float32)
    tensors = {**model.tensors, name: replace(model.tensors[name], stored=(gain,))}
    broken = cast(ModelFile, replace(model, tensors=tensors))
    decoder = GpuDecoder(broken, PLAIN, context_length=32, device=gpu_device)
    decoder.forward([Chunk(0, PROMPT, "none")])
    with pytest.raises(BackendError, match="not finite"):
        next(decoder.decode_ahead(0, 1, GREEDY, 3))
    decoder.close()


def test_a_session_uses_it_and_may_be_left(decoder: GpuDecoder) -> None:
    """The same text as through logits, and the counts that are promised."""
    expected = step_by_step(decoder, SamplingParams(), 30)
    session = Session(decoder)
    before = decoder.counters.copy()
    tokens = session.generate(PROMPT.tolist(), SamplingParams(max_tokens=31), eos=frozenset())
    assert list(tokens) == expected
    spent = decoder.counters.since(before)
    assert spent.submissions <= 1 + 31 / 4
    assert spent.read_bytes == 4 * 31, "only ids, for the first token too"
    tokens = session.generate(PROMPT.tolist(), SamplingParams(max_tokens=31), eos=frozenset(expected[6:7]))
    assert list(tokens) == expected[: expected.index(expected[6])]
    assert session.ids == (*PROMPT.tolist(), *expected[: expected.index(expected[6])])
    tokens = session.generate(PROMPT.tolist(), SamplingParams(max_tokens=9), eos=frozenset())
    next(tokens), next(tokens)
    tokens.close()
    assert len(session.ids) == decoder.length(0)


@pytest.mark.parametrize("name", list(SPECS))
def test_dispatches_a_token(gpu_device: GpuDevice, name: str) -> None:
    """Embedding, output matrix and the token's choice are 4; a layer has 5, and with splits of attention 6."""
    spec = SPECS[name]
    model = memory_model(spec)
    tuning = replace(tuning_for(gpu_device), split_positions=7)
    decoder = GpuDecoder(model, spec, context_length=64, device=gpu_device, tuning=tuning)
    planes = sum(tensor.nbytes for tensor in model.tensors.values())
    if not spec.tied_output:
        planes -= model.tensors["token_embd.weight"].nbytes  # a row of it is read
    list(decoder.decode_ahead(0, 1, GREEDY, 12))
    counted = decoder.counters
    assert counted.tokens == 12
    # Submissions of 1, 6 and 5 tokens; the last one goes beyond 7 positions.
    assert counted.dispatches == 7 * (5 * spec.layers + 4) + 5 * (6 * spec.layers + 4)
    assert counted.weight_bytes <= counted.tokens * 1.02 * planes
    assert counted.read_bytes <= 16 * counted.tokens
    decoder.close()
