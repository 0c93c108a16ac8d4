"""Each kernel that reads weights against NumPy, in every combination of features and limits, over shapes that are no
multiples of anything; outputs are poisoned."""

from __future__ import annotations

import numpy as np
import pytest

from pixel_llm.backends.gpu.arena import padded
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.subgroups import has_subgroups_of_8
from pixel_llm.backends.gpu.textures import Form
from pixel_llm.backends.gpu.tuning import tuning_for
from pixel_llm.formats.encodings import ENCODINGS
from pixel_llm.tests.backends.gpu.combinations import SEEDS
from pixel_llm.tests.backends.gpu.kernel_harness import check_close, padded_rows, poisoned, run_kernel, weight_setup
from pixel_llm.tests.backends.gpu.kernel_products import STRIDE, Finish, Product, random_matrix, run_matvec, some_way


@pytest.mark.parametrize("form", ["texture", "buffer"])
@pytest.mark.parametrize("name", list(ENCODINGS))
def test_matvec(any_gpu_device: GpuDevice, name: str, form: Form) -> None:
    """With the norm before it, reduced in each way, activations from either kind of buffer."""
    for seed in (SEEDS[0], SEEDS[-1]):
        rng = np.random.default_rng([seed, list(ENCODINGS).index(name)])
        gain = rng.standard_normal(2048).astype(np.float32)
        reduce, source = some_way(rng, any_gpu_device)
        product = Product.random(any_gpu_device, rng, name, form, 1, norm=gain)
        run_matvec(any_gpu_device, product, seed, reduce, source, gain)


@pytest.mark.parametrize("reduce", ["none", "workgroup", "subgroup"])
@pytest.mark.parametrize("source", ["storage", "uniform"])
def test_matvec_without_norm(any_gpu_device: GpuDevice, reduce: str, source: str, seed: int) -> None:
    if reduce == "subgroup" and not any_gpu_device.subgroups:
        pytest.skip("this combination has no subgroups")
    rng = np.random.default_rng(seed)
    product = Product.random(any_gpu_device, rng, "q4a", "texture", 1)
    run_matvec(any_gpu_device, product, seed, reduce, source, None)


def test_matvec_of_many_columns(gpu_device: GpuDevice) -> None:
    """A software adapter ends loops that are too long, so an invocation gets fewer rows."""
    if not gpu_device.info.software:
        pytest.skip("a GPU has no such bound")
    rng = np.random.default_rng(SEEDS[-1])
    rows, columns = STRIDE, 60_000
    matrix, w = random_matrix(gpu_device, rng, ENCODINGS["q8"], rows, columns // 32, "buffer")
    x = rng.standard_normal((1, columns)).astype(np.float32)
    bias, output = np.zeros(rows, np.float32), poisoned(1, STRIDE)
    product = Product(matrix, Finish(), rows, 0, x, bias, output, x @ w.T.astype(np.float64))
    each = tuning_for(gpu_device).rows_for(32 * 48 * rows, columns // 32, paired=False)
    kernel, constants, weights = weight_setup("matvec", matrix, input="storage", reduce="none", residual="none")
    constants |= product.finish.constants | {"OUTPUT_STRIDE": STRIDE, "ROWS": each, "LANES": 1, "WORKGROUP": 8}
    arrays = {"input": x, "vectors": bias, "output": output, "linear": product.linear(columns, 0, 0)}
    out = run_kernel(gpu_device, kernel, constants, arrays, (-(-rows // (8 * each)), 1, 1), others=weights)
    product.check(out["output"], SEEDS[-1])


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
    matrix, w = random_matrix(gpu_device, rng, ENCODINGS["q8"], rows, 34_048 // 32, "buffer")
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
    matrix, w = random_matrix(any_gpu_device, rng, ENCODINGS[name], vocabulary, int(rng.integers(1, 5)), form)
    row = padded(w.shape[1])
    kernel, constants, weights = weight_setup("embed", matrix)
    constants |= {"VOCABULARY": vocabulary, "PART_ROWS": vocabulary, "SCALE": 2.5, "OUTPUT_STRIDE": row}
    ids = rng.integers(0, vocabulary, 9).astype(np.uint32)
    arrays = {"ids": ids, "output": poisoned(9, row)}
    out = run_kernel(any_gpu_device, kernel, constants, arrays, (1, 9, 1), others=weights)["output"]
    check_close(out[:, : w.shape[1]], 2.5 * w[ids], seed)
    assert (out[:, w.shape[1] :] == 0).all()
    matrix.destroy()
