"""The teaching kernels beside NumPy: GFLOP/s of a matrix product, GB/s of a dot product; a table and a line of JSON.

    python benchmarks/gpu_kernels.py [--adapter NAME|INDEX] [--side 512] [--numbers 8388608] [--rounds 5]

NumPy (its BLAS, all cores) is the peer, asked in turn with the kernels, so that a busy moment of the machine meets all;
medians are given. Arrays stay on the device: transfers are not counted. A software adapter runs on the same cores.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import wgpu

from pixel_llm.backends.gpu import GpuDevice, shaders

STORAGE = wgpu.BufferUsage.STORAGE | wgpu.BufferUsage.COPY_SRC | wgpu.BufferUsage.COPY_DST


class Resident:
    """A kernel whose arrays lie on the device, to be run again and again."""

    def __init__(
        self,
        device: GpuDevice,
        name: str,
        arrays: tuple[np.ndarray, np.ndarray],
        output: int,
        problem: list[int],
        groups: tuple[int, int],
        constants: dict[str, int],
    ) -> None:
        self.device, self.groups = device, groups
        kernel = shaders.kernel(name, numbers="f16" if arrays[0].dtype == np.float16 else "f32")
        make = device.device.create_buffer_with_data
        buffers = [make(data=array, usage=STORAGE) for array in arrays]
        buffers.append(make(data=np.full(output, np.nan, np.float32), usage=STORAGE))
        buffers.append(make(data=np.array(problem, np.uint32), usage=wgpu.BufferUsage.UNIFORM))
        self.output = buffers[2]
        self.pipeline = shaders.pipeline(device, kernel, constants)
        names = [binding["name"] for binding in kernel.bindings]
        self.group = shaders.bind_group(device, kernel, {n: {"buffer": b} for n, b in zip(names, buffers, strict=True)})

    def run(self) -> None:
        encoder = self.device.device.create_command_encoder()
        compute = encoder.begin_compute_pass()
        compute.set_pipeline(self.pipeline)
        compute.set_bind_group(0, self.group)
        compute.dispatch_workgroups(*self.groups)
        compute.end()
        self.device.queue.submit([encoder.finish()])
        self.device.flush()

    def result(self) -> np.ndarray:
        return np.frombuffer(self.device.queue.read_buffer(self.output), np.float32)


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--adapter")
    parser.add_argument("--side", type=int, default=512, help="of the square matrices")
    parser.add_argument("--numbers", type=int, default=1 << 23, help="of a vector")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    side, n = args.side, args.numbers
    found: dict[str, list[float]] = {}
    with GpuDevice.open(args.adapter) as device:
        programs: dict[str, tuple[Callable[[], Any], float, str]] = {}
        for dtype in (np.float32, np.float16):
            kind = np.dtype(dtype).name
            a, b = (rng.standard_normal((side, side)).astype(dtype) for _ in range(2))
            tiles = -(-side // 16)
            product = Resident(device, "matmul", (a, b), side * side, [side] * 3, (tiles, tiles), {"TILE": 16})
            product.run()
            wanted = a.astype(np.float64) @ b.astype(np.float64)
            assert np.abs(product.result().reshape(side, side) - wanted).max() < 1e-5 * np.abs(wanted).max()
            programs[f"matmul {kind}, kernel"] = (product.run, 2 * side**3 / 1e9, "GFLOP/s")
            x, y = (rng.random(n, np.float32).astype(dtype) for _ in range(2))
            dot = Resident(device, "dot_product", (x, y), 256, [n, 256 * 256], (256, 1), {"WORKGROUP": 256})
            dot.run()
            total = float(x.astype(np.float64) @ y.astype(np.float64))
            assert abs(float(dot.result().sum(dtype=np.float64)) / total - 1) < 1e-5
            programs[f"dot {kind}, kernel"] = (dot.run, (x.nbytes + y.nbytes) / 1e9, "GB/s")
            if dtype is np.float32:
                programs["matmul float32, NumPy"] = (lambda a=a, b=b: a @ b, 2 * side**3 / 1e9, "GFLOP/s")
                programs["dot float32, NumPy"] = (lambda x=x, y=y: x @ y, (x.nbytes + y.nbytes) / 1e9, "GB/s")
        for number in range(args.rounds):
            for name in list(programs)[:: 1 if number % 2 else -1]:
                work, amount, _ = programs[name]
                found.setdefault(name, []).append(amount / seconds(work))
        adapter = device.info.label
    medians = {name: round(statistics.median(values), 2) for name, values in found.items()}
    print(adapter)
    for name in sorted(medians):
        print(f"{name:24} {medians[name]:8.2f} {programs[name][2]}")
    print(json.dumps({"benchmark": "gpu_kernels", "adapter": adapter, "side": side, "numbers": n, **medians}))


if __name__ == "__main__":
    main()
