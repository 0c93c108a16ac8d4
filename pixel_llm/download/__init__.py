"""Getting models onto this machine: named ones with a pinned SHA-256, and any repository of the Hugging Face Hub."""

from __future__ import annotations

from pixel_llm.core.user_cache import cache_folder
from pixel_llm.download.cache import models_folder
from pixel_llm.download.catalog import CATALOG, CatalogModel, catalog_path
from pixel_llm.download.pull import PullResult, pull

__all__ = ["CATALOG", "CatalogModel", "PullResult", "cache_folder", "catalog_path", "models_folder", "pull"]
