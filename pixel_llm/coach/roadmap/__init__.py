"""Phases and tasks: the format, the loader, and the roadmap that comes with Pixel-LLM."""

from __future__ import annotations

from pixel_llm.coach.roadmap.format import Phase, Roadmap, builtin

__all__ = ["Phase", "Roadmap", "builtin"]
