"""Parts of the InfiniteMap: quadtree keys, tile records, the cache, the pyramid and the stores."""

from pixel_llm.core.tiles.memory_store import MemoryStore
from pixel_llm.core.tiles.opening import open_store
from pixel_llm.core.tiles.pxi_store import PxiStore
from pixel_llm.core.tiles.settings import MapSettings
from pixel_llm.core.tiles.sqlite_store import SQLiteStore
from pixel_llm.core.tiles.store import MapSnapshot, TileStore

__all__ = ["MapSettings", "MapSnapshot", "MemoryStore", "PxiStore", "SQLiteStore", "TileStore", "open_store"]
