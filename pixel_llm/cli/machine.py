"""What this machine offers: read by `pixel-llm doctor` and `pixel-llm bench`."""

from __future__ import annotations

import os
import platform
import sys
import threading
import time
from importlib import metadata
from pathlib import Path
from typing import Any

# Instruction sets that the kernels make use of, by LLVM's names.
FEATURES = ("sse4.2", "avx", "avx2", "fma", "f16c", "avxvnni", "avx512f", "avx512bw", "avx512vnni", "amx-int8", "neon",
            "dotprod", "i8mm", "sve")  # fmt: skip
# WebGPU features that kernels make use of where an adapter has them.
GPU_FEATURES = ("shader-f16", "subgroups", "timestamp-query")
LIBRARIES = ("numpy", "llvmlite", "wgpu", "tokenizers", "huggingface_hub", "pillow", "typer", "rich")
PROBE_BYTES = 256 << 20


def cpu() -> dict[str, Any]:
    """The processor's name, cores and those of `FEATURES` that it has; None for these without llvmlite."""
    import psutil  # type: ignore[import-untyped, unused-ignore]

    from pixel_llm.backends.cpu.cores import usable_threads

    found = _features()
    return {
        "name": _cpu_name(),
        "architecture": platform.machine(),
        "cores": psutil.cpu_count(logical=False),
        "threads": os.cpu_count(),
        "usable_threads": usable_threads(),
        "features": None if found is None else [f for f in FEATURES if found.get(f)],
    }


def _features() -> dict[str, bool] | None:
    from pixel_llm.backends.cpu.target import host_features

    try:
        return host_features()
    except ImportError:
        return None


def _cpu_name() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(("model name", "Model", "Hardware")):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory() -> dict[str, Any]:
    """Total and available bytes, and an estimate of how fast all usable threads together read memory (GB/s)."""
    import psutil  # type: ignore[import-untyped, unused-ignore]

    from pixel_llm.backends.cpu.cores import usable_threads

    state = psutil.virtual_memory()
    speed = read_bandwidth(usable_threads())
    return {
        "total": state.total,
        "available": state.available,
        "read_gb_s": None if speed is None else round(speed, 1),
    }


def read_bandwidth(threads: int, runs: int = 3) -> float | None:
    """GB/s at which `threads` threads read memory: NumPy sums 256 MiB, far more than most caches hold, each thread a
    part of it, and the best of `runs` counts. None where memory is scarce.
    """
    import numpy as np
    import psutil  # type: ignore[import-untyped, unused-ignore]

    if psutil.virtual_memory().available < 4 * PROBE_BYTES:
        return None
    data = np.ones(PROBE_BYTES // 8, dtype=np.int64)
    parts = np.array_split(data, threads)
    best = 0.0
    for _ in range(runs):
        workers = [threading.Thread(target=np.add.reduce, args=(part,)) for part in parts]
        start = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        best = max(best, data.nbytes / (time.perf_counter() - start) / 1e9)
    return best


def peak_memory() -> int:
    """The most bytes of memory that this process has held so far, mapped files included."""
    if sys.platform == "win32":
        import psutil  # type: ignore[import-untyped, unused-ignore]

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    # Linux counts kibibytes, macOS bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def backends() -> dict[str, dict[str, Any]]:
    """Each backend: whether it can run here, and if not, why."""
    from pixel_llm.backends import BACKENDS, available_backends

    missing = {"cpu": "llvmlite is not installed", "gpu": "wgpu is not installed"}
    usable = available_backends()
    found = {
        name: {"available": name in usable, "why_not": None if name in usable else missing.get(name, "not installed")}
        for name in BACKENDS
    }
    if found["gpu"]["available"]:
        why_not = adapters()[1]
        found["gpu"] = {"available": why_not is None, "why_not": why_not}
    return found


def adapters() -> tuple[list[dict[str, Any]], str | None]:
    """The GPU adapters with limits, features that the kernels make use of, memory and what was measured on them; and
    why there are none."""
    from dataclasses import asdict

    from pixel_llm.backends.gpu.adapter import choose_adapter, list_adapters
    from pixel_llm.backends.gpu.memory import adapter_memory
    from pixel_llm.backends.gpu.preferences import measurements
    from pixel_llm.errors import BackendError

    try:
        found = list_adapters()
    except BackendError as error:
        return [], str(error)
    if not found:
        return [], "no adapter was found; Vulkan needs a driver (Debian's software one: mesa-vulkan-drivers)"
    try:
        chosen = choose_adapter().index
    except BackendError:  # PIXEL_LLM_ADAPTER names one that is not there
        chosen = None
    report = []
    for info in found:
        memory = adapter_memory(info)
        report.append(
            {
                "index": info.index,
                "name": info.name,
                "kind": info.kind,
                "software": info.software,
                "api": info.api,
                "driver": info.driver,
                "default": info.index == chosen,
                "features": [name for name in GPU_FEATURES if name in info.features],
                "limits": asdict(info.limits),
                "memory": None if memory is None else asdict(memory),
                "measured": [{"weight_bytes": size, **asdict(one)} for size, one in measurements(info).items()],
            }
        )
    return report, None


def libraries() -> dict[str, str | None]:
    """Versions of the libraries that matter for what a model answers or how fast; None where one is missing."""
    found: dict[str, str | None] = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def cache() -> dict[str, Any]:
    """The cache folder, what it holds, and the free bytes on its disk."""
    import shutil

    from pixel_llm.download import CATALOG, cache_folder, catalog_path

    folder = cache_folder()
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    used = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else 0
    return {
        "folder": str(folder),
        "writable": os.access(existing, os.W_OK),
        "used": used,
        "disk_free": shutil.disk_usage(existing).free,
        "models": [name for name in CATALOG if catalog_path(name).is_file()],
    }


def system() -> dict[str, Any]:
    """Operating system and Python."""
    return {
        "os": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "executable": sys.executable,
        "pixel_llm": metadata.version("pixel-llm"),
    }
