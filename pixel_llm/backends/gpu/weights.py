"""Weights: which tensors of a model are stacked into which matrices, and the matrices on the device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pixel_llm.backends.gpu.adapter import Limits
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.textures import Form, GpuMatrix, Progress, plane_layouts, upload
from pixel_llm.formats.encodings import Encoding
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec


@dataclass(frozen=True)
class Stack:
    """Tensors of one encoding that become one matrix, and where its rows begin in a row of what it is multiplied to."""

    names: tuple[str, ...]
    column: int
    encoding: Encoding
    rows: int
    columns: int


@dataclass(frozen=True)
class LayerStacks:
    """A layer's matrices. `gate_up` is one stack of both where `paired`, else gate and then up."""

    qkv: tuple[Stack, ...]
    output: Stack
    gate_up: tuple[Stack, ...]
    down: Stack

    @property
    def paired(self) -> bool:
        """Whether gate and up are one matrix."""
        return len(self.gate_up) == 1

    def all(self) -> tuple[Stack, ...]:
        """Every stack."""
        return (*self.qkv, self.output, *self.gate_up, self.down)


@dataclass(frozen=True)
class ModelStacks:
    """A model's matrices; `head` is `embedding` where the output is tied."""

    embedding: Stack
    layers: tuple[LayerStacks, ...]
    head: Stack

    def all(self) -> tuple[Stack, ...]:
        """Every stack once."""
        ends = (self.embedding,) if self.head is self.embedding else (self.embedding, self.head)
        return (*ends, *(stack for layer in self.layers for stack in layer.all()))


def plan_stacks(model: ModelFile, spec: DecoderSpec, form: Form, limits: Limits) -> ModelStacks:
    """Stack what is multiplied with the same activations, as far as encodings and limits let it."""

    def one(name: str, column: int = 0) -> Stack:
        tensor = model.tensors[name]
        return Stack((name,), column, tensor.encoding, tensor.n_rows, tensor.shape[-1])

    def whole(stack: Stack) -> bool:
        layouts = plane_layouts(stack.encoding, stack.rows, stack.columns, form, limits)
        return all(layout.part_rows >= stack.rows for layout in layouts)

    def stacked(names: tuple[str, ...]) -> tuple[Stack, ...]:
        found: list[Stack] = []
        column = 0
        for name in names:
            own = one(name, column)
            column += own.rows
            if found and found[-1].encoding == own.encoding:
                last = found[-1]
                joint = Stack((*last.names, name), last.column, own.encoding, last.rows + own.rows, own.columns)
                if whole(joint):
                    found[-1] = joint
                    continue
            found.append(own)
        return tuple(found)

    embedding = one("token_embd.weight")
    layers = []
    for i in range(spec.layers):
        b = f"blk.{i}."
        layers.append(
            LayerStacks(
                stacked((b + "attn_q.weight", b + "attn_k.weight", b + "attn_v.weight")),
                one(b + "attn_output.weight"),
                stacked((b + "ffn_gate.weight", b + "ffn_up.weight")),
                one(b + "ffn_down.weight"),
            )
        )
    head = embedding if spec.tied_output else one("output.weight")
    return ModelStacks(embedding, tuple(layers), head)


def load_stacks(
    device: GpuDevice, model: ModelFile, stacks: ModelStacks, form: Form, progress: Progress | None = None
) -> Mapping[Stack, GpuMatrix]:
    """Every stack on the device; on an error, none. `progress` is called with bytes done and bytes in all."""
    wanted = stacks.all()
    sizes = [sum(model.tensors[name].nbytes for name in stack.names) for stack in wanted]
    total, done = sum(sizes), 0
    matrices: dict[Stack, GpuMatrix] = {}
    try:
        for stack, size in zip(wanted, sizes, strict=True):
            base = done

            def report(part: int, _: int, base: int = base) -> None:
                if progress is not None:
                    progress(base + part, total)

            tensors = [model.tensors[name] for name in stack.names]
            matrices[stack] = upload(device, tensors, form=form, progress=report)
            done += size
    except BaseException:
        for matrix in matrices.values():
            matrix.destroy()
        raise
    return matrices
