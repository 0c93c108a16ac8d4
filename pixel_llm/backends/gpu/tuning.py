"""Tuning: the constants of the kernels that suit an adapter."""

from __future__ import annotations

import os
from dataclasses import dataclass

from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.subgroups import has_subgroups_of_8

_SIMD = 8  # invocations that a software adapter runs side by side on one core
_MOST_ROWS = 48  # that an invocation of `matvec` computes there


@dataclass(frozen=True)
class Tuning:
    """How kernels are cut for an adapter; see the constants of `wgsl/manifest.json`.

    `threads` is 0 for a GPU. For a software adapter it is the number of threads that share a dispatch's workgroups:
    there each matrix gets the number of rows an invocation that leaves no thread idle. The `gemm` fields are for
    products in registers, where `tiled_gemm` is False. With `subgroups_of_8` passes over several rows exchange
    activations, keys and values in subgroups of that size instead of through memory. An invocation may go through
    `loop_rounds` rounds of all its loops together; 0 is no bound. With `native_halves` the KV cache is read and written
    as numbers of 16 bits (`shader-f16`) instead of words that hold two; its bytes are the same.
    """

    threads: int
    lanes: int
    rows: int
    workgroup: int
    reduce: str
    uniform_input: bool
    tiled_gemm: bool
    gemm_rows: int
    gemm_workgroup: int
    subgroups_of_8: bool
    loop_rounds: int
    native_halves: bool
    attention_workgroup: int
    attention_tile: int
    split_positions: int
    max_splits: int
    row_workgroup: int
    head_workgroup: int
    choose_workgroup: int

    def rows_for(self, rows: int, blocks: int, paired: bool) -> int:
        """Rows an invocation of `matvec` computes for a matrix of so many, each of so many blocks: even where they are
        pairs, and no more than `loop_rounds` allow."""
        step = 2 if paired else 1
        if not self.threads:
            return self.rows * step if self.lanes > 1 else self.rows

        def cost(each: int) -> float:
            groups = -(-rows // (each * _SIMD))
            # Loading the activations costs an invocation about what three rows cost.
            return -(-groups // self.threads) * (each * step + 3)

        # A round for each row of a block, and a few for the block.
        most = min(_MOST_ROWS, self.loop_rounds // blocks - 10) if self.loop_rounds else _MOST_ROWS
        return step * min(range(4 // step, max(4, most) // step + 1), key=lambda each: (cost(each), -each))

    def gemm_rows_for(self, rows: int, blocks: int, paired: bool) -> int:
        """Rows an invocation of `gemm` computes for a matrix of so many, each of so many blocks: at most `gemm_rows`
        and what `loop_rounds` allow, and so many that few of the last workgroup's invocations have nothing to do."""
        step = 2 if paired else 1

        def cost(each: int) -> int:
            # Loading the activations costs an invocation about what eight rows cost.
            return -(-rows // (each * self.gemm_workgroup)) * (each * step + 8)

        # A round for each row of a block and for the block, and five for each row in the end.
        most = min(self.gemm_rows, self.loop_rounds // (blocks + 5) - 1) if self.loop_rounds else self.gemm_rows
        return step * min(range(4 // step, max(4, most) // step + 1), key=lambda each: (cost(each), each))


def tuning_for(device: GpuDevice) -> Tuning:
    """What was found to suit the kind of adapter."""
    if device.info.software:
        # Invocations along K or through workgroup memory only add work where lanes are a processor's SIMD lanes.
        return Tuning(
            threads=max(1, os.cpu_count() or 1),
            lanes=1,
            rows=16,
            workgroup=_SIMD,
            reduce="none",
            uniform_input=True,
            tiled_gemm=False,
            gemm_rows=64,
            gemm_workgroup=_SIMD,
            subgroups_of_8=has_subgroups_of_8(device),
            # Mesa ends the loops of an invocation, without a word, after so many rounds in all.
            loop_rounds=65_535,
            native_halves=False,  # a token at 2,048 positions takes Mesa 6 to 8 % longer with them
            attention_workgroup=_SIMD,
            attention_tile=256,
            split_positions=256,
            max_splits=32,
            row_workgroup=16,
            head_workgroup=16,
            choose_workgroup=256,  # so that each has few of the vocabulary's rounds
        )
    smallest = int(device.device.adapter.info.get("stackgroup_min_size", 0))
    return gpu_tuning(smallest if device.subgroups else 0, device.f16)


def gpu_tuning(subgroup: int = 0, f16: bool = False) -> Tuning:
    """For adapters that run many invocations side by side; `subgroup` is the least size of their subgroups, 0: none;
    `f16` tells whether they have `shader-f16`."""
    by_subgroup = subgroup >= 4
    return Tuning(
        threads=0,
        lanes=min(subgroup, 32) if by_subgroup else 32,
        rows=4,
        workgroup=64,
        reduce="subgroup" if by_subgroup else "workgroup",
        uniform_input=False,
        tiled_gemm=True,
        gemm_rows=0,
        gemm_workgroup=0,
        subgroups_of_8=False,
        loop_rounds=0,
        native_halves=f16,
        attention_workgroup=64,
        attention_tile=64,
        split_positions=64,
        max_splits=64,
        row_workgroup=256,
        head_workgroup=32,
        choose_workgroup=256,
    )
