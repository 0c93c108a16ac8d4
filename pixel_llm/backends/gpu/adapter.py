"""Adapters: what WebGPU, through wgpu, can compute on here, named for what it is."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from pixel_llm.errors import BackendError

if TYPE_CHECKING:
    import wgpu

Kind = Literal["discrete", "integrated", "virtual", "software", "unknown"]

ENVIRONMENT: Final = "PIXEL_LLM_ADAPTER"
_KINDS: Final[Mapping[str, Kind]] = {
    "DiscreteGPU": "discrete",
    "IntegratedGPU": "integrated",
    "VirtualGPU": "virtual",
    "CPU": "software",
}
_PREFERENCE: Final[tuple[Kind, ...]] = ("discrete", "integrated", "virtual", "unknown", "software")
# Programs that draw with the CPU and do not always say so in the adapter's type.
_SOFTWARE_NAMES: Final = ("llvmpipe", "lavapipe", "swiftshader", "softpipe", "microsoft basic render")
_INSTALL: Final = "install the driver of your GPU with Vulkan, or Mesa's software one (Debian: mesa-vulkan-drivers)"
_lock = threading.Lock()


@dataclass(frozen=True)
class Limits:
    """The limits that the kernels and textures depend on; bytes where a name says so, else counts.

    Names and defaults: https://www.w3.org/TR/webgpu/#limits
    """

    texture_2d: int
    texture_layers: int
    bind_groups: int
    sampled_textures: int
    storage_buffers: int
    storage_binding_bytes: int
    uniform_binding_bytes: int
    buffer_bytes: int
    workgroup_bytes: int
    workgroup_invocations: int
    workgroup_x: int
    workgroups: int
    storage_alignment: int
    uniform_alignment: int

    @classmethod
    def read(cls, limits: Mapping[str, int]) -> Limits:
        """From wgpu's mapping."""
        return cls(**{field: limits[name] for field, name in _LIMIT_NAMES.items()})


_LIMIT_NAMES: Final = {
    "texture_2d": "max-texture-dimension-2d",
    "texture_layers": "max-texture-array-layers",
    "bind_groups": "max-bind-groups",
    "sampled_textures": "max-sampled-textures-per-shader-stage",
    "storage_buffers": "max-storage-buffers-per-shader-stage",
    "storage_binding_bytes": "max-storage-buffer-binding-size",
    "uniform_binding_bytes": "max-uniform-buffer-binding-size",
    "buffer_bytes": "max-buffer-size",
    "workgroup_bytes": "max-compute-workgroup-storage-size",
    "workgroup_invocations": "max-compute-invocations-per-workgroup",
    "workgroup_x": "max-compute-workgroup-size-x",
    "workgroups": "max-compute-workgroups-per-dimension",
    "storage_alignment": "min-storage-buffer-offset-alignment",
    "uniform_alignment": "min-uniform-buffer-offset-alignment",
}


@dataclass(frozen=True)
class AdapterInfo:
    """One adapter. `index` counts as `list_adapters` does; `api` is Vulkan, Metal or D3D12; `driver` names driver and
    version as far as the driver tells; `features` are WebGPU's names and wgpu's own ones."""

    index: int
    name: str
    kind: Kind
    api: str
    driver: str
    vendor_id: int
    device_id: int
    limits: Limits
    features: frozenset[str]

    @property
    def software(self) -> bool:
        """Whether the processor does the work: such an adapter is right, and slower than the CPU backend."""
        return self.kind == "software"

    @property
    def label(self) -> str:
        """Name and kind for people, such as "llvmpipe (software adapter: runs on the processor), Vulkan"."""
        kind = "software adapter: runs on the processor" if self.software else f"{self.kind} GPU"
        return f"{self.name} ({kind}), {self.api}"


def list_adapters() -> tuple[AdapterInfo, ...]:
    """The adapters of this machine, none where there are none. Raises `BackendError` where wgpu cannot be loaded."""
    return tuple(info for info, _ in _enumerate())


def choose_adapter(wanted: str | int | None = None) -> AdapterInfo:
    """The adapter that `wanted` means: an index, or a part of the name in any case.

    None takes what the environment variable PIXEL_LLM_ADAPTER says, and without it a discrete GPU before an integrated
    one, a software adapter last. Raises `BackendError`, which lists the adapters, where none fits.
    """
    return choose_native(wanted)[0]


def choose_native(wanted: str | int | None) -> tuple[AdapterInfo, wgpu.GPUAdapter]:
    """`choose_adapter` with wgpu's object."""
    found = _enumerate()
    if not found:
        raise BackendError("no GPU adapter was found", remedy=_INSTALL)
    origin = ""
    if wanted is None and os.environ.get(ENVIRONMENT):
        wanted, origin = os.environ[ENVIRONMENT], f" (from {ENVIRONMENT})"
    fitting = [pair for pair in found if wanted is None or _fits(pair[0], wanted)]
    if not fitting:
        there = "; ".join(f"{info.index}: {info.label}" for info, _ in found)
        raise BackendError(f"there is no adapter {wanted!r}{origin}", remedy=f"an index or a part of a name: {there}")
    return min(fitting, key=lambda pair: (_PREFERENCE.index(pair[0].kind), pair[0].index))


def _fits(info: AdapterInfo, wanted: str | int) -> bool:
    if isinstance(wanted, int) or wanted.strip().isdecimal():
        return info.index == int(wanted)
    return bool(wanted.strip()) and wanted.strip().casefold() in info.name.casefold()


def _enumerate() -> Sequence[tuple[AdapterInfo, wgpu.GPUAdapter]]:
    with _lock:
        gpu = _load()
        with _quiet_loader():
            natives = gpu.enumerate_adapters_sync()
    return [(_describe(index, native), native) for index, native in enumerate(natives)]


def _load() -> Any:
    """wgpu's entry point. Its instance, of which a process has one, is told to leave OpenGL alone: what runs there is
    not what the kernels are tested on, and asking for it writes to stderr."""
    try:
        import wgpu
        from wgpu.backends.wgpu_native import _helpers, extras
    except (ImportError, OSError, RuntimeError) as error:
        raise BackendError(
            f"wgpu cannot be loaded ({error})", remedy="pip install wgpu; it has wheels for Linux, macOS and Windows"
        ) from None
    if _helpers._the_instance is None:
        with _quiet_loader():
            extras.set_instance_extras(backends=["Vulkan", "Metal", "DX12"])
    return wgpu.gpu


@contextmanager
def _quiet_loader() -> Iterator[None]:
    """Without a desktop session, a Vulkan layer of Mesa's that sorts adapters for windows complains on stderr."""
    if sys.platform != "linux" or "XDG_RUNTIME_DIR" in os.environ or "NODEVICE_SELECT" in os.environ:
        yield
        return
    os.environ["NODEVICE_SELECT"] = "1"
    try:
        yield
    finally:
        os.environ.pop("NODEVICE_SELECT", None)


def _describe(index: int, native: wgpu.GPUAdapter) -> AdapterInfo:
    info = native.info
    name = info["device"] or info["vendor"] or "unnamed"
    kind = _KINDS.get(info["adapter_type"], "unknown")
    if any(known in name.casefold() for known in _SOFTWARE_NAMES):
        kind = "software"
    # wgpu-native still says "subgroup" for what WebGPU calls "subgroups".
    features = frozenset("subgroups" if f == "subgroup" else f for f in native.features)
    return AdapterInfo(
        index=index,
        name=name,
        kind=kind,
        api=info["backend_type"],
        driver=info["description"] or "unknown",
        vendor_id=int(info["vendor_id"]),
        device_id=int(info["device_id"]),
        limits=Limits.read(native.limits),
        features=features,
    )
