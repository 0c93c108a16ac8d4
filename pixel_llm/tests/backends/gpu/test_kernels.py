"""Each kernel of the decoder that reads no weights against NumPy, in every combination of features and limits, over
shapes that are no multiples of anything; outputs are poisoned. `test_choosing.py` has those that choose tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pixel_llm.backends.gpu import shaders
from pixel_llm.backends.gpu.arena import padded
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.subgroups import has_subgroups_of_8
from pixel_llm.tests.backends.gpu.combinations import SEEDS
from pixel_llm.tests.backends.gpu.kernel_harness import check_close, padded_rows, poisoned, run_kernel

F64 = NDArray[np.float64]
EPSILON = 1e-5


@pytest.mark.parametrize("columns", [1, 30, 129, None])
def test_norm_of_picked_rows(any_gpu_device: GpuDevice, columns: int | None, seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns = columns or int(rng.integers(1, 300))
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
    out = run_kernel(any_gpu_device, shaders.kernel("norm"), constants, arrays, (1, 3, 1))["output"]
    wide = x[picked].astype(np.float64)
    expected = before.astype(np.float64)
    expected[:3] += wide / np.sqrt((wide * wide).mean(-1, keepdims=True) + 1e-6) * gain
    check_close(out[:, :columns], expected, seed)


@dataclass
class Heads:
    """Random queries, keys and values of a layer, a cache, and what NumPy makes of them."""

    rng: np.random.Generator
    heads: int
    kv_heads: int
    dim: int
    rotary: int
    interleaved: bool
    qk_norm: bool
    window: int
    softcap: float
    capacity: int = 64
    slots: int = 3
    slot: int = 1

    @classmethod
    def random(cls, seed: int, window: int) -> Heads:
        rng = np.random.default_rng([seed, window])
        kv_heads, dim = int(rng.integers(1, 4)), int(rng.integers(1, 12)) * 2
        return cls(
            rng,
            kv_heads * int(rng.integers(1, 4)),
            kv_heads,
            dim,
            2 * int(rng.integers(1, dim // 2 + 1)),
            bool(rng.integers(2)),
            bool(rng.integers(2)),
            window,
            float(rng.choice([0.0, 1.5])),
        )

    def __post_init__(self) -> None:
        rng, dim = self.rng, self.dim
        self.quads = -(-dim // 4)
        self.width = (self.heads + 2 * self.kv_heads) * dim
        self.gains = rng.standard_normal((2, dim)).astype(np.float32)
        self.angles = rng.uniform(-3, 3, (self.capacity, self.rotary // 2))
        self.cache = np.zeros((2, self.slots, self.kv_heads, self.capacity, self.quads * 4), np.float16)
        self.cache[..., :dim] = rng.standard_normal((2, self.slots, self.kv_heads, self.capacity, dim))

    @property
    def constants(self) -> dict[str, Any]:
        """Of `heads.wgsl`."""
        return {
            "HEADS": self.heads,
            "KV_HEADS": self.kv_heads,
            "HEAD_DIM": self.dim,
            "QUADS": self.quads,
            "CAPACITY": self.capacity,
            "QKV_STRIDE": self.width + 3,
            "QK_NORM": self.qk_norm,
            "EPSILON": EPSILON,
            "ROTARY_DIMS": self.rotary,
            "INTERLEAVED": self.interleaved,
        }

    @property
    def attending(self) -> dict[str, Any]:
        """Of the attention kernels."""
        return self.constants | {
            "GROUP": self.heads // self.kv_heads,
            "SCALE": 0.3,
            "SOFTCAP": self.softcap,
            "WINDOW": self.window,
            "MIXED_STRIDE": self.heads * self.dim + 5,
            "TILE": 16,
            "WORKGROUP": 8,
        }

    def arrays(self, qkv: NDArray[np.float32], rows: NDArray[np.uint32]) -> dict[str, NDArray[Any]]:
        """What `heads.wgsl` binds: qkv (tokens, width), rows (tokens, 4)."""
        start = -(-self.dim // 4) * 4
        vectors = np.zeros(2 * start, np.float32)
        vectors[: self.dim], vectors[start : start + self.dim] = self.gains
        return {
            "qkv": padded_rows(qkv, self.width + 3),
            "vectors": vectors,
            "angles": np.stack([np.cos(self.angles), np.sin(self.angles)], -1).astype(np.float32),
            "rows": rows,
            "keys": self.cache[0].view(np.uint32),
            "values": self.cache[1].view(np.uint32),
            "heads": np.array([0, start, 0, 0], np.uint32),
        }

    def split(self, qkv: NDArray[np.float32]) -> tuple[F64, F64, F64]:
        """Queries, keys and values (tokens, heads, dim), not normed or rotated yet."""
        parts = qkv.astype(np.float64).reshape(len(qkv), -1, self.dim)
        q, k, v = np.split(parts, [self.heads, self.heads + self.kv_heads], axis=1)
        return q, k, v

    def turned(self, x: F64, gain: int, positions: NDArray[np.int64]) -> F64:
        """Heads (tokens, heads, dim) normed and rotated."""
        if self.qk_norm:
            x = x / np.sqrt((x * x).mean(-1, keepdims=True) + EPSILON) * self.gains[gain]
        out, pairs = x.copy(), self.rotary // 2
        first, second = np.arange(pairs), np.arange(pairs) + pairs
        if self.interleaved:
            first, second = 2 * np.arange(pairs), 2 * np.arange(pairs) + 1
        cos, sin = (f(self.angles[positions])[:, None] for f in (np.cos, np.sin))
        out[..., first] = x[..., first] * cos - x[..., second] * sin
        out[..., second] = x[..., second] * cos + x[..., first] * sin
        return out

    def lowest(self, position: int) -> int:
        """The first position that a token sees."""
        return max(0, position + 1 - self.window) if self.window else 0

    def mixed(self, q: F64, keys: F64, values: F64, position: int) -> F64:
        """What a token at `position` sees: queries (heads, dim), keys and values (kv_heads, positions, dim)."""
        low = self.lowest(position)
        out = np.empty_like(q)
        for head in range(self.heads):
            of = head // (self.heads // self.kv_heads)
            scores = 0.3 * keys[of, low : position + 1] @ q[head]
            if self.softcap:
                scores = self.softcap * np.tanh(scores / self.softcap)
            weights = np.exp(scores - scores.max())
            out[head] = weights @ values[of, low : position + 1] / weights.sum()
        return out

    def check_mixed(self, found: NDArray[np.float32], expected: F64, seed: int) -> None:
        """A row of the output (heads · dim and some that nobody writes)."""
        # The device may round float16 otherwise than NumPy: one unit in the last place of one of the keys.
        error = np.abs(found[: self.heads * self.dim] - expected.reshape(-1)).max()
        assert error < 3e-3 * max(1.0, np.abs(expected).max()), f"seed {seed}: {self}"
        assert np.isnan(found[self.heads * self.dim :]).all(), f"seed {seed}: written beyond its heads"


def _halves(device: GpuDevice) -> str:
    """The form of the cache's numbers to be tested: packed ones are where `shader-f16` is not."""
    return "native" if device.f16 else "packed"


def _close_halves(found: NDArray[np.float16], expected: F64) -> None:
    assert np.abs(found - expected).max() < 2e-3 * max(1.0, np.abs(expected).max())


@pytest.mark.parametrize("window", [0, 19])
def test_append(any_gpu_device: GpuDevice, window: int, seed: int) -> None:
    """Keys of several tokens and slots, normed and rotated, and values, into their places and no other."""
    h = Heads.random(seed, window)
    tokens = 5
    qkv = h.rng.standard_normal((tokens, h.width)).astype(np.float32)
    places = np.array([[0, 3], [0, 4], [2, 63], [2, 0], [1, 17]])
    rows = np.zeros((tokens, 4), np.uint32)
    rows[:, :2] = places
    before = h.cache.copy()
    kernel = shaders.kernel("append", halves=_halves(any_gpu_device))
    out = run_kernel(any_gpu_device, kernel, h.constants, h.arrays(qkv, rows), (h.kv_heads, tokens, 1))
    _, k, v = h.split(qkv)
    for plane, new in enumerate((h.turned(k, 1, places[:, 1]), v)):
        found = out[("keys", "values")[plane]].view(np.float16).reshape(before[0].shape)
        for token, (slot, position) in enumerate(places):
            _close_halves(found[slot, :, position, : h.dim], new[token])
            assert (found[slot, :, position, h.dim :] == 0).all()
            found[slot, :, position] = before[plane, slot, :, position]
        np.testing.assert_array_equal(found, before[plane], f"seed {seed}: written elsewhere")


@pytest.mark.parametrize("window", [0, 19])
@pytest.mark.parametrize("each", [5, 64])
def test_attention_in_splits(any_gpu_device: GpuDevice, each: int, window: int, seed: int) -> None:
    """A token's attention to a cache, in one split and in many, with its own key appended; then `combine`."""
    h = Heads.random(seed, window)
    position = int(h.rng.integers(30, 60))
    splits = -(-min(position + 1, window or h.capacity) // each)
    h.cache[:, h.slot, :, position] = np.nan  # must be overwritten, and not read before
    qkv = h.rng.standard_normal((1, h.width)).astype(np.float32)
    rows = np.array([[h.slot, position, each, splits]], np.uint32)
    constants = h.attending
    mixed = poisoned(constants["MIXED_STRIDE"])
    arrays = h.arrays(qkv, rows) | {"mixed": mixed, "partials": poisoned(h.heads * splits * (h.quads + 1) * 4)}
    kernel = shaders.kernel("attention", halves=_halves(any_gpu_device))
    out = run_kernel(any_gpu_device, kernel, constants, arrays, (h.kv_heads, splits, 1))
    found = out["mixed"]
    if splits > 1:
        assert np.isnan(found).all(), "a split is not the whole"
        kernel = shaders.kernel("combine")
        constants = {name: value for name, value in constants.items() if name in kernel.constants}
        arrays = {"partials": out["partials"], "rows": rows, "mixed": mixed}
        found = run_kernel(any_gpu_device, kernel, constants, arrays, (h.heads, 1, 1))["mixed"]

    q, k, v = h.split(qkv)
    at = np.array([position])
    key = h.turned(k, 1, at)[0]
    keys, values = (plane[h.slot, :, : position + 1, : h.dim].astype(np.float64) for plane in h.cache)
    keys[:, position], values[:, position] = key.astype(np.float16), v[0].astype(np.float16)
    h.check_mixed(found, h.mixed(h.turned(q, 0, at)[0], keys, values, position), seed)
    for name, new in (("keys", key), ("values", v[0])):
        written = out[name].view(np.float16).reshape(h.cache[0].shape)[h.slot, :, position]
        _close_halves(written[:, : h.dim], new)
        assert (written[:, h.dim :] == 0).all()


ROWS_KERNELS = pytest.mark.parametrize("kernel", ["attention_rows", "attention_lanes"])


@ROWS_KERNELS
@pytest.mark.parametrize("segment", [64, 11])
@pytest.mark.parametrize("window", [0, 19])
def test_attention_of_rows(any_gpu_device: GpuDevice, kernel: str, window: int, segment: int, seed: int) -> None:
    _check_attention_of_rows(any_gpu_device, kernel, Heads.random(seed, window), segment, seed)


@ROWS_KERNELS
@pytest.mark.parametrize(
    ("heads", "kv_heads", "dim", "window", "softcap", "segment"),
    [
        (6, 2, 10, 0, 0.0, 96),
        (7, 1, 64, 19, 2.0, 96),
        (7, 1, 64, 19, 2.0, 16),
        (3, 3, 33, 5, 0.0, 30),
        (8, 1, 100, 0, 1.5, 96),
    ],
)
def test_attention_of_rows_with_larger_heads(
    gpu_device: GpuDevice, kernel: str, heads: int, kv_heads: int, dim: int, window: int, softcap: float, segment: int
) -> None:
    rng = np.random.default_rng(SEEDS[-1])
    h = Heads(rng, heads, kv_heads, dim, 2 * (dim // 3), dim == 64, heads == 3, window, softcap, capacity=96)
    _check_attention_of_rows(gpu_device, kernel, h, segment, SEEDS[-1])


def _check_attention_of_rows(device: GpuDevice, name: str, h: Heads, segment: int, seed: int) -> None:
    """Blocks of neighbouring tokens, full and not, of two texts, over what the cache holds of them already, a segment
    of the positions after the other."""
    lanes = name == "attention_lanes"
    if lanes and not has_subgroups_of_8(device):
        pytest.skip("this combination has no subgroups of 8")
    group = h.heads // h.kv_heads
    most = 16 // group if lanes else min(3, 8 // group)
    texts = [(0, int(h.rng.integers(0, 25)), int(h.rng.integers(most + 1, 39))), (2, int(h.rng.integers(20, 50)), 1)]
    tokens = sum(count for _, _, count in texts)
    qkv = h.rng.standard_normal((tokens, h.width)).astype(np.float32)
    rows, blocks = np.zeros((tokens, 4), np.uint32), []
    row = 0
    h.cache[:, 1] = np.nan  # nobody may look at other texts, ahead, or back beyond the window
    for slot, position, count in texts:
        rows[row : row + count, 0], rows[row : row + count, 1] = slot, position + np.arange(count)
        blocks += [(row + at, min(most, count - at)) for at in range(0, count, most)]
        h.cache[:, slot, :, position + count :] = np.nan
        h.cache[:, slot, :, : h.lowest(position)] = np.nan
        row += count
    constants = h.attending | {"RUNNING": h.heads * h.dim + 1, "MIXED_STRIDE": h.heads * (h.dim + 2) + 4}
    if lanes:
        constants = {key: value for key, value in constants.items() if key not in ("TILE", "WORKGROUP")}
    else:
        constants |= {"BLOCK_TOKENS": most}
    arrays = h.arrays(qkv, rows) | {
        "mixed": poisoned(tokens, constants["MIXED_STRIDE"]),
        "blocks": np.array(blocks, np.uint32),
    }
    kernel = shaders.kernel(name, halves=_halves(device))
    for first in range(0, h.capacity, segment):
        arrays["heads"][2:] = first, first + segment
        arrays |= run_kernel(device, kernel, constants, arrays, (h.kv_heads, len(blocks), 1))
    positions = rows[:, 1].astype(np.int64)
    q = h.turned(h.split(qkv)[0], 0, positions)
    expected = np.empty_like(q)
    for token in range(tokens):
        keys, values = (plane[rows[token, 0], :, :, : h.dim].astype(np.float64) for plane in h.cache)
        expected[token] = h.mixed(q[token], keys, values, int(positions[token]))
    mixed, used = arrays["mixed"], h.heads * h.dim
    check_close(mixed[:, :used], expected.reshape(tokens, used), seed)
    rest = np.delete(mixed[:, used:], np.s_[1 : 1 + 2 * h.heads], axis=1)
    assert np.isnan(rest).all(), f"seed {seed}: written beyond its heads, maxima and totals"
