"""Shaders: plain `.wgsl` files put one behind the other, described by `wgsl/manifest.json`.

A module is a header of `enable`, `const NAME = value;` and `alias NAME = type;` lines, and then the kernel's files as
they are. Nothing is replaced inside a file: whoever can concatenate, a browser for one, builds the same modules.

The manifest has, under "files", for each file its bindings ({"group", "binding", "name", "kind", "format"}) and its
constants (name -> {"meaning", "default"?}); a binding's name is what `bind_group` calls it. A kernel, under "kernels",
has its "files", "entry", "workgroup" (numbers or names of constants), "features"?, and what it computes ("summary"). A
file's name may contain a part in braces, such as `load_{weights}.wgsl`, for which "parts" lists the choices. A kernel's
bindings and constants are those of its files. Where "form", "encoding" and "scales" are parts, the table "scales" says
which scales go with a form and an encoding.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.native import trusted_module
from pixel_llm.errors import InvalidArgumentError

if TYPE_CHECKING:
    import wgpu

Constant = bool | int | float | str

# A binding's kind -> what wgpu's layout says of it.
KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "storage-read": {"buffer": {"type": "read-only-storage"}},
    "storage": {"buffer": {"type": "storage"}},
    "uniform": {"buffer": {"type": "uniform"}},
    "uniform-dynamic": {"buffer": {"type": "uniform", "has_dynamic_offset": True}},
    "texture-uint": {"texture": {"sample_type": "uint", "view_dimension": "2d-array"}},
    "texture-float": {"texture": {"sample_type": "unfilterable-float", "view_dimension": "2d-array"}},
}


@dataclass(frozen=True)
class Kernel:
    """One kernel of the manifest, its parts chosen. `constants`: name -> default, None where it must be given."""

    name: str
    files: tuple[str, ...]
    entry: str
    bindings: tuple[Mapping[str, Any], ...]
    constants: Mapping[str, Constant | None]
    workgroup: tuple[int | str, ...]
    features: tuple[str, ...]


@cache
def manifest() -> dict[str, Any]:
    """`wgsl/manifest.json`."""
    parsed: dict[str, Any] = json.loads(text("manifest.json"))
    return parsed


@cache
def text(name: str) -> str:
    """A file of `wgsl/`."""
    return (resources.files("pixel_llm.backends.gpu") / "wgsl" / name).read_text(encoding="utf-8")


def kernel(name: str, **parts: str) -> Kernel:
    """The kernel `name` with a choice for each part in braces of its file names, such as `weights="q4_texture"`."""
    kernels, files = manifest()["kernels"], manifest()["files"]
    if name not in kernels:
        raise InvalidArgumentError(f"there is no kernel {name!r}", remedy=f"one of: {', '.join(kernels)}")
    entry = kernels[name]
    choices = entry.get("parts", {})
    if parts.keys() != choices.keys() or any(parts[part] not in choices[part] for part in parts):
        raise InvalidArgumentError(f"has the parts {choices}, not {parts}", part=f"kernel {name}")
    chosen = tuple(file.format(**parts) for file in entry["files"])
    constants: dict[str, Constant | None] = {}
    for file in chosen:
        constants |= {key: value.get("default") for key, value in files[file].get("constants", {}).items()}
    return Kernel(
        name,
        chosen,
        entry["entry"],
        tuple(binding for file in chosen for binding in files[file].get("bindings", ())),
        constants,
        tuple(entry["workgroup"]),
        tuple(entry.get("features", ())) + tuple(f for file in chosen for f in files[file].get("features", ())),
    )


def header(constants: Mapping[str, Constant], features: Sequence[str] = ()) -> str:
    """The lines in front of the files: directives, constants (numbers, truth values) and aliases (names of types)."""
    # A browser wants "enable subgroups;" too, which wgpu 29 does not know: there they need no directive.
    enables = {"shader-f16": "f16"}
    lines = [f"enable {enables[feature]};" for feature in features if feature in enables]
    for name, value in constants.items():
        if isinstance(value, str):
            lines.append(f"alias {name} = {value};")
        elif isinstance(value, bool):
            lines.append(f"const {name} = {str(value).lower()};")
        else:
            lines.append(f"const {name} = {value!r};")
    return "".join(line + "\n" for line in lines)


def module(
    device: GpuDevice, files: Sequence[str], constants: Mapping[str, Constant], features: Sequence[str] = ()
) -> wgpu.GPUShaderModule:
    """The module of `files` behind a header; made once a device."""
    key = ("module", tuple(files), tuple(constants.items()), tuple(features))
    if key not in device.cache:
        code = header(constants, features) + "".join(text(file) for file in files)
        with device.guard(f"compiling {', '.join(files)}"):
            device.cache[key] = trusted_module(device.device, code, files[-1])
    return device.cache[key]


def pipeline(device: GpuDevice, which: Kernel, constants: Mapping[str, Constant]) -> wgpu.GPUComputePipeline:
    """The pipeline of a kernel with `constants` over its defaults; made once a device.

    Its layout comes from the manifest, so that pipelines with equal bindings share bind groups.
    Raises `InvalidArgumentError` for constants that are unknown or missing, `GpuError` where WGSL refuses.
    """
    unknown = constants.keys() - which.constants.keys()
    values = {name: constants.get(name, default) for name, default in which.constants.items()}
    missing = [name for name, value in values.items() if value is None]
    if unknown or missing:
        raise InvalidArgumentError(
            f"constants unknown: {sorted(unknown)}, missing: {missing}", part=f"kernel {which.name}"
        )
    given = {name: value for name, value in values.items() if value is not None}
    key = ("pipeline", which.files, which.entry, tuple(given.items()), which.features)
    if key not in device.cache:
        compute = {"module": module(device, which.files, given, which.features), "entry_point": which.entry}
        with device.guard(f"making the kernel {which.name}"):
            layout = _pipeline_layout(device, which)
            device.cache[key] = device.device.create_compute_pipeline(layout=layout, compute=compute)
    return device.cache[key]


def bind_group_layout(device: GpuDevice, which: Kernel, group: int) -> wgpu.GPUBindGroupLayout:
    """The layout of one of a kernel's groups; kernels with equal bindings share it."""
    entries = tuple((b["binding"], b["kind"]) for b in which.bindings if b["group"] == group)
    key = ("bind group layout", entries)
    if key not in device.cache:
        import wgpu

        described = [{"binding": n, "visibility": wgpu.ShaderStage.COMPUTE, **KINDS[kind]} for n, kind in entries]
        device.cache[key] = device.device.create_bind_group_layout(entries=described)
    return device.cache[key]


def bind_group(device: GpuDevice, which: Kernel, bound: Mapping[str, Any], group: int = 0) -> wgpu.GPUBindGroup:
    """A bind group from resources by the names of the manifest: texture views, buffers, or dictionaries as wgpu's."""
    wanted = {b["name"]: b["binding"] for b in which.bindings if b["group"] == group}
    if bound.keys() != wanted.keys():
        raise InvalidArgumentError(f"binds {sorted(wanted)}, not {sorted(bound)}", part=f"kernel {which.name}")
    entries = [{"binding": wanted[name], "resource": resource} for name, resource in bound.items()]
    with device.guard(f"binding the kernel {which.name}"):
        return device.device.create_bind_group(layout=bind_group_layout(device, which, group), entries=entries)


def _pipeline_layout(device: GpuDevice, which: Kernel) -> wgpu.GPUPipelineLayout:
    groups = 1 + max((b["group"] for b in which.bindings), default=-1)
    layouts = [bind_group_layout(device, which, group) for group in range(groups)]
    key = ("pipeline layout", *(id(layout) for layout in layouts))
    if key not in device.cache:
        device.cache[key] = device.device.create_pipeline_layout(bind_group_layouts=layouts)
    return device.cache[key]
