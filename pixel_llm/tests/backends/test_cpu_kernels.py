"""Kernels against NumPy: every encoding and path, shapes that are not whole vectors, several threads."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pixel_llm.backends.cpu.kernels import LAYOUTS, addresses
from pixel_llm.backends.cpu.kernels_matmul import panel_bytes
from pixel_llm.backends.cpu.kernels_prepare import quantise_name
from pixel_llm.backends.cpu.memory import Region
from pixel_llm.backends.cpu.program import Program, float_bits
from pixel_llm.backends.cpu.target import Target
from pixel_llm.formats.encodings import ENCODINGS, Encoding, decode_rows, encode_rows, plane_specs
from pixel_llm.tests.backends import avx_vnni

GROUPED = [name for name, enc in ENCODINGS.items() if enc.group]
PLAIN = [name for name, enc in ENCODINGS.items() if not enc.group]
# Numbers of groups that end a row in each narrower vector; rows that are no whole panel.
GROUPS = (1, 2, 3, 7, 13, 18)
ROWS = (1, 5, 16, 37)

PATHS = pytest.mark.parametrize("path", avx_vnni.paths())


@pytest.fixture(autouse=True)
def _also_avx_vnni(monkeypatch: pytest.MonkeyPatch) -> None:
    avx_vnni.install(monkeypatch)


def run(target: Target, threads: int, *ops: tuple[str, dict[str, int]]) -> None:
    """Run ops with each thread's number in turn; ops that need no meeting within one op."""
    program = Program(LAYOUTS)
    for name, fields in ops:
        program.add(name, **fields)
    table = program.table(addresses(program.kernels, target))
    for row in table:
        function = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * 3)(int(row[0]))
        for thread in range(threads):
            function(row.ctypes.data, thread, threads)


def random_planes(enc: Encoding, rows: int, columns: int, seed: int = 0) -> tuple[NDArray[Any], ...]:
    """Every code occurs; scales and offsets of both signs."""
    rng = np.random.default_rng(seed)
    if not enc.group:
        return encode_rows(enc, rng.standard_normal((rows, columns), np.float32))
    codes, scales = plane_specs(enc, (rows, columns))
    low, high = (-128, 128) if enc.signed else (0, 256)
    return (
        rng.integers(low, high, codes.shape, codes.sample.dtype),
        rng.standard_normal(scales.shape).astype(np.float16) * np.float16(0.1),
    )


class Activations:
    """x (tokens, columns) and what `quantise` makes of it, for one or for many tokens."""

    def __init__(self, x: NDArray[np.float32], enc: Encoding, target: Target, *, one: bool) -> None:
        tokens, columns = x.shape
        groups = columns // enc.group
        self.x = x
        self.tokens = np.array([tokens], np.int64)
        self.q = np.zeros((tokens, columns), np.int16)
        self.scales = np.zeros((tokens, 3 * groups), np.float32)
        code_bytes = enc.group * enc.bits // 8
        fields = {
            "tokens": self.tokens.ctypes.data,
            "share": 1,
            "groups": groups,
            "side_by_side": max(target.width * 4 // code_bytes, 1) if one else 1,
            "x": x.ctypes.data,
            "x_row": x.strides[0],
            "q": self.q.ctypes.data,
            "q_row": self.q.strides[0],
            "scales": self.scales.ctypes.data,
            "pairs": self.scales.ctypes.data + 4 * groups,
            "pairs_row": self.scales.strides[0],
        }
        run(target, 2, (quantise_name(enc.bits, enc.group, target, one=one), fields))
        self.fields = {
            "x": self.q.ctypes.data,
            "x_scales": fields["scales"],
            "x_pairs": fields["pairs"],
            "groups": groups,
        }


@PATHS
@pytest.mark.parametrize("name", GROUPED)
def test_matvec(path: str, name: str) -> None:
    target, enc = avx_vnni.choose(path), ENCODINGS[name]
    rng = np.random.default_rng(1)
    for groups in GROUPS:
        columns = groups * enc.group
        x = rng.standard_normal((1, columns), np.float32)
        act = Activations(x, enc, target, one=True)
        for rows in ROWS:
            planes = random_planes(enc, rows, columns, rows)
            bias = rng.standard_normal(rows).astype(np.float32)
            out = np.full(rows + 1, np.nan, np.float32)
            fields = act.fields | {
                "codes": planes[0].ctypes.data,
                "scales": planes[1].ctypes.data,
                "rows": rows,
                "out": out.ctypes.data,
                "bias": bias.ctypes.data,
            }
            run(target, 3, (f"matvec_{name}", fields))
            weights = decode_rows(enc, planes)
            bound = 2e-4 * (np.abs(weights) @ np.abs(x[0])).max()
            np.testing.assert_allclose(out[:rows], weights @ x[0] + bias, atol=bound, rtol=0)
            assert np.isnan(out[rows]), "wrote behind the last row"


@PATHS
@pytest.mark.parametrize("name", GROUPED)
def test_matmul(path: str, name: str) -> None:
    target, enc = avx_vnni.choose(path), ENCODINGS[name]
    rng = np.random.default_rng(2)
    # Each number of tokens up to two of the largest tiles and one more; panels and runs of scales that are not whole.
    for tokens in range(1, 18):
        groups, rows = GROUPS[tokens % len(GROUPS)], (*ROWS, 48)[tokens % 5]
        columns = groups * enc.group
        x = rng.standard_normal((tokens, columns), np.float32)
        act = Activations(x, enc, target, one=False)
        planes = random_planes(enc, rows, columns, rows)
        bias = rng.standard_normal(rows).astype(np.float32)
        out = np.full((tokens, rows + 1), np.nan, np.float32)
        work = Region({"work": panel_bytes(enc, columns, target.width)}, 3)
        fields = act.fields | {
            "tokens": act.tokens.ctypes.data,
            "codes": planes[0].ctypes.data,
            "scales": planes[1].ctypes.data,
            "rows": rows,
            "x_row": act.q.strides[0],
            "pairs_row": act.scales.strides[0],
            "work": work.at("work"),
            "work_private": work.stride,
            "out": out.ctypes.data,
            "out_row": out.strides[0],
            "bias": bias.ctypes.data,
        }
        run(target, 3, (f"matmul_{name}", fields))
        weights = decode_rows(enc, planes)
        bound = 2e-4 * (np.abs(x) @ np.abs(weights.T)).max()
        np.testing.assert_allclose(out[:, :rows], x @ weights.T + bias, atol=bound, rtol=0)
        assert np.isnan(out[:, rows]).all(), "wrote behind the last row"


@PATHS
@pytest.mark.parametrize("name", PLAIN)
def test_plain(path: str, name: str) -> None:
    target, enc = avx_vnni.choose(path), ENCODINGS[name]
    rng = np.random.default_rng(3)
    for columns, rows, tokens in ((1, 1, 1), (19, 37, 6), (64, 16, 1), (71, 5, 4)):
        x = rng.standard_normal((tokens, columns), np.float32)
        planes = random_planes(enc, rows, columns)
        bias = rng.standard_normal(rows).astype(np.float32)
        out = np.full((tokens, rows + 1), np.nan, np.float32)
        count = np.array([tokens], np.int64)
        fields = {
            "tokens": count.ctypes.data,
            "weights": planes[0].ctypes.data,
            "rows": rows,
            "width": columns,
            "x": x.ctypes.data,
            "x_row": x.strides[0],
            "out": out.ctypes.data,
            "out_row": out.strides[0],
            "bias": bias.ctypes.data,
        }
        run(target, 2, (f"plain_{name}", fields))
        np.testing.assert_allclose(out[:, :rows], x @ decode_rows(enc, planes).T + bias, atol=1e-4, rtol=1e-5)
        assert np.isnan(out[:, rows]).all(), "wrote behind the last row"


@PATHS
@pytest.mark.parametrize("name", ENCODINGS)
def test_embedding_rows_are_exact(path: str, name: str) -> None:
    """The same float32 operations as `decode_rows`, so the same bits, subnormal float16 scales included."""
    target, enc = avx_vnni.choose(path), ENCODINGS[name]
    columns = 96 if enc.group else 83
    planes = list(random_planes(enc, 9, columns))
    if enc.group:
        planes[1] = planes[1].copy()
        planes[1][3, 0] = np.float16(6e-8)  # subnormal, as are some of these
        planes[1][8].reshape(-1)[:3] = np.array([1, 0x3FF, 0x8001], np.uint16).view(np.float16)
    ids = np.array([3, 8, 0, 3], np.int64)
    count = np.array([len(ids)], np.int64)
    out = np.zeros((len(ids), columns), np.float32)
    fields = {
        "tokens": count.ctypes.data,
        "share": 1,
        "ids": ids.ctypes.data,
        "codes": planes[0].ctypes.data,
        "scales": planes[1].ctypes.data if enc.group else 0,
        "width": columns,
        "factor": float_bits(1.0),
        "out": out.ctypes.data,
    }
    run(target, 2, (f"embed_{name}", fields))
    expected = decode_rows(enc, planes)[ids]
    np.testing.assert_array_equal(out.view(np.uint32), expected.view(np.uint32))


@PATHS
def test_quantising_keeps_sixteen_bits(path: str) -> None:
    """Scale · q is within half a step of x in every group, zeros and tiny numbers included."""
    target, enc = avx_vnni.choose(path), ENCODINGS["q8"]
    x = np.random.default_rng(4).standard_normal((3, 160)).astype(np.float32)
    x[0, 32:64] = 0
    x[1, 64:96] *= 1e-20
    x[2, 0] = 1e6
    act = Activations(x, enc, target, one=False)
    order = np.concatenate([np.arange(0, 32, 2), np.arange(1, 32, 2)])
    scales = act.scales[:, :5]
    found = np.empty_like(x).reshape(3, 5, 32)
    found[:, :, order] = act.q.reshape(3, 5, 32) * scales[:, :, None]
    assert (np.abs(found - x.reshape(3, 5, 32)) <= scales[:, :, None] * 0.5001).all()
    pairs = act.scales[:, 5:].reshape(3, 5, 2)
    np.testing.assert_array_equal(pairs[:, :, 0], scales)
    np.testing.assert_allclose(pairs[:, :, 1], scales * act.q.reshape(3, 5, 32).sum(2), rtol=1e-6)
    assert np.abs(act.q).max() == 32767


@PATHS
@pytest.mark.parametrize("activation", ["silu", "gelu_tanh"])
def test_gate(path: str, activation: str) -> None:
    target = avx_vnni.choose(path)
    width, tokens = 43, 2
    x = np.linspace(-120, 120, 2 * width * tokens, dtype=np.float32).reshape(2, tokens, width)
    np.random.default_rng(5).shuffle(x.reshape(-1))
    gate, up = x[0].copy(), x[1].copy()
    count = np.array([tokens], np.int64)
    fields = {
        "tokens": count.ctypes.data,
        "width": width,
        "gate": gate.ctypes.data,
        "up": up.ctypes.data,
        "row": gate.strides[0],
    }
    g = x[0].astype(np.float64)
    z = -g if activation == "silu" else -2 * np.sqrt(2 / np.pi) * (g + 0.044715 * g**3)
    expected = g / (1 + np.exp(np.minimum(z, 700))) * x[1]
    run(target, 2, (f"gate_{activation}", fields))
    np.testing.assert_allclose(gate, expected, rtol=2e-6, atol=2e-5)


def test_program_refuses_unknown_fields() -> None:
    program = Program(LAYOUTS)
    with pytest.raises(ValueError, match=r"tuple\.index"):
        program.add("merge", nonsense=1)
    with pytest.raises(KeyError):
        program.add("no such kernel")
