"""What was measured on an adapter, remembered for this user: which form of weights, and whether the CPU is faster.

`pixel-llm bench --backend gpu` measures; `adapters.json` in the cache folder holds the last measurement of each adapter
with this driver and this version of Pixel-LLM, since another one may have other kernels.
"""

from __future__ import annotations

import contextlib
import json
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
_VERSION: Final = 1


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


def measured(info: AdapterInfo) -> Measurement | None:
    """The measurement of an adapter; None without one, whatever the reason."""
    entry = _read().get(_key(info))
    if not isinstance(entry, dict):
        return None
    speeds = {name: entry.get(name) for name in ("texture", "buffer", "cpu")}
    if not all(speed is None or (isinstance(speed, (int, float)) and speed > 0) for speed in speeds.values()):
        return None
    return Measurement(**speeds)


def remember(info: AdapterInfo, measurement: Measurement) -> None:
    """Keep a measurement in the place of an older one. A cache that cannot be written is no error."""
    path = _path()
    entry = {name: getattr(measurement, name) for name in ("texture", "buffer", "cpu")}
    entries = {**_read(), _key(info): {"adapter": info.name, "driver": info.driver, **entry}}
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


def preferred_form(info: AdapterInfo) -> Form:
    """The form of weights to use on an adapter: textures, unless buffers were measured to be faster."""
    found = measured(info)
    return DEFAULT_FORM if found is None else found.form


def prefers_gpu(info: AdapterInfo) -> bool:
    """Whether `--backend auto` should take the adapter: it is a GPU, and was measured to be faster than the CPU."""
    found = measured(info)
    return not info.software and found is not None and found.faster_than_cpu


def anything_measured() -> bool:
    """Whether there is a measurement of any adapter: without one nobody needs to look for adapters."""
    return bool(_read())


def _path() -> Path:
    return cache_folder() / "adapters.json"


def _key(info: AdapterInfo) -> str:
    return " | ".join((info.name, info.api, info.driver, metadata.version("pixel-llm")))


def _read() -> Mapping[str, Any]:
    try:
        content = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(content, dict) or content.get("version") != _VERSION:
        return {}
    entries = content.get("adapters")
    return entries if isinstance(entries, dict) else {}
