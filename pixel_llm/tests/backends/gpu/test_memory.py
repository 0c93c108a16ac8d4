"""Memory that is known before anything is loaded."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from pixel_llm.backends.gpu import heaps, memory
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.memory import AdapterMemory, MemoryNeed, adapter_memory, check_memory, weight_bytes
from pixel_llm.errors import GpuMemoryError
from pixel_llm.formats.encodings import ENCODINGS, F32, Q4_AFFINE
from pixel_llm.tests.adapters import adapter_or_skip


def test_what_fits_and_what_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    info = adapter_or_skip()
    monkeypatch.setattr(memory, "adapter_memory", lambda _: AdapterMemory(8 << 30, 4 << 30, shared=False))
    need = MemoryNeed(weights=3 << 30, cache=0, work=10 << 20)
    need = replace(need, cache=(4 << 30) - need.total)
    check_memory(info, need)
    with pytest.raises(GpuMemoryError) as caught:
        check_memory(info, replace(need, cache=need.cache + 1))
    for figure in ("4.29 GB: weights 3.22 GB, KV cache 974 MB, work 100 MB", "has 4.29 GB free", "8.59 GB in all"):
        assert figure in str(caught.value)
    monkeypatch.setattr(memory, "adapter_memory", lambda _: None)
    check_memory(info, replace(need, weights=1 << 50))  # nobody knows: it may fit


def test_the_memory_of_an_adapter() -> None:
    info = replace(adapter_or_skip(), kind="software")
    found = adapter_memory(info)
    assert found is not None and found.shared
    assert 0 < found.free <= found.total == psutil.virtual_memory().total
    unknown = replace(info, kind="discrete", vendor_id=1, device_id=1)
    assert adapter_memory(unknown) is None


def test_vulkan_tells_of_heaps(monkeypatch: pytest.MonkeyPatch) -> None:
    info = adapter_or_skip()
    if info.api != "Vulkan":
        pytest.skip("not a Vulkan adapter")
    found = heaps.device_memory(info.vendor_id, info.device_id)
    assert found is not None
    size, free = found
    assert 1 << 28 <= size <= 1 << 42 and 0 <= free <= size
    monkeypatch.setattr(ctypes, "CDLL", lambda _: (_ for _ in ()).throw(OSError("no such library")))
    assert heaps.device_memory(info.vendor_id, info.device_id) is None


UPLOADS = """
import numpy as np, psutil
from pixel_llm.backends.gpu import GpuDevice, upload

device = GpuDevice.open({index})
device.flush()
values = np.zeros((256, 6002), np.float32)
before = psutil.Process().memory_full_info().uss
kept = [upload(device, values, form={form!r}) for _ in range(64)]
device.flush()
print(psutil.Process().memory_full_info().uss - before)
"""


@pytest.mark.parametrize("form", ["texture", "buffer"])
def test_weights_take_what_was_predicted(form: memory.Form, gpu_device: GpuDevice) -> None:
    """A software adapter's memory is the process's own, and can be counted in a process that does nothing else."""
    info = gpu_device.info
    if not info.software:
        pytest.skip("a GPU's memory is not the process's")
    script = UPLOADS.format(index=info.index, form=form)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    taken = int(done.stdout)
    need = MemoryNeed(64 * weight_bytes([(F32, 256, 6002)], form, gpu_device.limits), cache=0, work=0)
    assert 0.95 * need.total <= taken <= 1.05 * need.total


def test_padding_is_small_where_rows_are_long(gpu_device: GpuDevice) -> None:
    for encoding in ENCODINGS.values():
        stored = 1024 * 4096 * encoding.bits // 8
        if encoding.group:
            stored += 1024 * 4096 // encoding.group * (4 if encoding.has_offset else 2)
        for form in ("texture", "buffer"):
            assert weight_bytes([(encoding, 1024, 4096)], form, gpu_device.limits) == stored
    narrow = weight_bytes([(Q4_AFFINE, 1024, 576)], "texture", gpu_device.limits)
    assert narrow == 1024 * (320 + 128)  # 18 texels of 16 and of 4 bytes, in rows of 20 and multiples of 64 bytes
