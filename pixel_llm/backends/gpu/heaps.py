"""A GPU's own memory, asked of Vulkan's loader, since WebGPU does not tell it.

Structures: Vulkan specification 1.3, VkPhysicalDeviceMemoryProperties2, VK_EXT_memory_budget.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, Structure, byref, c_char, c_uint8, c_uint32, c_uint64, c_void_p
from typing import Any, Final

_LIBRARIES: Final = {"win32": "vulkan-1.dll", "darwin": "libvulkan.1.dylib"}
_APPLICATION_INFO, _INSTANCE_INFO, _MEMORY_2, _BUDGET = 0, 1, 1000059006, 1000237000
_VERSION_1_1: Final = (1 << 22) | (1 << 12)
_DEVICE_LOCAL: Final = 1
_LARGEST: Final = 64  # devices; no machine has more


class _ApplicationInfo(Structure):
    _fields_ = (
        ("type", c_uint32),
        ("next", c_void_p),
        ("name", c_void_p),
        ("version", c_uint32),
        ("engine", c_void_p),
        ("engine_version", c_uint32),
        ("api_version", c_uint32),
    )


class _InstanceInfo(Structure):
    _fields_ = (
        ("type", c_uint32),
        ("next", c_void_p),
        ("flags", c_uint32),
        ("application", POINTER(_ApplicationInfo)),
        ("layer_count", c_uint32),
        ("layers", c_void_p),
        ("extension_count", c_uint32),
        ("extensions", c_void_p),
    )


class _DeviceProperties(Structure):
    # The rest (name, limits) is not read; its size is 824 bytes in all.
    _fields_ = (
        ("api_version", c_uint32),
        ("driver_version", c_uint32),
        ("vendor_id", c_uint32),
        ("device_id", c_uint32),
        ("rest", c_uint8 * 2048),
    )


class _MemoryType(Structure):
    _fields_ = (("flags", c_uint32), ("heap", c_uint32))


class _Heap(Structure):
    _fields_ = (("size", c_uint64), ("flags", c_uint32))


class _Budget(Structure):
    _fields_ = (("type", c_uint32), ("next", c_void_p), ("budget", c_uint64 * 16), ("usage", c_uint64 * 16))


class _Memory(Structure):
    _fields_ = (
        ("type", c_uint32),
        ("next", c_void_p),
        ("type_count", c_uint32),
        ("types", _MemoryType * 32),
        ("heap_count", c_uint32),
        ("heaps", _Heap * 16),
    )


class _Extension(Structure):
    _fields_ = (("name", c_char * 256), ("version", c_uint32))


def device_memory(vendor_id: int, device_id: int) -> tuple[int, int] | None:
    """Bytes of the largest device-local heap of a GPU, and how many of them are free for this process now (where the
    driver does not say: all). None where Vulkan does not know the GPU."""
    try:
        library: Any = ctypes.CDLL(_LIBRARIES.get(sys.platform, "libvulkan.so.1"))
    except OSError:
        return None
    with _instance(library) as instance:
        if instance is None:
            return None
        count = c_uint32(_LARGEST)
        devices = (c_void_p * _LARGEST)()
        if library.vkEnumeratePhysicalDevices(instance, byref(count), devices) < 0:
            return None
        for handle in devices[: count.value]:
            device = c_void_p(handle)
            properties = _DeviceProperties()
            library.vkGetPhysicalDeviceProperties(device, byref(properties))
            if (properties.vendor_id, properties.device_id) == (vendor_id, device_id):
                return _largest_heap(library, device, properties.api_version)
    return None


@contextmanager
def _instance(library: Any) -> Iterator[c_void_p | None]:
    application = _ApplicationInfo(type=_APPLICATION_INFO, api_version=_VERSION_1_1)
    info = _InstanceInfo(type=_INSTANCE_INFO, application=ctypes.pointer(application))
    instance = c_void_p()
    if library.vkCreateInstance(byref(info), None, byref(instance)) != 0:
        yield None
        return
    try:
        yield instance
    finally:
        library.vkDestroyInstance(instance, None)


def _largest_heap(library: Any, device: c_void_p, api_version: int) -> tuple[int, int] | None:
    if api_version < _VERSION_1_1:
        return None
    budget = _Budget(type=_BUDGET)
    memory = _Memory(type=_MEMORY_2)
    budgeted = _has_budget(library, device)
    if budgeted:
        memory.next = ctypes.cast(ctypes.pointer(budget), c_void_p)
    library.vkGetPhysicalDeviceMemoryProperties2(device, byref(memory))
    local = [i for i in range(min(memory.heap_count, 16)) if memory.heaps[i].flags & _DEVICE_LOCAL]
    if not local:
        return None
    heap = max(local, key=lambda i: int(memory.heaps[i].size))
    size = int(memory.heaps[heap].size)
    free = max(int(budget.budget[heap]) - int(budget.usage[heap]), 0) if budgeted else size
    return size, min(free, size)


def _has_budget(library: Any, device: c_void_p) -> bool:
    count = c_uint32()
    library.vkEnumerateDeviceExtensionProperties(device, None, byref(count), None)
    found = (_Extension * min(count.value, 4096))()
    library.vkEnumerateDeviceExtensionProperties(device, None, byref(count), found)
    return any(extension.name == b"VK_EXT_memory_budget" for extension in found)
