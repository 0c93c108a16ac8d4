"""Each kernel of the decoder against NumPy, over shapes that are no multiples of anything; outputs are poisoned."""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pixel_llm.backends.gpu import shaders
from pixel_llm.backends.gpu.arena import padded
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.subgroups import has_subgroups_of_8
from pixel_llm.backends.gpu.textures import Form, GpuMatrix, upload
from pixel_llm.formats.encodings import ENCODINGS, Encoding, decode_rows, encode_rows
from pixel_llm.testing.memory_model import MemoryTensor
from pixel_llm.tests.backends.gpu.kernel_harness import padded_rows, poisoned, run_kernel, weight_setup

F32 = NDArray[np.float32]
TOLERANCE = 1e-5  # relative to the largest value
SEEDS = (0, 1, secrets.randbits(32))  # two fixed ones, and a fresh one that a failure names


def _matrix(
    device: GpuDevice, rng: np.random.Generator, encoding: Encoding, rows: int, groups: int, form: Form
) -> tuple[GpuMatrix, F32]:
    """A random matrix on the device, and its values."""
    columns = groups * encoding.group if encoding.group else 13 * groups
    values = rng.standard_normal((rows, columns)).astype(np.float32)
    planes = encode_rows(encoding, values)
    tensor = MemoryTensor("w", values.shape, encoding, planes)
    return upload(device, tensor, form=form), decode_rows(encoding, planes)


def _close(found: NDArray[Any], expected: NDArray[Any], seed: int) -> None:
    assert np.isfinite(found).all(), f"seed {seed}: poison or worse in the result"
    error = np.abs(found - expected).max() / max(1.0, np.abs(expected).max())
    assert error <= TOLERANCE, f"seed {seed}: relative error {error:.2e}"


def _linear(**values: int) -> NDArray[np.uint32]:
    names = ("rows", "norm", "bias", "up_bias", "output", "flags", "softcap", "blocks", "input_stride")
    names += ("output_stride", "row_texels", "row_scales", "groups", "team_rows")
    table = np.zeros(16, np.uint32)
    for name, value in values.items():
        table[names.index(name)] = value
    return table


@pytest.mark.parametrize("form", ["texture", "buffer"])
@pytest.mark.parametrize("name", list(ENCODINGS))
def test_matvec(gpu_device: GpuDevice, name: str, form: Form) -> None:
    seed = SEEDS[len(name) % len(SEEDS)]
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(1, 90))
    matrix, w = _matrix(gpu_device, rng, ENCODINGS[name], rows, int(rng.integers(1, 8)), form)
    columns, row = w.shape[1], padded(w.shape[1])
    x, gain = rng.standard_normal((2, columns)).astype(np.float32)
    bias = rng.standard_normal(rows).astype(np.float32)
    kernel, constants, weights = weight_setup("matvec", matrix, input="storage", reduce="none")
    constants |= {"OUTPUT_STRIDE": 128, "ROWS": 4, "LANES": 1, "WORKGROUP": 8, "NORM": True, "EPSILON": 1e-5}
    arrays = {
        "input": padded_rows(x[None], row),
        "vectors": np.concatenate([padded_rows(gain[None], row)[0], bias, np.zeros(3, np.float32)]),
        "output": poisoned(128),
        "linear": _linear(rows=rows, bias=row, output=7),
    }
    out = run_kernel(gpu_device, kernel, constants | {"BIAS": True}, arrays, (-(-rows // 32), 1, 1), others=weights)
    wide = x.astype(np.float64)
    expected = w @ (wide / np.sqrt((wide * wide).mean() + 1e-5) * gain) + bias
    _close(out["output"][7 : 7 + rows], expected, seed)
    untouched = np.delete(out["output"], np.s_[7 : 7 + rows])
    assert np.isnan(untouched).all(), f"seed {seed}: written beyond its rows"
    matrix.destroy()


@pytest.mark.parametrize(("reduce", "lanes"), [("none", 1), ("workgroup", 16), ("subgroup", 4)])
@pytest.mark.parametrize("source", ["storage", "uniform"])
def test_matvec_over_lanes_paired(gpu_device: GpuDevice, reduce: str, lanes: int, source: str) -> None:
    """Lanes along the columns; gate and up in one matrix; activations from either kind of buffer."""
    if reduce == "subgroup" and not gpu_device.subgroups:
        pytest.skip("this adapter has no subgroups")
    seed = SEEDS[2]
    rng = np.random.default_rng(seed)
    rows = int(rng.integers(1, 60))
    matrix, w = _matrix(gpu_device, rng, ENCODINGS["q4a"], 2 * rows, int(rng.integers(1, 40)), "texture")
    row = padded(w.shape[1])
    x = rng.standard_normal(w.shape[1]).astype(np.float32)
    kernel, constants, weights = weight_setup("matvec", matrix, input=source, reduce=reduce)
    constants |= {"OUTPUT_STRIDE": 64, "ROWS": 4, "LANES": lanes, "WORKGROUP": 32, "PAIRED": True, "GELU": True}
    arrays = {
        "input": padded_rows(x[None], row),
        "vectors": np.zeros(64, np.float32),
        "output": poisoned(64),
        "linear": _linear(rows=rows),
    }
    if source == "uniform":
        constants["INPUT_QUADS"] = row // 4
        arrays["norm_row"] = np.ones(row, np.float32)
    each = 32 // lanes * 2
    out = run_kernel(gpu_device, kernel, constants, arrays, (-(-rows // each), 1, 1), others=weights)
    gate, up = (w @ x.astype(np.float64)).reshape(2, rows)
    expected = 0.5 * gate * (1 + np.tanh(np.sqrt(2 / np.pi) * (gate + 0.044715 * gate**3))) * up
    _close(out["output"][:rows], expected, seed)


@pytest.mark.parametrize("share", ["none", "subgroup"])
@pytest.mark.parametrize(("name", "form"), [("f32", "buffer"), ("bf16", "texture"), ("q4a16", "buffer")])
def test_gemm(gpu_device: GpuDevice, name: str, form: Form, share: str) -> None:
    """Several rows of activations, added to what is there."""
    if share == "subgroup" and not has_subgroups_of_8(gpu_device):
        pytest.skip("this adapter has no subgroups of 8")
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        rows, tokens = int(rng.integers(1, 70)), int(rng.integers(1, 20))
        matrix, w = _matrix(gpu_device, rng, ENCODINGS[name], rows, int(rng.integers(1, 6)), form)
        row = padded(w.shape[1])
        x = rng.standard_normal((tokens, w.shape[1])).astype(np.float32)
        before = rng.standard_normal((tokens, 96)).astype(np.float32)
        kernel, constants, weights = weight_setup("gemm", matrix, share=share)
        group = matrix.encoding.group
        linear = _linear(
            rows=rows,
            flags=2,
            blocks=row // 32,
            input_stride=row,
            output_stride=96,
            row_texels=matrix.row_texels,
            row_scales=matrix.row_scales,
            groups=matrix.columns // group if group else 0,
            team_rows=4,
        )
        arrays = {
            "input": padded_rows(x, row),
            "vectors": np.zeros(4, np.float32),
            "output": before,
            "linear": linear,
            "batch": np.array([tokens, 0, 0, 0], np.uint32),
        }
        grid = (-(-rows // 32), -(-tokens // 8), 1)
        out = run_kernel(gpu_device, kernel, constants | {"ROWS": 4, "WORKGROUP": 8}, arrays, grid, others=weights)
        expected = before.astype(np.float64)
        expected[:, :rows] += x.astype(np.float64) @ w.T
        _close(out["output"], expected, seed)


@pytest.mark.parametrize("name", ["f16", "q8", "q4a16"])
def test_embed(plain_gpu_device: GpuDevice, name: str) -> None:
    """Rows by id, scaled; what lies between a row's end and the next one is zero."""
    rng = np.random.default_rng(SEEDS[0])
    matrix, w = _matrix(plain_gpu_device, rng, ENCODINGS[name], 50, 3, "texture")
    row = padded(w.shape[1])
    kernel, constants, weights = weight_setup("embed", matrix)
    constants |= {"VOCABULARY": 50, "PART_ROWS": 50, "SCALE": 2.5, "OUTPUT_STRIDE": row}
    ids = rng.integers(0, 50, 9).astype(np.uint32)
    arrays = {"ids": ids, "output": poisoned(9, row)}
    out = run_kernel(plain_gpu_device, kernel, constants, arrays, (1, 9, 1), others=weights)["output"]
    _close(out[:, : w.shape[1]], 2.5 * w[ids], SEEDS[0])
    assert (out[:, w.shape[1] :] == 0).all()


@pytest.mark.parametrize("columns", [1, 30, 129])
def test_norm_of_picked_rows(plain_gpu_device: GpuDevice, columns: int) -> None:
    seed = SEEDS[2]
    rng = np.random.default_rng(seed)
    stride = padded(columns)
    x, before = rng.standard_normal((2, 6, columns)).astype(np.float32)
    gain = rng.standard_normal(columns).astype(np.float32)
    picked = np.array([5, 0, 3], np.uint32)
    constants: dict[str, Any] = {
        "COLUMNS": columns,
        "QUADS": -(-columns // 4),
        "INPUT_STRIDE": stride,
        "OUTPUT_STRIDE": stride,
        "EPSILON": 1e-6,
        "ADD": True,
        "PICK": True,
    }
    arrays = {
        "input": padded_rows(x, stride),
        "vectors": padded_rows(gain[None], stride),
        "picked": picked,
        "output": padded_rows(before, stride),
        "norm": np.zeros(4, np.uint32),
    }
    out = run_kernel(plain_gpu_device, shaders.kernel("norm"), constants, arrays, (1, 3, 1))["output"]
    wide = x[picked].astype(np.float64)
    expected = before.astype(np.float64)
    expected[:3] += wide / np.sqrt((wide * wide).mean(-1, keepdims=True) + 1e-6) * gain
    _close(out[:, :columns], expected, seed)


@pytest.mark.parametrize("window", [0, 19])
@pytest.mark.parametrize("each", [5, 64])
def test_attention_in_splits(gpu_device: GpuDevice, each: int, window: int) -> None:
    """A token's attention to a cache, in one split and in many, with its own key appended; then `combine`."""
    seed = SEEDS[2]
    rng = np.random.default_rng(seed)
    heads, kv_heads, dim, capacity, slots = 6, 2, 10, 64, 3
    slot, position = 1, int(rng.integers(30, 60))
    quads, qkv_width = -(-dim // 4), (heads + 2 * kv_heads) * dim
    length = min(position + 1, window or capacity)
    splits = -(-length // each)
    cache = np.zeros((2, slots, kv_heads, capacity, quads * 4), np.float16)
    cache[..., :dim] = rng.standard_normal((2, slots, kv_heads, capacity, dim))
    cache[:, slot, :, position] = np.nan  # must be overwritten, and not read before
    qkv = rng.standard_normal(qkv_width).astype(np.float32)
    common: dict[str, Any] = {"HEADS": heads, "HEAD_DIM": dim, "QUADS": quads, "MIXED_STRIDE": 64, "WINDOW": window}
    constants = common | {
        "KV_HEADS": kv_heads,
        "CAPACITY": capacity,
        "QKV_STRIDE": qkv_width,
        "ROTARY_DIMS": 2,
        "GROUP": heads // kv_heads,
        "SCALE": 0.3,
        "TILE": 16,
        "WORKGROUP": 8,
    }
    rows = np.array([[slot, position, each, splits]], np.uint32)
    arrays = {
        "qkv": qkv,
        "vectors": np.zeros(4, np.float32),
        "angles": np.tile(
            np.array([1.0, 0.0], np.float32), (capacity, 1)
        ),  # no rotation: heads have tests of their own
        "rows": rows,
        "keys": cache[0].view(np.uint32),
        "values": cache[1].view(np.uint32),
        "heads": np.zeros(4, np.uint32),
        "mixed": poisoned(64),
        "partials": poisoned(heads * splits * (quads + 1) * 4),
    }
    out = run_kernel(gpu_device, shaders.kernel("attention"), constants, arrays, (kv_heads, splits, 1))
    mixed = out["mixed"]
    if splits > 1:
        assert np.isnan(mixed).all(), "a split is not the whole"
        arrays = {"partials": out["partials"], "rows": rows, "mixed": poisoned(64)}
        mixed = run_kernel(gpu_device, shaders.kernel("combine"), common, arrays, (heads, 1, 1))["mixed"]

    q, k, v = np.split(qkv.reshape(-1, dim), [heads, heads + kv_heads])
    keys, values = (plane[slot, :, : position + 1, :dim].astype(np.float64) for plane in cache)
    keys[:, position], values[:, position] = k.astype(np.float16), v.astype(np.float16)
    low = position + 1 - length
    for head in range(heads):
        of = head // (heads // kv_heads)
        scores = 0.3 * keys[of, low:] @ q[head].astype(np.float64)
        weights = np.exp(scores - scores.max())
        expected = weights @ values[of, low:] / weights.sum()
        # The device may round float16 otherwise than NumPy: one unit in the last place of one of the keys.
        assert np.abs(mixed[head * dim : (head + 1) * dim] - expected).max() < 2e-3, f"seed {seed}, head {head}"
    written = out["keys"].view(np.float16).reshape(cache[0].shape)[slot, :, position]
    assert np.abs(written[:, :dim] - k).max() < 4e-3
    assert (written[:, dim:] == 0).all()
    assert np.isnan(mixed[heads * dim :]).all(), "written beyond its heads"


@pytest.mark.parametrize("kernel", ["attention_rows", "attention_lanes"])
@pytest.mark.parametrize(
    ("heads", "kv_heads", "dim", "window", "softcap", "segment"),
    [
        (6, 2, 10, 0, 0.0, 96),
        (6, 2, 10, 0, 0.0, 11),
        (7, 1, 64, 19, 2.0, 96),
        (7, 1, 64, 19, 2.0, 16),
        (3, 3, 33, 5, 0.0, 30),
        (8, 1, 100, 0, 1.5, 96),
    ],
)
def test_attention_of_several_tokens(
    gpu_device: GpuDevice, kernel: str, heads: int, kv_heads: int, dim: int, window: int, softcap: float, segment: int
) -> None:
    """Tokens of two texts in slots of their own, in blocks, some of which are not full; positions in segments."""
    lanes = kernel == "attention_lanes"
    if lanes and not has_subgroups_of_8(gpu_device):
        pytest.skip("this adapter has no subgroups of 8")
    seed = SEEDS[2]
    rng = np.random.default_rng(seed)
    capacity, slots, group, quads = 96, 3, heads // kv_heads, -(-dim // 4)
    most = 16 // group if lanes else min(3, 8 // group)
    texts = [(2, int(rng.integers(0, 30)), int(rng.integers(30, 60))), (0, int(rng.integers(0, 50)), 1)]
    places = [(slot, start + i) for slot, start, count in texts for i in range(count)]
    firsts = (0, texts[0][2])
    blocks = [
        (first + at, min(most, count - at))
        for first, (_, _, count) in zip(firsts, texts, strict=True)
        for at in range(0, count, most)
    ]
    cache = np.full((2, slots, kv_heads, capacity, quads * 4), np.nan, np.float16)  # nothing else is to be read
    for slot, start, count in texts:
        cache[:, slot, :, : start + count] = 0
        cache[:, slot, :, : start + count, :dim] = rng.standard_normal((2, kv_heads, start + count, dim))
    qkv = rng.standard_normal((len(places), (heads + 2 * kv_heads) * dim)).astype(np.float32)
    constants: dict[str, Any] = {
        "HEADS": heads,
        "KV_HEADS": kv_heads,
        "HEAD_DIM": dim,
        "QUADS": quads,
        "CAPACITY": capacity,
        "QKV_STRIDE": qkv.shape[1],
        "ROTARY_DIMS": 2,
        "GROUP": group,
        "SCALE": 0.3,
        "SOFTCAP": softcap,
        "WINDOW": window,
        "MIXED_STRIDE": 3 * heads + heads * dim + 3,
        "RUNNING": heads + heads * dim,
    }
    if not lanes:
        constants |= {"TILE": 16, "WORKGROUP": 8, "BLOCK_TOKENS": most}
    arrays = {
        "qkv": qkv,
        "vectors": np.zeros(4, np.float32),
        "angles": np.tile(np.array([1.0, 0.0], np.float32), (capacity, 1)),
        "rows": np.array([(slot, position, 0, 1) for slot, position in places], np.uint32),
        "keys": cache[0].view(np.uint32),
        "values": cache[1].view(np.uint32),
        "mixed": poisoned(len(places), 3 * heads + heads * dim + 3),
        "blocks": np.array(blocks, np.uint32),
    }
    for start in range(0, capacity, segment):
        arrays["heads"] = np.array([0, 0, start, start + segment], np.uint32)
        out = run_kernel(gpu_device, shaders.kernel(kernel), constants, arrays, (kv_heads, len(blocks), 1))
        arrays |= out
    expected = np.empty((len(places), heads, dim))
    for token, (slot, position) in enumerate(places):
        low = max(0, position + 1 - window) if window else 0
        seen = cache[:, slot, :, low : position + 1, :dim].astype(np.float64)
        for head in range(heads):
            scores = 0.3 * seen[0, head // group] @ qkv[token, head * dim : (head + 1) * dim].astype(np.float64)
            if softcap:
                scores = softcap * np.tanh(scores / softcap)
            weights = np.exp(scores - scores.max())
            expected[token, head] = weights @ seen[1, head // group] / weights.sum()
    mixed = arrays["mixed"]
    _close(mixed[:, : heads * dim], expected.reshape(len(places), -1), seed)
    beyond = np.delete(mixed[:, heads * dim :], np.s_[heads : 3 * heads], axis=1)
    assert np.isnan(beyond).all(), "written beyond its heads"
