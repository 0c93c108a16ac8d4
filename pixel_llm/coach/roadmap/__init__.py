"""Phases and tasks: the format, the loader, and the roadmap that comes with Pixel-LLM."""

from __future__ import annotations

from pixel_llm.coach.roadmap.format import Phase, Roadmap, builtin
from pixel_llm.coach.roadmap.loader import load_roadmap

__all__ = ["Phase", "Roadmap", "builtin", "load_roadmap"]
