"""Norms behind products: one half is done by the product, the other by those that read what it left."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pixel_llm.backends.base import Chunk
from pixel_llm.backends.gpu.arena import padded
from pixel_llm.backends.gpu.buffers import Buffers, Sizes
from pixel_llm.backends.gpu.decoder import GpuDecoder
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.textures import Form
from pixel_llm.backends.gpu.tuning import gpu_tuning, tuning_for
from pixel_llm.backends.reference.decoder import ReferenceDecoder
from pixel_llm.formats.encodings import ENCODINGS
from pixel_llm.models.spec import DecoderSpec
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import GEMMA_LIKE, PLAIN
from pixel_llm.tests.backends.gpu.combinations import COMBINATIONS, SEEDS
from pixel_llm.tests.backends.gpu.conftest import Opener
from pixel_llm.tests.backends.gpu.kernel_harness import check_close, padded_rows, poisoned, run_kernel, weight_setup
from pixel_llm.tests.backends.gpu.kernel_products import LANES, STRIDE, Finish, Product, run_matvec, some_way

TEAM = 4  # rows
FORMS: tuple[Form, Form] = ("texture", "buffer")

ODD = replace(GEMMA_LIKE, hidden_size=23, intermediate_size=41, qkv_bias=True, output_bias=True, mlp_bias=True)
"""Rows end within a block of weights; biases everywhere."""


def check_what_is_left(
    device: GpuDevice, rng: np.random.Generator, product: Product, seed: int, reduce: str, source: str
) -> None:
    """Run `matvec_post_norm` and check the output and the partial sums of squares."""
    matrix, lanes = product.matrix, LANES[reduce]
    workgroup, row = 8 if lanes == 1 else 32, padded(matrix.columns)
    kernel, constants, weights = weight_setup("matvec_post_norm", matrix, input=source, reduce=reduce)
    constants |= product.finish.constants | {
        "OUTPUT_STRIDE": STRIDE,
        "ROWS": TEAM,
        "LANES": lanes,
        "WORKGROUP": workgroup,
    }
    gain = rng.standard_normal(STRIDE).astype(np.float32)
    teams, first = -(-product.rows // TEAM), int(rng.integers(0, 30))
    linear = product.linear(row, STRIDE, 0)
    linear[5] = first
    arrays = {
        "input": padded_rows(product.x, row),
        "vectors": np.concatenate([gain, product.bias, np.zeros(3, np.float32)]),
        "output": poisoned(1, STRIDE),
        "squares": poisoned(first + teams + 8),
        "linear": linear,
    }
    if source == "uniform":
        constants["INPUT_QUADS"] = row // 4
        arrays["norm_row"] = arrays["input"]
    grid = (-(-teams // (workgroup // lanes)), 1, 1)
    out = run_kernel(device, kernel, constants, arrays, grid, others=weights)
    raw = product.expected[0]
    squares = [part @ part for part in np.split(raw, range(TEAM, len(raw), TEAM))]
    check_close(out["squares"][first : first + teams], np.array(squares), seed)
    assert np.isnan(np.delete(out["squares"], np.s_[first : first + teams])).all(), "more squares than teams with rows"
    product.expected = product.expected * gain[product.written]
    product.check(out["output"], seed)


def some_device(open_combination: Opener, number: int, *, subgroups: bool = False) -> GpuDevice:
    """Combinations of features take turns with the tests, and anew in each run."""
    print(f"seed {SEEDS[-1]}")
    places = [each for each in COMBINATIONS if each.subgroups or not subgroups]
    return open_combination(places[(number + SEEDS[-1]) % len(places)])


@pytest.mark.parametrize("form", ["texture", "buffer"])
@pytest.mark.parametrize("name", list(ENCODINGS))
def test_both_halves_with_every_encoding(open_combination: Opener, name: str, form: Form) -> None:
    number = list(ENCODINGS).index(name)
    seed = SEEDS[number % len(SEEDS)]
    device = some_device(open_combination, number)
    rng = np.random.default_rng([seed, number])
    product = Product.random(device, rng, name, form, 1, finish=Finish(bias=bool(rng.integers(2))))
    check_what_is_left(device, rng, product, seed, *some_way(rng, device))
    gain = rng.standard_normal(2048).astype(np.float32)
    product = Product.random(device, rng, name, form, 1, norm=gain, updated=True)
    run_matvec(device, product, seed, *some_way(rng, device), gain)


@pytest.mark.parametrize(
    "finish", [Finish(gelu=True, paired=True), Finish(bias=True), Finish(gated=True), Finish(softcap=2.0)], ids=str
)
@pytest.mark.parametrize("source", ["storage", "uniform"])
@pytest.mark.parametrize("reduce", list(LANES))
def test_both_halves_in_every_way(open_combination: Opener, reduce: str, source: str, finish: Finish) -> None:
    """One lane and several, paired and not; forms take turns."""
    number = list(LANES).index(reduce) + 3 * (source == "uniform") + int(finish.gated)
    device = some_device(open_combination, number, subgroups=reduce == "subgroup")
    if reduce == "subgroup" and not device.subgroups:
        pytest.skip("this adapter has no subgroups")
    seed, form = SEEDS[number % len(SEEDS)], FORMS[(number + finish.paired) % 2]
    rng = np.random.default_rng([seed, number])
    if not (finish.paired or finish.gated or finish.softcap):
        product = Product.random(device, rng, "q4a", form, 1, finish=finish)
        check_what_is_left(device, rng, product, seed, reduce, source)
    gain = rng.standard_normal(2048).astype(np.float32)
    product = Product.random(device, rng, "q4a", form, 1, norm=gain, updated=True, finish=finish)
    run_matvec(device, product, seed, reduce, source, gain)


def turns(decoder: GpuDecoder, texts: list[np.ndarray], sizes: tuple[int, ...]) -> list[np.ndarray]:
    """Logits of two slots' texts, given in turn, in chunks of `sizes`."""
    found: list[list[np.ndarray]] = [[] for _ in texts]
    start = 0
    for size in sizes:
        for slot, text in enumerate(texts):
            found[slot] += decoder.forward([Chunk(slot, text[start : start + size], "all")])
        start += size
    for slot in range(len(texts)):
        decoder.truncate(slot, 0)
    return [np.concatenate(rows) for rows in found]


@pytest.mark.parametrize(("subgroup", "form"), [(0, "texture"), (4, "buffer")])
def test_tokens_between_prompts_as_cut_for_gpus(gpu_device: GpuDevice, subgroup: int, form: Form) -> None:
    if subgroup and not gpu_device.subgroups:
        pytest.skip("this adapter has no subgroups")
    model = memory_model(ODD)
    rng = np.random.default_rng(SEEDS[-1])
    texts = [rng.integers(0, ODD.vocab_size, 14) for _ in range(2)]
    tuning = gpu_tuning(subgroup)
    decoder = GpuDecoder(model, ODD, context_length=96, slots=2, device=gpu_device, form=form, tuning=tuning)
    for found, text in zip(turns(decoder, texts, (3, 1, 1, 4, 1, 1, 1, 2)), texts, strict=True):
        reference = ReferenceDecoder(model, ODD, context_length=96)
        np.testing.assert_allclose(found, reference.forward([Chunk(0, text, "all")])[0], atol=0.05)
    decoder.close()


def test_tokens_between_prompts_beyond_256_positions(gpu_device: GpuDevice) -> None:
    """Where splits of attention are put together."""
    spec = replace(ODD, context_length=300, sliding_window=40)
    model = memory_model(spec)
    rng = np.random.default_rng(SEEDS[-1])
    texts = [rng.integers(0, spec.vocab_size, 290) for _ in range(2)]
    decoder = GpuDecoder(model, spec, context_length=300, slots=2, device=gpu_device)
    for found, text in zip(turns(decoder, texts, (250, *10 * (1,), 24, *6 * (1,))), texts, strict=True):
        reference = ReferenceDecoder(model, spec, context_length=300)
        expected = [reference.forward([Chunk(0, part, "all")])[0] for part in np.split(text, [100, 200])]
        np.testing.assert_allclose(found, np.concatenate(expected), atol=0.05)
    decoder.close()


def test_matrices_in_several_parts(plain_gpu_device: GpuDevice) -> None:
    """Each part leaves its own sums of squares, and several read what is left."""
    device, before = plain_gpu_device, plain_gpu_device.limits
    spec = replace(GEMMA_LIKE, hidden_size=160)
    model = memory_model(spec, encoding=ENCODINGS["q8"])
    device.limits = replace(before, storage_binding_bytes=64 * 160)
    try:
        decoder = GpuDecoder(model, spec, context_length=8, device=device, form="buffer")
    finally:
        device.limits = before
    parts = {stack.names[0]: len(matrix.parts) for stack, matrix in decoder._matrices.items()}
    names = ("ffn_gate", "ffn_up", "ffn_down", "attn_output")
    assert [parts[f"blk.0.{name}.weight"] for name in names] == [2, 2, 3, 1]
    ids = np.random.default_rng(SEEDS[-1]).integers(0, spec.vocab_size, 8)
    expected = ReferenceDecoder(model, spec, context_length=8).forward([Chunk(0, ids, "all")])[0]
    np.testing.assert_allclose(turns(decoder, [ids], 8 * (1,))[0], expected, atol=0.05)
    decoder.close()


@pytest.mark.parametrize("spec", [PLAIN, GEMMA_LIKE], ids=["plain", "gemma-like"])
def test_activations_take_what_is_predicted(gpu_device: GpuDevice, spec: DecoderSpec) -> None:
    sizes = Sizes.of(replace(spec, hidden_size=1152), tuning_for(gpu_device), rows=1, logit_rows=1)
    buffers = Buffers.make(gpu_device, sizes)
    made = sum(buffer.size for buffer in vars(buffers).values())
    buffers.destroy()
    read_back = 4 * sizes.logit_rows * sizes.vocabulary
    assert abs(sizes.nbytes() - made - read_back) <= 0.02 * made
