"""Parts of the InfiniteMap: quadtree keys, tile records, the cache and the stores."""

from pixel_llm.core.tiles.memory_store import MemoryStore
from pixel_llm.core.tiles.settings import MapSettings
from pixel_llm.core.tiles.sqlite_store import SQLiteStore
from pixel_llm.core.tiles.store import TileStore

__all__ = ["MapSettings", "MemoryStore", "SQLiteStore", "TileStore"]
