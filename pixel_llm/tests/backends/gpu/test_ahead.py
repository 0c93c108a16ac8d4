"""Decoding ahead: what comes out, what the slot holds meanwhile, and who may come in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from pixel_llm.backends.base import Choice, Chunk
from pixel_llm.backends.gpu.decoder import GpuDecoder
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.tuning import tuning_for
from pixel_llm.errors import BackendError, ContextLengthError, InvalidArgumentError
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.generate import SamplingParams, Session
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
    """The same text with and without (a repetition penalty goes through logits), and the counts that are promised."""
    expected = step_by_step(decoder, SamplingParams(), 30)
    session = Session(decoder)
    before = decoder.counters.copy()
    tokens = session.generate(PROMPT.tolist(), SamplingParams(max_tokens=31), eos=frozenset())
    assert list(tokens) == expected
    spent = decoder.counters.since(before)
    assert spent.submissions <= 2 + 30 / 4
    assert spent.read_bytes <= 4 * 160 + 16 * spent.tokens, "one row of logits, for the first token"
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
    assert counted.dispatches == 6 * (5 * spec.layers + 4) + 6 * (6 * spec.layers + 4)
    assert counted.weight_bytes <= counted.tokens * 1.02 * planes
    assert counted.read_bytes <= 16 * counted.tokens
    decoder.close()
