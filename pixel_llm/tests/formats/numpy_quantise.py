"""The formulas of quantising in plain NumPy: what the kernels must equal, bit for bit."""

from __future__ import annotations

import numpy as np

from pixel_llm.formats.encodings import Encoding

F32, F16 = np.float32, np.float16
TINY = F32(2.0**-24)
CUT, CUT_FIXED, ROUNDS = 0.02, 0.06, {4: 2, 8: 0}


def quantise(enc: Encoding, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes and scales planes of finite float32 `rows`, all within what float16 scales reach."""
    height = len(rows)
    x = np.ascontiguousarray(rows.reshape(-1, enc.group).T)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if enc.has_offset:
            codes, scale, offset = affine(enc, x)
            scales = np.stack((scale, offset), 1).astype(F16).reshape(height, -1, 2)
        else:
            codes, scale = fixed8(x) if enc.bits == 8 else fixed4(x)
            scales = scale.astype(F16).reshape(height, -1)
    codes = (codes + enc.zero_point).astype(np.int8 if enc.signed else np.uint8).T
    if enc.bits == 4:
        half = enc.group // 2
        codes = codes[:, :half] | codes[:, half:] << 4
    return codes.reshape(height, -1), scales


def half(values: np.ndarray) -> np.ndarray:
    return values.astype(F16).astype(F32)


def step(values: np.ndarray, towards: float) -> np.ndarray:
    return np.nextafter(values.astype(F16), F16(towards)).astype(F32)


def sums(a: np.ndarray, b: np.ndarray | None = None) -> np.ndarray:
    """Of a, or a · b, over a group, element after element."""
    total = np.zeros(a.shape[1], F32)
    for term in a if b is None else a * b:
        total += term
    return total


def affine_codes(x: np.ndarray, scale: np.ndarray, offset: np.ndarray, top: np.float32) -> np.ndarray:
    inverse = np.where(scale > 0, 1 / np.maximum(scale, TINY), F32(0))
    return np.clip(np.rint((x - offset) * inverse), 0, top)


def affine(enc: Encoding, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    top, n = F32((1 << enc.bits) - 1), F32(enc.group)
    low, high, total = x.min(0) + F32(0), x.max(0) + F32(0), sums(x)  # no negative zeros
    offset = half(low)
    offset = np.where(offset > low, step(offset, -np.inf), offset)
    span = (high - offset) / top
    scale = half(span)
    scale = np.where(scale < span, step(scale, np.inf), scale)
    q = affine_codes(x, scale, offset, top)
    r = q * scale + offset - x
    best = sums(r, r)
    held = affine_codes(x, scale * F32(1 - 2 * CUT), offset + scale * (F32(CUT) * top), top)
    for _ in range(ROUNDS[enc.bits]):
        det = n * sums(held, held) - sums(held) * sums(held)
        slope = (n * sums(held, x) - sums(held) * total) / det
        s = half(np.where(np.isfinite(slope) & (slope > 0), slope, scale))
        o = half((total - s * sums(held)) / n)
        candidate = affine_codes(x, s, o, top)
        r = candidate * s + o - x
        error = sums(r, r)
        better = error < best
        held = q = np.where(better, candidate, q)
        scale, offset, best = np.where(better, s, scale), np.where(better, o, offset), np.where(better, error, best)
    return q, scale, offset


def fixed8(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    peak = np.abs(x).max(0) / F32(127)
    scale = half(np.where(peak > 0, np.maximum(peak, TINY), F32(0)))
    inverse = np.where(scale > 0, 1 / np.maximum(scale, TINY), F32(0))
    return np.clip(np.rint(x * inverse), -127, 127), scale


def fixed4_codes(x: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(x * np.where(scale == 0, F32(0), 1 / scale)), -8, 7)


def fixed4(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = x.min(0) + F32(0), x.max(0) + F32(0)
    peak = np.where(-low > high, low, high) / F32(-8)
    peak = np.where(np.abs(peak) < TINY, np.sign(peak) * TINY + F32(0), peak)
    scale = half(peak)
    q = fixed4_codes(x, scale)
    r = q * scale - x
    best = sums(r, r)
    held = fixed4_codes(x, scale * F32(1 - CUT_FIXED))
    for _ in range(ROUNDS[4]):
        slope = sums(held, x) / sums(held, held)
        s = half(np.where(np.isfinite(slope), slope, scale))
        candidate = fixed4_codes(x, s)
        r = candidate * s - x
        error = sums(r, r)
        better = error < best
        held = q = np.where(better, candidate, q)
        scale, best = np.where(better, s, scale), np.where(better, error, best)
    return q, scale
