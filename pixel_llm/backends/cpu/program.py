"""Programs: tables of op records, written by field name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.cpu.ir import HEADER_WORDS

_MOST_FIELDS: Final = 30


def float_bits(value: float) -> int:
    """A float32 as the integer that a field carries."""
    return int(np.float32(value).view(np.uint32))


class Program:
    """A list of ops; `layouts` names each kernel's fields in order. Fields not given are 0."""

    def __init__(self, layouts: Mapping[str, tuple[str, ...]]) -> None:
        self._layouts = layouts
        self._names: list[str] = []
        self._rows: list[list[int]] = []

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def kernels(self) -> set[str]:
        """Names of the kernels in use."""
        return set(self._names)

    def add(self, name: str, /, *, meet: int = 0, **fields: int) -> None:
        """Append an op; `meet`: all threads wait for each other behind it."""
        layout = self._layouts[name]
        row = [0] * (HEADER_WORDS + _MOST_FIELDS)
        row[1] = meet
        for field, value in fields.items():
            row[HEADER_WORDS + layout.index(field)] = int(value)
        self._names.append(name)
        self._rows.append(row)

    def change(self, op: int, /, **fields: int) -> None:
        """Set fields of an op that has been added."""
        layout = self._layouts[self._names[op]]
        for field, value in fields.items():
            self._rows[op][HEADER_WORDS + layout.index(field)] = value

    def meet(self) -> None:
        """All threads wait for each other behind the last op."""
        self._rows[-1][1] = 1

    def where(self, field: str, *, kernel: str) -> list[tuple[int, int]]:
        """(row, column) in the table of a field, for all ops of one kernel."""
        column = HEADER_WORDS + self._layouts[kernel].index(field)
        return [(i, column) for i, name in enumerate(self._names) if name == kernel]

    def table(self, addresses: Mapping[str, int]) -> NDArray[np.int64]:
        """The records, int64 (ops, words)."""
        for name, row in zip(self._names, self._rows, strict=True):
            row[0] = addresses[name]
        return np.array(self._rows, np.int64)
