"""Planes of a model to textures and to buffers, in MB/s, beside reading them from the mapped file alone.

    python benchmarks/gpu_upload.py MODEL.pxi [--adapter NAME|INDEX] [--rounds 5]

The peers: the same bytes read and checked against their SHA-256 without a GPU, and one `write_texture` a plane of bytes
that lie in memory, unchecked: what wgpu gives without our layout, chunks and checks. In turn, medians.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from typing import Any

import numpy as np
import wgpu

from pixel_llm.backends.gpu import GpuDevice, upload
from pixel_llm.formats.model_file import ModelFile


def ours(device: GpuDevice, path: str, form: Any, verify: bool) -> tuple[float, int]:
    with ModelFile.open(path, verify=verify) as model:
        start = time.perf_counter()
        matrices = [upload(device, t, form=form) for t in model.tensors.values()]
        device.flush()
        seconds = time.perf_counter() - start
        size = sum(matrix.stored_bytes for matrix in matrices)
        for matrix in matrices:
            matrix.destroy()
        device.flush()
    return seconds, size


def read_alone(path: str) -> tuple[float, int]:
    with ModelFile.open(path) as model:
        start = time.perf_counter()
        size = sum(plane.nbytes for t in model.tensors.values() for plane in t.planes())
        return time.perf_counter() - start, size


def plain(device: GpuDevice, path: str) -> tuple[float, int]:
    with ModelFile.open(path, verify=False) as model:
        planes = [
            np.ascontiguousarray(p).reshape(len(p), -1).view(np.uint8)
            for t in model.tensors.values()
            for p in t.planes()
        ]
        fitting = [p for p in planes if p.shape[1] % 16 == 0 and len(p) <= device.limits.texture_2d]
        start = time.perf_counter()
        textures = []
        for plane in fitting:
            size = (plane.shape[1] // 16, len(plane), 1)
            usage = wgpu.TextureUsage.TEXTURE_BINDING | wgpu.TextureUsage.COPY_DST
            texture = device.device.create_texture(size=size, format="rgba32uint", usage=usage)
            device.queue.write_texture({"texture": texture}, plane, {"bytes_per_row": plane.shape[1]}, size)
            textures.append(texture)
        device.flush()
        seconds = time.perf_counter() - start
        for texture in textures:
            texture.destroy()
        device.flush()
        return seconds, sum(p.nbytes for p in fitting)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--adapter")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with GpuDevice.open(args.adapter) as device:
        programs = {
            "textures": lambda: ours(device, args.model, "texture", True),
            "textures, unchecked": lambda: ours(device, args.model, "texture", False),
            "buffers": lambda: ours(device, args.model, "buffer", True),
            "read and check alone": lambda: read_alone(args.model),
            "plain write_texture, unchecked": lambda: plain(device, args.model),
        }
        found: dict[str, list[float]] = {name: [] for name in programs}
        for number in range(args.rounds + 1):
            for name in list(programs)[:: 1 if number % 2 else -1]:
                seconds, size = programs[name]()
                if number:  # the first round warms up
                    found[name].append(size / 1e6 / seconds)
        adapter = device.info.label
    medians = {name: round(statistics.median(values)) for name, values in found.items()}
    print(adapter)
    for name, value in medians.items():
        print(f"{name:32} {value:6} MB/s")
    print(json.dumps({"benchmark": "gpu_upload", "adapter": adapter, **medians}))


if __name__ == "__main__":
    main()
