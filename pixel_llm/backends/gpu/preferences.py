"""What was measured on an adapter, remembered for this user: which form of weights, and whether the CPU is faster.

`pixel-llm bench --backend gpu` measures; `adapters.json` in the cache folder holds the last measurement of each adapter
with this driver and this version of Pixel-LLM, since another one may have other kernels. What is faster depends on the
model's size too (ADR 0016): there is one measurement for each doubling of it, and a model goes by the nearest one.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from pixel_llm.backends.gpu.adapter import AdapterInfo
from pixel_llm.backends.gpu.textures import Form
from pixel_llm.core.user_cache import cache_folder

DEFAULT_FORM: Final[Form] = "texture"
_VERSION: Final = 2  # what an older one holds does not tell adapters and sizes apart, and counts as nothing
_SPEEDS: Final = ("texture", "buffer", "cpu")


@dataclass(frozen=True)
class Measurement:
    """Tokens per second of decoding the same model: with the weights in textures, in buffers, and on the CPU backend;
    None where that was not measured."""

    texture: float | None = None
    buffer: float | None = None
    cpu: float | None = None

    @property
    def form(self) -> Form:
        """The faster form; textures where nothing says otherwise."""
        return "buffer" if (self.buffer or 0.0) > (self.texture or 0.0) else DEFAULT_FORM

    @property
    def faster_than_cpu(self) -> bool:
        """Whether the better form was seen to be faster than the CPU backend."""
        best = max(self.texture or 0.0, self.buffer or 0.0)
        return self.cpu is not None and best > self.cpu


def measured(info: AdapterInfo, weight_bytes: int) -> Measurement | None:
    """What was measured on an adapter with a model of about the size of `weight_bytes`, all its planes together, or
    else of the nearest size; None where nothing was."""
    return _nearest(measurements(info), weight_bytes)


def measurements(info: AdapterInfo) -> dict[int, Measurement]:
    """All measurements of an adapter, by the powers of two nearest to the bytes of the models' weights."""
    return _measurements(_read().get(_key(info)))


def remember(info: AdapterInfo, weight_bytes: int, measurement: Measurement) -> None:
    """Keep a measurement in the place of an older one of a model of about the size. A cache that cannot be written is
    no error."""
    path = _path()
    found = {**measurements(info), 1 << _size(weight_bytes): measurement}
    sizes = {str(size): {name: getattr(found[size], name) for name in _SPEEDS} for size in sorted(found)}
    entry = {"adapter": info.name, "driver": info.driver, "version": _release(), "software": info.software}
    entries = {**_read(), _key(info): {**entry, "sizes": sizes}}
    text = json.dumps({"version": _VERSION, "adapters": entries}, indent=1)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text + "\n")
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)


def preferred_form(info: AdapterInfo, weight_bytes: int) -> Form:
    """The form of weights to use on an adapter: textures, unless buffers were measured to be faster."""
    found = measured(info, weight_bytes)
    return DEFAULT_FORM if found is None else found.form


def prefers_gpu(info: AdapterInfo, weight_bytes: int) -> bool:
    """Whether `--backend auto` should take the adapter: it is a GPU, and was measured to be faster than the CPU."""
    found = measured(info, weight_bytes)
    return not info.software and found is not None and found.faster_than_cpu


def may_prefer_gpu(weight_bytes: int) -> bool:
    """Whether `prefers_gpu` would hold for any adapter that was measured: without one nobody needs to look for
    adapters, which takes longer than everything else at the start."""
    for entry in _read().values():
        if isinstance(entry, dict) and entry.get("software") is False and entry.get("version") == _release():
            found = _nearest(_measurements(entry), weight_bytes)
            if found is not None and found.faster_than_cpu:
                return True
    return False


def _nearest(found: Mapping[int, Measurement], weight_bytes: int) -> Measurement | None:
    if not found:
        return None
    wanted = _size(weight_bytes)
    return found[min(found, key=lambda size: (abs(_size(size) - wanted), size))]


def _size(weight_bytes: int) -> int:
    """The nearest power of two."""
    return round(math.log2(max(weight_bytes, 1)))


def _measurements(entry: object) -> dict[int, Measurement]:
    """What an entry of the file says, as far as it is in order."""
    sizes = entry.get("sizes") if isinstance(entry, dict) else None
    found: dict[int, Measurement] = {}
    for size, speeds in sizes.items() if isinstance(sizes, dict) else ():
        if not (isinstance(speeds, dict) and size.isascii() and size.isdecimal() and 0 < len(size) < 20 and int(size)):
            continue
        values = {name: speeds.get(name) for name in _SPEEDS}
        if all(_is_speed(value) for value in values.values()):
            found[int(size)] = Measurement(**values)
    return found


def _is_speed(value: object) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0)


def _path() -> Path:
    return cache_folder() / "adapters.json"


def _key(info: AdapterInfo) -> str:
    return " | ".join((info.name, info.api, info.driver, _release()))


def _release() -> str:
    return metadata.version("pixel-llm")


def _read() -> Mapping[str, Any]:
    try:
        content = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(content, dict) or content.get("version") != _VERSION:
        return {}
    entries = content.get("adapters")
    return entries if isinstance(entries, dict) else {}
