"""Which store a map's file is opened with."""

from __future__ import annotations

import os
from pathlib import Path

from pixel_llm.core.tiles.memory_store import MemoryStore
from pixel_llm.core.tiles.pxi_store import PxiStore
from pixel_llm.core.tiles.settings import MapSettings
from pixel_llm.core.tiles.sqlite_store import SQLiteStore
from pixel_llm.core.tiles.store import TileStore


def open_store(path: str | os.PathLike[str] | None, new: MapSettings, *, read_only: bool) -> TileStore:
    """Memory for None, a .pxi file where the name ends in `.pxi`, else an SQLite database; created with the settings
    `new` where there is none."""
    if path is None:
        return MemoryStore(new)
    if Path(path).suffix.lower() == ".pxi":
        return PxiStore(path, new, read_only=read_only)
    return SQLiteStore(path, new, read_only=read_only)
