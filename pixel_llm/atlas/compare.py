"""What changed between two models of one layout, or between two generations of a file."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixel_llm.atlas.blocks import CHUNK
from pixel_llm.atlas.weights import Weights
from pixel_llm.atlas.window import read_window
from pixel_llm.errors import InvalidArgumentError
from pixel_llm.formats.model_file import ModelFile, Tensor

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Change:
    """How a tensor of B differs from A's.

    `rms` and `max` are of the difference, over elements where both are finite; `relative` is `rms` by the RMS of A's
    (infinite where A's is 0 and B's is not); `changed` is the share of elements that are not equal.
    """

    tensor: str
    rms: float
    relative: float
    max: float
    changed: float


def comparable(a: ModelFile, b: ModelFile) -> bool:
    """Whether both have the same tensors in the same shapes, so that their layouts agree."""
    return {n: t.shape for n, t in a.tensors.items()} == {n: t.shape for n, t in b.tensors.items()}


def require_comparable(a: ModelFile, b: ModelFile) -> None:
    """`InvalidArgumentError`, naming the first tensor that differs in shape or is missing."""
    if comparable(a, b):
        return
    for name, tensor in a.tensors.items():
        other = b.tensors.get(name)
        if other is None or other.shape != tensor.shape:
            what = "is missing" if other is None else f"has shape {other.shape}, not {tensor.shape}"
            raise InvalidArgumentError(f"cannot be compared with {a.path}: {what}", file=b.path, part=name)
    extra = next(name for name in b.tensors if name not in a.tensors)
    raise InvalidArgumentError(f"cannot be compared with {a.path}, which has no such tensor", file=b.path, part=extra)


def identical(a: ModelFile, b: ModelFile, tensor: str) -> bool:
    """Whether the hashes say that both store the same bytes for a tensor."""
    one, other = a.tensors[tensor], b.tensors[tensor]
    if one.encoding != other.encoding:
        return False
    roots = [[m.pxi.pages[page].root for page in m.tensors[tensor].pages] for m in (a, b)]
    return roots[0] == roots[1]


class Differences(Weights):
    """B - A, weight by weight; NaN where either is not finite. What the hashes call equal is not read."""

    def __init__(self, a: ModelFile, b: ModelFile) -> None:
        """`InvalidArgumentError` for models whose tensors differ in name or shape."""
        require_comparable(a, b)
        self._a, self._b = a, b
        self._same = {name for name in a.tensors if identical(a, b, name)}

    def values(self, tensor: str, row: int, col: int, height: int, width: int) -> NDArray[np.float32]:
        if tensor in self._same:
            return np.zeros((height, width), np.float32)
        with np.errstate(invalid="ignore", over="ignore"):
            one = read_window(self._a.tensors[tensor], row, col, height, width)
            out = read_window(self._b.tensors[tensor], row, col, height, width) - one
        out[~np.isfinite(out)] = np.nan
        return out


def changes(a: ModelFile, b: ModelFile, *, progress: Progress | None = None) -> list[Change]:
    """Every tensor, the most changed first (by `relative`). `progress(done, total)` counts weights.

    Raises `InvalidArgumentError` for models whose tensors differ in name or shape, `IntegrityError`.
    """
    require_comparable(a, b)
    total = sum(math.prod(t.shape) for t in a.tensors.values())
    done, out = 0, []
    for name, tensor in a.tensors.items():
        out.append(Change(name, 0.0, 0.0, 0.0, 0.0) if identical(a, b, name) else _change(tensor, b.tensors[name]))
        done += math.prod(tensor.shape)
        if progress is not None:
            progress(done, total)
    return sorted(out, key=lambda change: (-change.relative, change.tensor))


def _change(one: Tensor, other: Tensor) -> Change:
    squares = base = 0.0
    largest = changed = finite = 0.0
    step = max(1, CHUNK // one.shape[-1])
    for start in range(0, one.n_rows, step):
        stop = min(one.n_rows, start + step)
        x, y = one.rows(start, stop), other.rows(start, stop)
        both = np.isfinite(x) & np.isfinite(y)
        wide = np.where(both, x, 0).astype(np.float64)
        difference = np.where(both, y, 0) - wide
        squares += float(np.square(difference).sum())
        base += float(np.square(wide).sum())
        largest = max(largest, float(np.abs(difference).max(initial=0.0)))
        changed += int(np.count_nonzero((x != y) & ~(np.isnan(x) & np.isnan(y))))
        finite += int(np.count_nonzero(both))
    rms, before = math.sqrt(squares / max(finite, 1)), math.sqrt(base / max(finite, 1))
    relative = rms / before if before else (math.inf if rms else 0.0)
    return Change(one.name, rms, relative, largest, changed / math.prod(one.shape))
