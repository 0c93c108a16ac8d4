"""The dashboard: `app.py` is the screen, `live.py` what it knows from the logs."""

from __future__ import annotations

from pixel_llm.coach.tui.app import Dashboard

__all__ = ["Dashboard"]
