"""The manifest against the files that it describes, and against what wgpu accepts."""

from __future__ import annotations

import itertools
import re
from importlib import resources
from typing import Any

import pytest

from pixel_llm.backends.gpu import shaders
from pixel_llm.backends.gpu.device import DEFAULT_LIMITS, GpuDevice
from pixel_llm.backends.gpu.shaders import KINDS, Kernel
from pixel_llm.errors import GpuError
from pixel_llm.formats.encodings import ENCODINGS

FOLDER = resources.files("pixel_llm.backends.gpu") / "wgsl"
BINDING = re.compile(r"@group\((\d+)\)\s*@binding\((\d+)\)\s*var(?:<([^>]*)>)?\s+(\w+)\s*:\s*([\w<>, ]+)")
ENTRY = re.compile(r"@compute\s*@workgroup_size\(([^)]*)\)\s*fn\s+(\w+)")


def variants() -> list[Kernel]:
    """Every kernel with every choice of its parts that can occur."""
    found = []
    for name, entry in shaders.manifest()["kernels"].items():
        names = entry.get("parts", {})
        for choice in itertools.product(*names.values()):
            parts = dict(zip(names, choice, strict=True))
            if (
                "scales" not in parts
                or parts["scales"] == shaders.manifest()["scales"][parts["form"]][parts["encoding"]]
            ):
                found.append(shaders.kernel(name, **parts))
    return found


def kind(space: str | None, declared: str) -> str:
    """The manifest's kind of a declaration in WGSL."""
    space = (space or "").replace(" ", "")
    if space == "uniform":
        return "uniform"
    if space.startswith("storage"):
        return "storage" if "read_write" in space else "storage-read"
    return "texture-uint" if "u32" in declared else "texture-float"


def test_every_file_is_described_and_every_description_has_its_file() -> None:
    there = {file.name for file in FOLDER.iterdir() if file.name.endswith(".wgsl")}
    assert there == set(shaders.manifest()["files"])
    used = set(itertools.chain.from_iterable(which.files for which in variants()))
    assert used == there, "files that no kernel uses"


@pytest.mark.parametrize("name", sorted(shaders.manifest()["files"]))
def test_bindings_and_constants_are_those_of_the_file(name: str) -> None:
    described = shaders.manifest()["files"][name]
    code = shaders.text(name)
    declared = {
        (int(group), int(binding), kind(space, type_)) for group, binding, space, _, type_ in BINDING.findall(code)
    }
    bindings = described.get("bindings", ())
    assert declared == {(b["group"], b["binding"], b["kind"].removesuffix("-dynamic")) for b in bindings}
    assert all(b["name"] and b["format"] and b["kind"] in KINDS for b in bindings)
    assert all(entry["meaning"] for entry in described.get("constants", {}).values())


def test_every_constant_is_used_by_a_kernel_that_has_it() -> None:
    unused = {
        (file, name) for file, entry in shaders.manifest()["files"].items() for name in entry.get("constants", ())
    }
    for which in variants():
        words = set(re.findall(r"\w+", re.sub(r"//.*", "", "".join(map(shaders.text, which.files)))))
        unused -= {(file, word) for file in which.files for word in words}
    assert not unused


@pytest.mark.parametrize("which", variants(), ids=lambda which: f"{which.name}-{'+'.join(which.files)}"[:90])
def test_kernels_are_described_as_they_are(which: Kernel) -> None:
    entries = {name: size for size, name in ENTRY.findall("".join(map(shaders.text, which.files)))}
    sizes = [part.strip() for part in entries[which.entry].split(",") if part.strip()]
    assert [str(part) for part in which.workgroup] == [*sizes, "1", "1"][:3]
    places = [(b["group"], b["binding"]) for b in which.bindings]
    assert len(places) == len(set(places))
    names = [b["name"] for b in which.bindings]
    assert len(names) == len(set(names))
    kinds = [b["kind"] for b in which.bindings]
    storage = sum(k.startswith("storage") for k in kinds)
    assert storage <= DEFAULT_LIMITS["max-storage-buffers-per-shader-stage"]
    assert sum(k.startswith("texture") for k in kinds) <= DEFAULT_LIMITS["max-sampled-textures-per-shader-stage"]
    assert max(group for group, _ in places) < DEFAULT_LIMITS["max-bind-groups"]


def complete(which: Kernel) -> dict[str, Any] | None:
    """Constants that a kernel can be compiled with, where all have defaults."""
    return None if None in which.constants.values() else {}


@pytest.mark.parametrize(
    "which", [w for w in variants() if complete(w) is not None], ids=lambda w: f"{w.name}-{w.files[0]}"
)
def test_wgpu_accepts_the_kernel_and_its_layout(which: Kernel, plain_gpu_device: GpuDevice) -> None:
    if which.features:
        pytest.skip("needs features")
    first = shaders.pipeline(plain_gpu_device, which, {})
    assert shaders.pipeline(plain_gpu_device, which, {}) is first


def test_a_layout_that_contradicts_the_shader_is_refused(plain_gpu_device: GpuDevice) -> None:
    """What makes the test above mean something."""
    which = shaders.kernel("matmul", numbers="f32")
    wrong = [dict(b, kind="storage") if b["name"] == "a" else b for b in which.bindings]
    broken = Kernel(which.name, which.files, which.entry, tuple(wrong), {"TILE": 8}, which.workgroup, ())
    with pytest.raises(GpuError, match="making the kernel matmul"):
        shaders.pipeline(plain_gpu_device, broken, {})


def test_scales_go_with_encodings() -> None:
    table = shaders.manifest()["scales"]
    for name, encoding in ENCODINGS.items():
        if encoding.group == 0:
            assert table["texture"][name] == table["buffer"][name] == "none"
        else:
            assert table["texture"][name] == "texture"
            assert table["buffer"][name] == ("pairs_buffer" if encoding.has_offset else "single_buffer")
    assert table["texture"].keys() == table["buffer"].keys() == ENCODINGS.keys()


def test_headers() -> None:
    constants = {"ROWS": 16, "EPSILON": 1e-5, "NORM": False, "number": "f16"}
    assert shaders.header(constants, ("shader-f16",)) == (
        "enable f16;\nconst ROWS = 16;\nconst EPSILON = 1e-05;\nconst NORM = false;\nalias number = f16;\n"
    )
