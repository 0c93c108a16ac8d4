"""What a device is opened with, in every combination that kernels must work in; and the seeds of their tests."""

from __future__ import annotations

import os
import secrets
import zlib
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Combination:
    """Arguments of `GpuDevice.open`."""

    f16: bool
    subgroups: bool
    default_limits: bool

    def __str__(self) -> str:
        features = [name for name, on in (("f16", self.f16), ("subgroups", self.subgroups)) if on]
        return f"{'default' if self.default_limits else 'own'} limits, {' and '.join(features) or 'no features'}"


ALL: Final = Combination(f16=True, subgroups=True, default_limits=False)
"""All that the adapter has."""
PLAIN: Final = Combination(f16=False, subgroups=False, default_limits=True)
"""What every WebGPU adapter has."""
COMBINATIONS: Final = (
    ALL,
    PLAIN,
    *(Combination(f16, subgroups, True) for f16, subgroups in ((False, True), (True, False), (True, True))),
)
_RUN: Final = os.environ.get("PYTEST_XDIST_TESTRUNUID") or secrets.token_hex(8)
SEEDS: Final = (0, 1, zlib.crc32(_RUN.encode()))
"""Two fixed ones, and a fresh one that a failure names; the processes of a run have the same."""
