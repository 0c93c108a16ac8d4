"""Random products of weights and activations, and what kernels shall make of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.gpu.arena import padded
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.textures import Form, GpuMatrix, upload
from pixel_llm.formats.encodings import ENCODINGS, Encoding, decode_rows, encode_rows
from pixel_llm.testing.memory_model import MemoryTensor
from pixel_llm.tests.backends.gpu.kernel_harness import check_close, padded_rows, poisoned, run_kernel, weight_setup

F32 = NDArray[np.float32]
EPSILON = 1e-5
LANES = {"none": 1, "workgroup": 16, "subgroup": 4}
"""Invocations that share rows, by how their sums are reduced."""
STRIDE = 160  # elements from one row of an output to the next


def random_matrix(
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


@dataclass(frozen=True)
class Update:
    """What a product has left of a row of the residual stream: `squares` are the first `count`, then poison."""

    values: F32
    squares: F32
    count: int

    @classmethod
    def random(cls, rng: np.random.Generator, columns: int) -> Update:
        """An odd number of partial sums as a rule."""
        count = int(rng.integers(1, 60))
        squares = poisoned(-(-count // 4) * 4)
        squares[:count] = rng.uniform(0, 2 * columns / count, count)
        return cls(rng.standard_normal((1, columns)).astype(np.float32), squares, count)

    def added_to(self, x: F32) -> NDArray[np.float64]:
        """The row with it."""
        total = self.squares[: self.count].astype(np.float64).sum()
        return x + self.values.astype(np.float64) / np.sqrt(total / self.values.shape[1] + EPSILON)


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
    update: Update | None = None

    @classmethod
    def random(
        cls,
        device: GpuDevice,
        rng: np.random.Generator,
        name: str,
        form: Form,
        tokens: int,
        *,
        norm: F32 | None = None,
        updated: bool = False,
        finish: Finish | None = None,
    ) -> Product:
        """`norm` has the weights of the norm before it, of which the first are used. `updated`: to the row belongs what
        another product has left."""
        finish = finish or Finish.random(rng)
        rows, column = int(rng.integers(1, 70)), int(rng.integers(0, 90))
        matrix, w = random_matrix(
            device, rng, ENCODINGS[name], rows * (1 + finish.paired), int(rng.integers(1, 8)), form
        )
        x = rng.standard_normal((tokens, w.shape[1])).astype(np.float32)
        bias = rng.standard_normal(len(w)).astype(np.float32)
        before = rng.standard_normal((tokens, STRIDE)).astype(np.float32)
        update = Update.random(rng, w.shape[1]) if updated else None
        wide = x.astype(np.float64) if update is None else update.added_to(x)
        if norm is not None:
            wide = wide / np.sqrt((wide * wide).mean(1, keepdims=True) + EPSILON) * norm[: w.shape[1]]
        product = cls(matrix, finish, rows, column, x, bias, before, np.empty(0), update)
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
        squares = 0 if self.update is None else self.update.count
        places = (self.rows, 0, bias, bias + self.rows, self.column, squares)
        lies = (row // 32, row, STRIDE, matrix.row_texels, matrix.row_scales, scales)
        return np.array([*places, self.finish.flags, cap, *lies, team_rows, 0], np.uint32)

    def check(self, out: F32, seed: int) -> None:
        """The result, and that nothing else was written."""
        check_close(out[:, self.written], self.expected, seed)
        rest = np.delete(out, np.s_[self.written], axis=1)
        assert np.isnan(rest).all(), f"seed {seed}: written beyond its rows"
        self.matrix.destroy()


def some_way(rng: np.random.Generator, device: GpuDevice) -> tuple[str, str]:
    """How a matrix-vector product is reduced, and the kind of buffer that its activations come from."""
    ways = ("none", "workgroup", "subgroup") if device.subgroups else ("none", "workgroup")
    return ways[rng.integers(len(ways))], ("storage", "uniform")[rng.integers(2)]


def run_matvec(device: GpuDevice, product: Product, seed: int, reduce: str, source: str, norm: F32 | None) -> None:
    """Run `matvec` and check its output and, where there is an update, the row that it is kept in."""
    lanes = LANES[reduce]
    workgroup = 8 if lanes == 1 else 32
    paired, matrix, update = product.finish.paired, product.matrix, product.update
    row = padded(matrix.columns)
    residual = "none" if update is None else source
    kernel, constants, weights = weight_setup("matvec", matrix, input=source, reduce=reduce, residual=residual)
    constants |= product.finish.constants | {
        "OUTPUT_STRIDE": STRIDE,
        "ROWS": 4,
        "LANES": lanes,
        "WORKGROUP": workgroup,
        "PAIRED": paired,
        "NORM": norm is not None,
    }
    gain = np.zeros(row, np.float32) if norm is None else padded_rows(norm[None, : matrix.columns], row)[0]
    x = padded_rows(product.x, row)
    arrays = {
        "input": x,
        "vectors": np.concatenate([gain, product.bias, np.zeros(3, np.float32)]),
        "output": product.output,
        "linear": product.linear(row, row, 0),
    }
    if source == "uniform":
        constants["INPUT_QUADS"] = row // 4
        arrays["norm_row"] = gain
    if update is not None:
        if source == "uniform":
            constants["SQUARE_QUADS"] = len(update.squares) // 4
        arrays |= {"update": padded_rows(update.values, row), "squares": update.squares, "stream": poisoned(1, row)}
    each = workgroup // lanes * (2 if paired else 4)
    out = run_kernel(
        device, kernel, constants, arrays, (-(-product.rows // each), 1, 1), others=weights, also=("input",)
    )
    assert (out["input"] == x).all(), "other workgroups still read it"
    if update is not None:
        check_close(out["stream"][:, : matrix.columns], update.added_to(product.x), seed)
        assert (out["stream"][:, matrix.columns :] == 0).all(), "blocks of weights reach beyond the row's end"
    product.check(out["output"], seed)
