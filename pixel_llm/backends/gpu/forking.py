"""Forking: a child process has a copy of a device's objects, and none of the threads that serve them.

What a child would wait for never comes, a new device of its own included: drivers keep threads for a whole process. So
everything is refused there. Adapters can be listed: that starts no threads.
"""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Any, Final

from pixel_llm.errors import GpuLostError

if TYPE_CHECKING:
    import wgpu


class Forks:
    """Knows whether this process was forked off one that had opened a device."""

    def __init__(self) -> None:
        self.forked = False
        self._watching = False
        self._open: weakref.WeakSet[wgpu.GPUDevice] = weakref.WeakSet()
        self._kept: list[Any] = []

    def check(self) -> None:
        """Raise `GpuLostError` where no device works any more."""
        if self.forked:
            raise GpuLostError(
                "a GPU device does not survive a fork",
                remedy="open it in the new process before the old one opens any, or start processes with `spawn`",
            )

    def watch(self) -> None:
        """From now on a child cannot use devices: this process is about to open one. Raises as `check`."""
        self.check()
        if not self._watching and hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._in_child)
            self._watching = True

    def opened(self, native: wgpu.GPUDevice) -> None:
        """`native` was opened in this process."""
        self._open.add(native)

    def _in_child(self) -> None:
        self.forked = True
        # Releasing a device waits for it, even when the interpreter ends.
        self._kept.extend(self._open)


forks: Final = Forks()
