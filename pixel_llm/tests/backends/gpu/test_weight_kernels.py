"""Each kernel that reads weights against NumPy, in every combination of features and limits, over shapes that are no
multiples of anything; outputs are poisoned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pixel_llm.backends.gpu.arena import padded
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.subgroups import has_subgroups_of_8
from pixel_llm.backends.gpu.textures import Form, GpuMatrix, upload
from pixel_llm.backends.gpu.tuning import tuning_for
from pixel_llm.formats.encodings import ENCODINGS, Encoding, decode_rows, encode_rows
from pixel_llm.testing.memory_model import MemoryTensor
from pixel_llm.tests.backends.gpu.combinations import SEEDS
from pixel_llm.tests.backends.gpu.kernel_harness import check_close, padded_rows, poisoned, run_kernel, weight_setup

F32 = NDArray[np.float32]
STRIDE = 160  # elements from one row of an output to the next


def _matrix(
    device: GpuDevice, rng: np.random.Generator, encoding: Encoding, rows: int, groups: int, form: Form
) -> tuple[GpuMatrix, F32]:
    """A random matrix on the device, and its values."""
    columns = groups * encoding.group if encoding.group else 13 * groups
    values = rng.standard_normal((rows, columns)).astype(np.float32)
    planes = encode_rows(encoding, values)
    tensor = MemoryTensor("w", values.shape, encoding, planes)
    return upload(device, tensor, form=form), decode_rows(encoding, planes)


@dataclass(frozen=True)
class Finish:
    """What `linear.wgsl` does with the sums."""

    bias: bool = False
    add: bool = False
    gated: bool = False
    gelu: bool = False
    paired: bool = False
    softcap: float = 0.0

    @classmethod
    def random(cls, rng: np.random.Generator) -> Finish:
        """One of the ways in which decoders use it."""
        how = rng.choice(["plain", "add", "gated", "paired", "softcap"])
        return cls(
            bias=bool(rng.integers(2)),
            add=how == "add",
            gated=how == "gated",
            gelu=bool(rng.integers(2)),
            paired=how == "paired",
            softcap=2.5 if how == "softcap" else 0.0,
        )

    @property
    def flags(self) -> int:
        """As `options_uniform.wgsl` reads them."""
        return self.bias + 2 * self.add + 4 * self.gated + 8 * self.gelu + 16 * self.paired

    @property
    def constants(self) -> dict[str, Any]:
        """As `options_constant.wgsl` has them; PAIRED is a kernel's own."""
        options = {"BIAS": self.bias, "ADD": self.add, "GATED": self.gated, "GELU": self.gelu}
        return options | {"SOFTCAP": self.softcap}

    def expected(self, sums: NDArray[np.float64], bias: F32, before: F32) -> NDArray[np.float64]:
        """For sums (tokens, rows of the matrix) what the output (tokens, rows) shall hold, `before` being there."""
        value = sums + bias if self.bias else sums
        if self.paired:
            gate, up = np.split(value, 2, axis=1)
            return self._activated(gate) * up
        if self.softcap:
            value = self.softcap * np.tanh(value / self.softcap)
        if self.add:
            value = value + before
        if self.gated:
            value = value * self._activated(before.astype(np.float64))
        return value

    def _activated(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.gelu:
            return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
        return x / (1 + np.exp(-x))


@dataclass
class Product:
    """A matrix, activations, and what their product shall become."""

    matrix: GpuMatrix
    finish: Finish
    rows: int  # of the output
    column: int  # where they begin in a row of it
    x: F32
    bias: F32
    before: F32
    expected: NDArray[np.float64]

    @classmethod
    def random(
        cls, device: GpuDevice, rng: np.random.Generator, name: str, form: Form, tokens: int, *, norm: F32 | None = None
    ) -> Product:
        finish = Finish.random(rng)
        rows, column = int(rng.integers(1, 70)), int(rng.integers(0, 90))
        matrix, w = _matrix(device, rng, ENCODINGS[name], rows * (1 + finish.paired), int(rng.integers(1, 8)), form)
        x = rng.standard_normal((tokens, w.shape[1])).astype(np.float32)
        bias = rng.standard_normal(len(w)).astype(np.float32)
        before = rng.standard_normal((tokens, STRIDE)).astype(np.float32)
        wide = x.astype(np.float64)
        if norm is not None:
            wide = wide / np.sqrt((wide * wide).mean(1, keepdims=True) + 1e-5) * norm[: w.shape[1]]
        product = cls(matrix, finish, rows, column, x, bias, before, np.empty(0))
        product.expected = finish.expected(wide @ w.T.astype(np.float64), bias, before[:, product.written])
        return product

    @property
    def written(self) -> slice:
        """Columns of the output that the kernel shall write."""
        return slice(self.column, self.column + self.rows)

    @property
    def output(self) -> F32:
        """Poison, but for what the kernel reads of it."""
        out = poisoned(*self.before.shape)
        if self.finish.add or self.finish.gated:
            out[:, self.written] = self.before[:, self.written]
        return out

    def linear(self, row: int, bias: int, team_rows: int) -> NDArray[np.uint32]:
        """The uniform of `linear.wgsl`."""
        matrix, group = self.matrix, self.matrix.encoding.group
        cap = int(np.float32(self.finish.softcap).view(np.uint32))
        scales = matrix.columns // group if group else 0
        values = (self.rows, 0, bias, bias + self.rows, self.column, self.finish.flags, cap, row // 32, row, STRIDE)
        return np.array([*values, matrix.row_texels, matrix.row_scales, scales, team_rows, 0, 0], np.uint32)

    def check(self, out: F32, seed: int) -> None:
        """The result, and that nothing else was written."""
        check_close(out[:, self.written], self.expected, seed)
        rest = np.delete(out, np.s_[self.written], axis=1)
        assert np.isnan(rest).all(), f"seed {seed}: written beyond its rows"
        self.matrix.destroy()


@pytest.mark.parametrize("form", ["texture", "buffer"])
@pytest.mark.parametrize("name", list(ENCODINGS))
def test_matvec(any_gpu_device: GpuDevice, name: str, form: Form) -> None:
    """With the norm before it, reduced in each way, activations from either kind of buffer."""
    for seed in (SEEDS[0], SEEDS[-1]):
        rng = np.random.default_rng([seed, list(ENCODINGS).index(name)])
        gain = rng.standard_normal(2048).astype(np.float32)
        ways = ("none", "workgroup", "subgroup") if any_gpu_device.subgroups else ("none", "workgroup")
        reduce = ways[rng.integers(len(ways))]
        source = ("storage", "uniform")[rng.integers(2)]
        product = Product.random(any_gpu_device, rng, name, form, 1, norm=gain)
        _run_matvec(any_gpu_device, product, seed, reduce, source, gain)


@pytest.mark.parametrize("reduce", ["none", "workgroup", "subgroup"])
@pytest.mark.parametrize("source", ["storage", "uniform"])
def test_matvec_without_norm(any_gpu_device: GpuDevice, reduce: str, source: str, seed: int) -> None:
    if reduce == "subgroup" and not any_gpu_device.subgroups:
        pytest.skip("this combination has no subgroups")
    rng = np.random.default_rng(seed)
    product = Product.random(any_gpu_device, rng, "q4a", "texture", 1)
    _run_matvec(any_gpu_device, product, seed, reduce, source, None)


def _run_matvec(device: GpuDevice, product: Product, seed: int, reduce: str, source: str, gain: F32 | None) -> None:
    lanes = {"none": 1, "workgroup": 16, "subgroup": 4}[reduce]
    workgroup = 8 if lanes == 1 else 32
    paired, matrix = product.finish.paired, product.matrix
    row = padded(matrix.columns)
    kernel, constants, weights = weight_setup("matvec", matrix, input=source, reduce=reduce)
    constants |= product.finish.constants | {
        "OUTPUT_STRIDE": STRIDE,
        "ROWS": 4,
        "LANES": lanes,
        "WORKGROUP": workgroup,
        "PAIRED": paired,
        "NORM": gain is not None,
    }
    norm = np.zeros(row, np.float32) if gain is None else padded_rows(gain[None, : matrix.columns], row)[0]
    arrays = {
        "input": padded_rows(product.x, row),
        "vectors": np.concatenate([norm, product.bias, np.zeros(3, np.float32)]),
        "output": product.output,
        "linear": product.linear(row, row, 0),
    }
    if source == "uniform":
        constants["INPUT_QUADS"] = row // 4
        arrays["norm_row"] = norm
    each = workgroup // lanes * (2 if paired else 4)
    out = run_kernel(device, kernel, constants, arrays, (-(-product.rows // each), 1, 1), others=weights)
    product.check(out["output"], seed)


@pytest.mark.parametrize(
    ("kernel_name", "parts"),
    [("gemm", {"share": "none"}), ("gemm", {"share": "subgroup"}), ("gemm_tiled", {})],
    ids=("registers", "subgroups", "workgroup memory"),
)
@pytest.mark.parametrize("form", ["texture", "buffer"])
@pytest.mark.parametrize("name", list(ENCODINGS))
def test_gemm(any_gpu_device: GpuDevice, name: str, form: Form, kernel_name: str, parts: dict[str, str]) -> None:
    """Several rows of activations, products in registers, read by each or passed in subgroups, and through workgroup
    memory."""
    if parts.get("share") == "subgroup" and not has_subgroups_of_8(any_gpu_device):
        pytest.skip("this combination has no subgroups of 8")
    for seed in SEEDS:
        rng = np.random.default_rng([seed, list(ENCODINGS).index(name)])
        tokens = int(rng.integers(1, 45))
        product = Product.random(any_gpu_device, rng, name, form, tokens)
        row, paired = padded(product.matrix.columns), product.finish.paired
        kernel, constants, weights = weight_setup(kernel_name, product.matrix, **parts)
        rows, tile = 32, 32
        if kernel_name == "gemm":
            constants |= {"ROWS": 4, "WORKGROUP": 8}
            tile = 8
        arrays = {
            "input": padded_rows(product.x, row),
            "vectors": np.concatenate([product.bias, np.zeros(4, np.float32)]),
            "output": product.output,
            "linear": product.linear(row, 0, 4),
            "batch": np.array([tokens, 0, 0, 0], np.uint32),
        }
        grid = (-(-product.rows // (rows // 2 if paired else rows)), -(-tokens // tile), 1)
        out = run_kernel(any_gpu_device, kernel, constants, arrays, grid, others=weights)
        product.check(out["output"], seed)


def test_gemm_of_many_columns(gpu_device: GpuDevice) -> None:
    """A software adapter ends loops that are too long, so an invocation gets fewer rows."""
    if not gpu_device.info.software:
        pytest.skip("a GPU has no such bound")
    rng = np.random.default_rng(SEEDS[-1])
    tokens, rows, most = 3, STRIDE, 64
    matrix, w = _matrix(gpu_device, rng, ENCODINGS["q8"], rows, 34_048 // 32, "buffer")
    x = rng.standard_normal((tokens, w.shape[1])).astype(np.float32)
    product = Product(
        matrix, Finish(), rows, 0, x, np.zeros(rows, np.float32), poisoned(tokens, STRIDE), x @ w.T.astype(np.float64)
    )
    row = padded(w.shape[1])
    each = tuning_for(gpu_device).gemm_rows_for(8 * most, row // 32, paired=False)
    kernel, constants, weights = weight_setup("gemm", matrix, share="none")
    arrays = {
        "input": padded_rows(x, row),
        "vectors": np.zeros(4, np.float32),
        "output": product.output,
        "linear": product.linear(row, 0, each),
        "batch": np.array([tokens, 0, 0, 0], np.uint32),
    }
    grid = (-(-rows // (8 * each)), 1, 1)
    out = run_kernel(gpu_device, kernel, constants | {"ROWS": most, "WORKGROUP": 8}, arrays, grid, others=weights)
    product.check(out["output"], SEEDS[-1])


@pytest.mark.parametrize("form", ["texture", "buffer"])
@pytest.mark.parametrize("name", list(ENCODINGS))
def test_embed(any_gpu_device: GpuDevice, name: str, form: Form) -> None:
    """Rows by id, scaled, zero from a row's end to the next one. Encodings take turns with the seeds."""
    seed = SEEDS[list(ENCODINGS).index(name) % len(SEEDS)]
    rng = np.random.default_rng(seed)
    vocabulary = int(rng.integers(2, 80))
    matrix, w = _matrix(any_gpu_device, rng, ENCODINGS[name], vocabulary, int(rng.integers(1, 5)), form)
    row = padded(w.shape[1])
    kernel, constants, weights = weight_setup("embed", matrix)
    constants |= {"VOCABULARY": vocabulary, "PART_ROWS": vocabulary, "SCALE": 2.5, "OUTPUT_STRIDE": row}
    ids = rng.integers(0, vocabulary, 9).astype(np.uint32)
    arrays = {"ids": ids, "output": poisoned(9, row)}
    out = run_kernel(any_gpu_device, kernel, constants, arrays, (1, 9, 1), others=weights)["output"]
    check_close(out[:, : w.shape[1]], 2.5 * w[ids], seed)
    assert (out[:, w.shape[1] :] == 0).all()
    matrix.destroy()
