"""Several Python threads, and several streams in one: each gets what it gets alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pixel_llm.backends.base import Chunk
from pixel_llm.backends.gpu.ahead import SUBMISSIONS, TOKENS
from pixel_llm.backends.gpu.decoder import GpuDecoder
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.errors import BackendError
from pixel_llm.formats.encodings import Q4_AFFINE
from pixel_llm.generate import Sampler, SamplingParams, Session
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import PLAIN

SLOTS = 3
COUNT = 20
PROMPTS = [np.random.default_rng(seed).integers(0, PLAIN.vocab_size, 5 + 3 * seed) for seed in range(SLOTS)]
PARAMS = {
    "greedy": SamplingParams(max_tokens=COUNT),
    "drawn": SamplingParams(temperature=1.5, top_k=40, top_p=0.95, seed=5, max_tokens=COUNT),
    "penalised": SamplingParams(temperature=1.2, repetition_penalty=1.4, seed=6, max_tokens=COUNT),
}


@pytest.fixture(scope="module", params=["texture", "buffer"])
def decoder(gpu_device: GpuDevice, request: pytest.FixtureRequest) -> Iterator[GpuDecoder]:
    model = memory_model(PLAIN, encoding=Q4_AFFINE)
    made = GpuDecoder(model, PLAIN, context_length=80, slots=SLOTS, device=gpu_device, form=request.param)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _empty(decoder: GpuDecoder) -> None:
    for slot in range(SLOTS):
        decoder.truncate(slot, 0)


def text(decoder: GpuDecoder, slot: int, params: SamplingParams) -> list[int]:
    return list(Session(decoder, slot).generate(PROMPTS[slot].tolist(), params, eos=frozenset()))


def steps(decoder: GpuDecoder, slot: int) -> NDArray[np.float32]:
    """Logits of a prompt, and then of one token at a time."""
    decoder.truncate(slot, 0)
    rows = [decoder.forward([Chunk(slot, PROMPTS[slot], "all")])[0]]
    rows += [decoder.forward([Chunk(slot, PROMPTS[(slot + 1) % SLOTS][i : i + 1])])[0] for i in range(5)]
    assert decoder.length(slot) == len(PROMPTS[slot]) + 5
    return np.concatenate(rows)


def in_threads(work: Any) -> list[Any]:
    """What `work(slot)` gives, all of them at once."""
    barrier = threading.Barrier(SLOTS)

    def begin(slot: int) -> Any:
        barrier.wait()
        return work(slot)

    with ThreadPoolExecutor(SLOTS) as pool:
        return list(pool.map(begin, range(SLOTS)))


@pytest.mark.parametrize("name", list(PARAMS))
def test_threads_that_generate(decoder: GpuDecoder, name: str) -> None:
    alone = [text(decoder, slot, PARAMS[name]) for slot in range(SLOTS)]
    assert in_threads(lambda slot: text(decoder, slot, PARAMS[name])) == alone


def test_threads_that_want_logits(decoder: GpuDecoder) -> None:
    alone = [steps(decoder, slot) for slot in range(SLOTS)]
    for found, expected in zip(in_threads(lambda slot: steps(decoder, slot)), alone, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_threads_with_decoders_that_share_a_device(gpu_device: GpuDevice) -> None:
    """One is made while another decodes."""
    params = PARAMS["drawn"]

    def work(slot: int) -> list[list[int]]:
        decoder = GpuDecoder(memory_model(PLAIN), PLAIN, context_length=80, slots=SLOTS, device=gpu_device)
        made = [text(decoder, slot, params) for _ in range(2)]
        decoder.close()
        return made

    alone = [work(slot) for slot in range(SLOTS)]
    assert in_threads(work) == alone


@pytest.mark.parametrize("name", list(PARAMS))
def test_streams_take_turns_in_one_thread(decoder: GpuDecoder, name: str) -> None:
    """Logits on another slot come in between."""
    alone = [text(decoder, slot, PARAMS[name]) for slot in range(SLOTS)]
    logits = steps(decoder, 2)
    before = decoder.counters.copy()
    streams = [
        Session(decoder, slot).generate(PROMPTS[slot].tolist(), PARAMS[name], eos=frozenset()) for slot in range(2)
    ]
    found: list[list[int]] = [[], []]
    for turn in range(COUNT):
        if turn in (3, 11):
            np.testing.assert_array_equal(steps(decoder, 2), logits)
        # Unequal steps: one is ahead of the other.
        for stream, made in zip(streams, found, strict=True):
            made += [next(stream) for _ in range(min(1 + turn % 3, COUNT - len(made)))]
    assert found == alone[:2]
    made = decoder.counters.since(before).tokens
    assert made == 2 * COUNT + 2 * 5, "nothing is computed twice"


def test_streams_that_take_turns_are_not_far_ahead(decoder: GpuDecoder) -> None:
    """What is thrown away when a text ends early stays bounded by what a stream has under way."""
    before = decoder.counters.copy()
    streams = [decoder.decode_ahead(slot, 1, Sampler(PARAMS["greedy"]).choice(), 70) for slot in range(2)]
    for _ in range(12):
        for stream in streams:
            next(stream)
    for stream in streams:
        stream.close()
    assert decoder.counters.since(before).tokens <= 2 * (12 + TOKENS * (SUBMISSIONS + 1))


def test_a_slot_that_somebody_filled_anew_is_noticed(decoder: GpuDecoder) -> None:
    """Even where its length is what it was."""
    choice = Sampler(PARAMS["greedy"]).choice()
    for change in ("forward", "stream"):
        decoder.truncate(0, 0)
        decoder.forward([Chunk(0, PROMPTS[0], "none")])
        stream = decoder.decode_ahead(0, 1, choice, 20)
        next(stream), next(stream)
        decoder.truncate(0, len(PROMPTS[0]) + 1)
        if change == "forward":
            decoder.forward([Chunk(0, np.array([2]), "none")])
        else:
            next(decoder.decode_ahead(0, 2, choice, 19))
        assert decoder.length(0) == len(PROMPTS[0]) + 2
        with pytest.raises(BackendError, match="changed"):
            next(stream)


def test_ids_that_could_not_be_read_are_not_skipped(decoder: GpuDecoder, monkeypatch: pytest.MonkeyPatch) -> None:
    choice = Sampler(PARAMS["greedy"]).choice()
    stream, other = (decoder.decode_ahead(slot, 1, choice, 40) for slot in range(2))
    next(stream), next(stream)  # the first comes alone; behind the second, more is under way

    def broken(*_: object) -> list[int]:
        raise BackendError("reading failed")

    with monkeypatch.context() as patch:
        patch.setattr(decoder, "read_ahead", broken)
        with pytest.raises(BackendError, match="reading failed"):
            next(other)
    with pytest.raises(BackendError, match="could not be read"):
        list(stream)
    assert len(text(decoder, 2, PARAMS["greedy"])) == COUNT


def test_dropping_a_stream_waits_for_nobody(decoder: GpuDecoder, gpu_device: GpuDevice) -> None:
    """Any thread may collect it, the one too that another thread's call waits for."""
    alone = text(decoder, 1, PARAMS["drawn"])
    decoder.truncate(1, 0)
    dropped = [decoder.decode_ahead(0, 1, Sampler(PARAMS["greedy"]).choice(), 40)]
    next(dropped[0]), next(dropped[0])
    with gpu_device.turn():
        thread = threading.Thread(target=dropped.clear)
        thread.start()
        thread.join(20)
        assert not thread.is_alive()
    assert decoder.length(0) == 2
    assert text(decoder, 1, PARAMS["drawn"]) == alone


def test_closing_in_one_thread_ends_the_others(gpu_device: GpuDevice) -> None:
    decoder = GpuDecoder(memory_model(PLAIN), PLAIN, context_length=80, slots=SLOTS, device=gpu_device)
    begun = threading.Event()

    def generate() -> None:
        while True:
            text(decoder, 1, PARAMS["greedy"])
            begun.set()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(generate)
        begun.wait()
        decoder.close()
        with pytest.raises(BackendError, match="the decoder is closed"):
            running.result(20)
