"""Memory that a model will need on an adapter, known before anything is loaded."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pixel_llm.backends.gpu.adapter import AdapterInfo, Limits
from pixel_llm.backends.gpu.device import STAGED_BYTES
from pixel_llm.backends.gpu.heaps import device_memory
from pixel_llm.backends.gpu.textures import Form, PlaneLayout, plane_layouts
from pixel_llm.errors import GpuMemoryError
from pixel_llm.formats.encodings import Encoding

_PITCH: Final = 64  # bytes: rows of textures begin at multiples of it, on Mesa's software adapter and on GPUs
_STAGING: Final = STAGED_BYTES + (8 << 20)  # what is queued before a wait, and what the last chunk adds
_HOLES: Final = 0.02  # of the weights: what staging memory leaves unused between them, 1 to 3 % as measured
_BLOCK: Final = 4  # texels: widths and heights of textures are rounded up to it


@dataclass(frozen=True)
class MemoryNeed:
    """Bytes on the device: `weights` in their form, `cache` of keys and values, `work` for activations, logits and what
    else a pass writes."""

    weights: int
    cache: int
    work: int

    @property
    def staging(self) -> int:
        """What weights are uploaded through, which wgpu keeps for the next upload, and what lies unused between."""
        return _STAGING + round(_HOLES * self.weights)

    @property
    def total(self) -> int:
        """What must be free to load the model."""
        return self.weights + self.cache + self.work + self.staging

    def __str__(self) -> str:
        parts = (("weights", self.weights), ("KV cache", self.cache), ("work", self.work + self.staging))
        return f"{_gb(self.total)}: " + ", ".join(f"{name} {_gb(size)}" for name, size in parts)


@dataclass(frozen=True)
class AdapterMemory:
    """Bytes of an adapter's memory, in all and free. `shared`: it is the system's memory."""

    total: int
    free: int
    shared: bool


def plane_bytes(layout: PlaneLayout, form: Form) -> int:
    """What a plane takes with the padding of textures that adapters do themselves."""
    if form == "buffer":
        return layout.nbytes(form)
    width = -(-layout.width // _BLOCK) * _BLOCK
    pitch = -(-width * layout.texel // _PITCH) * _PITCH
    return pitch * -(-layout.layer_rows // _BLOCK) * _BLOCK * layout.layers


def weight_bytes(matrices: Iterable[tuple[Encoding, int, int]], form: Form, limits: Limits) -> int:
    """Bytes that matrices (encoding, rows, columns), stacked ones as one, take on the device."""
    return sum(
        plane_bytes(layout, form)
        for encoding, rows, columns in matrices
        for layout in plane_layouts(encoding, rows, columns, form, limits)
    )


def adapter_memory(info: AdapterInfo) -> AdapterMemory | None:
    """The memory of an adapter; None where nobody tells."""
    if info.kind in ("software", "integrated") or info.api == "Metal":
        import psutil

        state = psutil.virtual_memory()
        return AdapterMemory(int(state.total), int(state.available), shared=True)
    found = device_memory(info.vendor_id, info.device_id)
    return None if found is None else AdapterMemory(*found, shared=False)


def check_memory(info: AdapterInfo, need: MemoryNeed) -> None:
    """Refuse what does not fit: `GpuMemoryError` with the figures. An adapter of unknown memory is not refused."""
    memory = adapter_memory(info)
    if memory is None or need.total <= memory.free:
        return
    kind = "of the system's memory" if memory.shared else "of its memory"
    raise GpuMemoryError(
        f"the model needs {need}, and {info.name} has {_gb(memory.free)} free {kind} ({_gb(memory.total)} in all)",
        remedy="a shorter context, a smaller model, or `--backend cpu`, which maps the weights instead of loading them",
    )


def return_free_memory() -> None:
    """Give the system back what the C library keeps of memory that was freed (glibc; elsewhere nothing): after
    compiling and uploading that is tens of megabytes, which no prediction could know."""
    if sys.platform.startswith("linux"):
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def _gb(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
