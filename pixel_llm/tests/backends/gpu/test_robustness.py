"""The decoder when things go wrong: lost devices, memory that is too small, limits, results that nobody wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pixel_llm.backends import load_decoder
from pixel_llm.backends.base import Chunk
from pixel_llm.backends.gpu import memory
from pixel_llm.backends.gpu.decoder import GpuDecoder
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.memory import AdapterMemory
from pixel_llm.backends.gpu.tuning import tuning_for
from pixel_llm.backends.reference.decoder import ReferenceDecoder
from pixel_llm.errors import BackendError, GpuError, GpuLostError, GpuMemoryError
from pixel_llm.formats.encodings import Q4_AFFINE, Q8_FIXED
from pixel_llm.generate import Sampler, SamplingParams, Session
from pixel_llm.models.spec import DecoderSpec
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import GEMMA_LIKE, PLAIN
from pixel_llm.tests.adapters import adapter_or_skip

LONG = replace(PLAIN, vocab_size=700)
PROMPT = [3, 1, 4, 1, 5, 9, 2, 6]


@contextmanager
def limited(device: GpuDevice, **limits: int) -> Iterator[None]:
    """The device with smaller limits."""
    before, device.limits = device.limits, replace(device.limits, **limits)
    try:
        yield
    finally:
        device.limits = before


def logits(decoder: GpuDecoder | ReferenceDecoder, ids: list[int]) -> np.ndarray:
    decoder.truncate(0, 0)
    (prompt,) = decoder.forward([Chunk(0, np.array(ids[:-1]), "all")])
    (last,) = decoder.forward([Chunk(0, np.array(ids[-1:]))])
    return np.concatenate([prompt, last])


def decoder(device: GpuDevice, spec: DecoderSpec, form: memory.Form = "texture") -> GpuDecoder:
    return GpuDecoder(memory_model(spec, encoding=Q4_AFFINE), spec, context_length=32, device=device, form=form)


def test_a_device_lost_in_the_middle_of_a_generation(capfd: pytest.CaptureFixture[str]) -> None:
    model, params = memory_model(PLAIN), SamplingParams(max_tokens=20, speculate=False)
    info = adapter_or_skip()
    lost = load_decoder(model, backend="gpu", adapter=info.index, context_length=64)
    assert isinstance(lost, GpuDecoder) and lost._device is not None
    made = []
    with pytest.raises(GpuLostError, match=r"device was lost while .*--backend cpu"):
        for token in Session(lost).generate(PROMPT, params, eos=frozenset()):
            made.append(token)
            if len(made) == 5:
                lost._device.device.destroy()
    assert 5 <= len(made) < 20
    with pytest.raises(GpuLostError):
        lost.forward([Chunk(0, np.array([1]))])
    lost.close()
    # The process goes on, and the CPU continues the text where it stopped.
    cpu = load_decoder(model, backend="cpu", context_length=64, threads=1)
    wanted = list(Session(cpu).generate(PROMPT, params, eos=frozenset()))
    rest = SamplingParams(max_tokens=20 - len(made), speculate=False)
    assert made + list(Session(cpu).generate(PROMPT + made, rest, eos=frozenset())) == wanted
    cpu.close()
    assert capfd.readouterr() == ("", "")


def test_a_model_that_does_not_fit_is_refused_with_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    info = adapter_or_skip()
    monkeypatch.setattr(memory, "adapter_memory", lambda _: AdapterMemory(1 << 30, 20_000_000, shared=False))
    made: list[str] = []
    monkeypatch.setattr("pixel_llm.backends.gpu.decoder.load_stacks", lambda *_: made.append("weights"))
    with pytest.raises(GpuMemoryError, match=r"needs \d+ MB: weights .*, KV cache .*, work .* has 20 MB free"):
        load_decoder(memory_model(PLAIN), backend="gpu", adapter=info.index)
    assert made == []


def test_a_wrong_adapter() -> None:
    adapter_or_skip()
    with pytest.raises(BackendError, match="there is no adapter 'no such'"):
        load_decoder(memory_model(PLAIN), backend="gpu", adapter="no such")


@pytest.mark.parametrize("form", ["texture", "buffer"])
def test_planes_beyond_the_limits_continue(plain_gpu_device: GpuDevice, form: memory.Form) -> None:
    """Rows in several layers, or buffers in several parts, and the same results."""
    model = memory_model(LONG)
    wanted = logits(ReferenceDecoder(model, LONG, context_length=16), PROMPT)
    with limited(plain_gpu_device, texture_2d=128, storage_binding_bytes=1 << 16):
        small = GpuDecoder(model, LONG, context_length=16, device=plain_gpu_device, form=form)
        matrices = small._matrices.values()
        assert max(matrix.layers if form == "texture" else len(matrix.parts) for matrix in matrices) >= 3
        np.testing.assert_allclose(logits(small, PROMPT), wanted, atol=1e-2)
        small.close()


def test_rows_beyond_the_limits_are_refused(plain_gpu_device: GpuDevice) -> None:
    with limited(plain_gpu_device, texture_2d=1), pytest.raises(GpuError, match=r"rows of 2 texels .*textures of 1"):
        decoder(plain_gpu_device, LONG)
    with limited(plain_gpu_device, storage_binding_bytes=64), pytest.raises(GpuError, match="64"):
        decoder(plain_gpu_device, LONG)


@pytest.mark.parametrize(
    "params",
    [SamplingParams(temperature=0.8, seed=3), SamplingParams(temperature=20.0, top_p=0.999, seed=4)],
    ids=["temperature", "nearly all"],
)
def test_a_draw_from_a_large_vocabulary(gpu_device: GpuDevice, params: SamplingParams) -> None:
    """Where nothing narrows the candidates, the most rounds of loops are needed; software adapters bound these."""
    spec = replace(PLAIN, vocab_size=152_064, layers=1)
    tested = GpuDecoder(memory_model(spec), spec, context_length=16, device=gpu_device)
    tested.forward([Chunk(0, np.array(PROMPT[:-1]), "none")])
    made = list(tested.decode_ahead(0, PROMPT[-1], Sampler(params).choice(), 4))
    sampler, token = Sampler(params), PROMPT[-1]
    tested.truncate(0, len(PROMPT) - 1)
    for found in made:
        (rows,) = tested.forward([Chunk(0, np.array([token]))])
        token = sampler.sample(rows[0])
        assert token == found
    tested.close()


class Poisoned:
    """A decoder whose buffers are filled anew before each submission, as far as nothing of theirs is an input: what a
    kernel leaves out would be NaN, or an id that stands for an error, and not what the pass before left there."""

    ACTIVATIONS = (
        *("x", "other_x", "normed", "qkv", "mixed", "feed", "raw", "squares"),
        *("picked_rows", "logits", "partials", "chunks"),
    )
    CHOICES = ("candidates", "state")
    GIVEN = ("ids", "rows", "picked", "blocks", "choice", "seen", "batch", "logits_batch")
    """What the host writes, or the pass before leaves for the next."""

    def __init__(self, decoder: GpuDecoder, monkeypatch: pytest.MonkeyPatch) -> None:
        assert {*self.ACTIVATIONS, *self.CHOICES, *self.GIVEN} == set(vars(decoder._buffers))
        self.decoder = decoder
        self.times = 0
        forward, submit = decoder.forward, decoder.submit_ahead

        def poisoned_forward(chunks: Sequence[Chunk]) -> list[np.ndarray]:
            self.fill(*self.ACTIVATIONS, *self.CHOICES, *self.GIVEN)
            return forward(chunks)

        def poisoned_submit(slot: int, position: int, token: int | None, *rest: Any) -> Any:
            self.fill(*self.ACTIVATIONS, *self.CHOICES, *(self.GIVEN if token is not None else ()))
            self.write(decoder._chosen[decoder._submitted_ahead % len(decoder._chosen)])
            return submit(slot, position, token, *rest)

        monkeypatch.setattr(decoder, "forward", poisoned_forward)
        monkeypatch.setattr(decoder, "submit_ahead", poisoned_submit)

    def fill(self, *names: str) -> None:
        for name in names:
            self.write(getattr(self.decoder._buffers, name))
        self.times += 1

    def write(self, buffer: Any) -> None:
        # All bits set: a NaN, and no token.
        self.decoder._open().queue.write_buffer(buffer, 0, np.full(buffer.size // 4, 0xFFFFFFFF, np.uint32))


@pytest.mark.parametrize("form", ["texture", "buffer"])
def test_results_that_nobody_wrote_are_not_there(
    gpu_device: GpuDevice, monkeypatch: pytest.MonkeyPatch, form: memory.Form
) -> None:
    """Prompts and single tokens, whose attention is cut into splits from the 17th position on."""
    spec, ids = GEMMA_LIKE, [*PROMPT, *PROMPT, *PROMPT]
    model = memory_model(spec, encoding=Q8_FIXED)
    reference = ReferenceDecoder(model, spec, context_length=64)
    tuning = replace(tuning_for(gpu_device), split_positions=16)
    tested = GpuDecoder(model, spec, context_length=64, device=gpu_device, form=form, tuning=tuning)
    assert tested._splits(len(ids))[0] > 1
    poisoned = Poisoned(tested, monkeypatch)
    np.testing.assert_allclose(logits(tested, ids), logits(reference, ids), atol=2e-2)
    assert poisoned.times == 2
    tested.close()


@pytest.mark.parametrize("form", ["texture", "buffer"])
@pytest.mark.parametrize(
    "params",
    [
        SamplingParams(max_tokens=20),
        SamplingParams(temperature=1.5, top_k=30, top_p=0.95, min_p=0.01, seed=1, max_tokens=20),
        SamplingParams(temperature=1.5, repetition_penalty=1.3, seed=2, max_tokens=20),
    ],
    ids=["greedy", "drawn", "penalised"],
)
def test_tokens_that_nobody_chose_are_not_there(
    gpu_device: GpuDevice, monkeypatch: pytest.MonkeyPatch, form: memory.Form, params: SamplingParams
) -> None:
    spec = GEMMA_LIKE
    tuning = replace(tuning_for(gpu_device), split_positions=16)
    model = memory_model(spec, encoding=Q8_FIXED)
    tested = GpuDecoder(model, spec, context_length=64, device=gpu_device, form=form, tuning=tuning)
    expected = list(Session(tested).generate(PROMPT, params, eos=frozenset()))
    poisoned = Poisoned(tested, monkeypatch)
    tested.truncate(0, 0)
    assert list(Session(tested).generate(PROMPT, params, eos=frozenset())) == expected
    assert poisoned.times >= 5
    # The texts are right too: as from logits on the host.
    tested.truncate(0, 0)
    sampler, given = Sampler(params, PROMPT), PROMPT
    for token in expected:
        (rows,) = tested.forward([Chunk(0, np.array(given))])
        assert sampler.sample(rows[0]) == token
        given = [token]
    tested.close()
