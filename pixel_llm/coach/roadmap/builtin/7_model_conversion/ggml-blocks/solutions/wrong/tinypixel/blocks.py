"""GGML's Q4_0 and Q8_0 blocks as planes of codes and scales, bit for bit."""

import numpy as np

GROUP = 32


def q8_0_planes(data: bytes, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes int8 (rows, columns), scales float16 (rows, columns / 32)."""
    codes, scales = _planes(data, rows, columns, 32)
    return codes.view(np.int8), scales


def q8_0_blocks(codes: np.ndarray, scales: np.ndarray) -> bytes:
    """The blocks' bytes."""
    return _blocks(codes, scales, np.int8, 32)


def q4_0_planes(data: bytes, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes uint8 (rows, columns / 2), scales float16 (rows, columns / 32)."""
    return _planes(data, rows, columns, 16)


def q4_0_blocks(codes: np.ndarray, scales: np.ndarray) -> bytes:
    """The blocks' bytes."""
    return _blocks(codes, scales, np.uint8, 16)


def _planes(data: bytes, rows: int, columns: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    if rows < 1 or columns < 1 or columns % GROUP:
        raise ValueError(f"a tensor of {rows} x {columns} has no whole groups of {GROUP}")
    groups = columns // GROUP
    if len(data) != rows * groups * (2 + size):
        raise ValueError(f"{rows} x {columns} weights take {rows * groups * (2 + size)} bytes, not {len(data)}")
    blocks = np.frombuffer(data, np.uint8).reshape(rows, groups, 2 + size)
    scales = blocks[:, :, :2].copy().view("<f2").reshape(rows, groups)
    return blocks[:, :, :size].copy().reshape(rows, groups * size), blocks[:, :, size:].copy().view('<f2').reshape(rows, groups)


def _blocks(codes: np.ndarray, scales: np.ndarray, kind: type, size: int) -> bytes:
    fits = codes.dtype == kind and scales.dtype == np.float16 and codes.ndim == scales.ndim == 2
    if not fits or codes.shape != (scales.shape[0], scales.shape[1] * size) or codes.size == 0:
        raise ValueError(f"planes {codes.dtype}{codes.shape} and {scales.dtype}{scales.shape} do not fit")
    rows, groups = scales.shape
    out = np.empty((rows, groups, 2 + size), np.uint8)
    out[:, :, size:] = np.ascontiguousarray(scales, "<f2").view(np.uint8).reshape(rows, groups, 2)
    out[:, :, :size] = np.ascontiguousarray(codes).view(np.uint8).reshape(rows, groups, size)
    return out.tobytes()
