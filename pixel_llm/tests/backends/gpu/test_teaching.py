"""The teaching kernels against float64 NumPy, to 1e-5, and what catches a kernel that is wrong."""

from __future__ import annotations

import secrets

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pixel_llm.backends.gpu import shaders
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.teaching import TOLERANCE, dot_product, matmul, validate
from pixel_llm.errors import GpuError, InvalidArgumentError


@pytest.mark.parametrize("fixed", [0, 1, None])
def test_random_shapes(any_gpu_device: GpuDevice, fixed: int | None) -> None:
    seed = secrets.randbits(32) if fixed is None else fixed
    for comparison in validate(any_gpu_device, seed, count=4, largest=150):
        assert comparison.passed, (seed, comparison)


@settings(max_examples=30)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 70), st.sampled_from([np.float32, np.float16]))
@example(16, 16, 16, np.float32)
@example(17, 1, 33, np.float16)
@example(1, 1, 1, np.float32)
def test_matmul_is_within_the_tolerance_of_the_largest_element(
    plain_gpu_device: GpuDevice, rows: int, inner: int, columns: int, dtype: type[np.generic]
) -> None:
    rng = np.random.default_rng([rows, inner, columns])
    a, b = rng.standard_normal((rows, inner)).astype(dtype), rng.standard_normal((inner, columns)).astype(dtype)
    wanted = a.astype(np.float64) @ b.astype(np.float64)
    assert np.abs(matmul(plain_gpu_device, a, b) - wanted).max() <= TOLERANCE * np.abs(wanted).max()


@pytest.mark.parametrize("n", [1, 2, 3, 255, 256, 257, 1023, 65_535, 65_537, 262_147, 1_000_003])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_dot_products_of_positive_numbers(gpu_device: GpuDevice, n: int, dtype: type[np.generic]) -> None:
    """Where nothing cancels the plain relative error counts."""
    rng = np.random.default_rng(n)
    a, b = rng.random(n).astype(dtype), rng.random(n).astype(dtype)
    wanted = float(a.astype(np.float64) @ b.astype(np.float64))
    assert dot_product(gpu_device, a, b) == pytest.approx(wanted, rel=TOLERANCE, abs=0)


def test_arrays_that_are_not_contiguous(gpu_device: GpuDevice) -> None:
    a = np.arange(60, dtype=np.float32).reshape(6, 10)
    np.testing.assert_array_equal(matmul(gpu_device, a.T, a[:, ::3]), a.T @ a[:, ::3])
    assert dot_product(gpu_device, a[:, 1], a[::-1, 2]) == float(a[:, 1] @ a[::-1, 2])


def test_what_does_not_fit(plain_gpu_device: GpuDevice) -> None:
    ones = np.ones((3, 4), np.float32)
    wrong = [(ones, ones), (ones, ones[0]), (ones, ones.T.astype(np.float16)), (ones, np.ones((4, 0), np.float32))]
    wrong.append((ones.astype(np.float64), ones.T.astype(np.float64)))
    for a, b in wrong:
        with pytest.raises(InvalidArgumentError):
            matmul(plain_gpu_device, a, b)
    with pytest.raises(InvalidArgumentError, match="3 and 4"):
        dot_product(plain_gpu_device, ones[:, 0], ones[0])
    large = np.zeros(1 << 25 | 1, np.float32)
    with pytest.raises(GpuError, match="exceeds the adapter's"):
        dot_product(plain_gpu_device, large, large)
    with pytest.raises(GpuError, match="exceeds"):  # 65,536 tiles of rows
        matmul(plain_gpu_device, np.zeros((65_535 * 16 + 1, 1), np.float16), np.zeros((1, 1), np.float16))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("row < problem.rows && column", "row + 1u < problem.rows && column"),  # the last row is never written
        ("k < TILE", "k + 1u < TILE"),
        ("start += TILE", "start += TILE + 1"),
        ("= sum;", "= sum * 1.0001;"),
    ],
)
def test_a_wrong_kernel_is_caught(right: str, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Faults of four kinds; a result that was never written is NaN, not what lay in memory before."""
    text = shaders.text

    def faulty(name: str) -> str:
        code = text(name)
        assert name != "matmul.wgsl" or right in code
        return code.replace(right, wrong)

    monkeypatch.setattr(shaders, "text", faulty)
    with GpuDevice.open() as device:
        found = validate(device, 3, count=3, largest=60)
    assert all(c.passed for c in found if c.kernel.startswith("dot"))
    assert not all(c.passed for c in found if c.kernel.startswith("matmul"))
