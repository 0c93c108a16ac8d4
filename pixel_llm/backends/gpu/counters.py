"""Counters: what a decoder has asked of its device, for `pixel-llm bench` and the tests of its promises."""

from __future__ import annotations

from dataclasses import astuple, dataclass


@dataclass
class Counters:
    """Sums since a decoder was made. `GpuDecoder.counters` is one.

    `tokens`: decoded; `dispatches` and `submissions`: of compute work for them; `read_bytes`: copied back from the
    device; `weight_bytes`: of planes that those dispatches read; `host_seconds`: of the host's processor, spent
    encoding and submitting, without waiting for the device.
    """

    tokens: int = 0
    dispatches: int = 0
    submissions: int = 0
    read_bytes: int = 0
    weight_bytes: int = 0
    host_seconds: float = 0.0

    def copy(self) -> Counters:
        """As they are now."""
        return Counters(*astuple(self))

    def since(self, before: Counters) -> Counters:
        """What was added to `before`, an earlier copy."""
        return Counters(*(now - then for now, then in zip(astuple(self), astuple(before), strict=True)))
