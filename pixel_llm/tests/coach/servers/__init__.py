"""Servers on loopback that speak the protocols of Ollama, OpenAI and Gemini as documented, faults included."""

from __future__ import annotations

from pixel_llm.tests.coach.servers.base import Cut, Fault, Garbage, Reply, Silence
from pixel_llm.tests.coach.servers.gemini import GeminiServer
from pixel_llm.tests.coach.servers.ollama import OllamaServer
from pixel_llm.tests.coach.servers.openai import OpenAIServer

__all__ = ["Cut", "Fault", "Garbage", "GeminiServer", "OllamaServer", "OpenAIServer", "Reply", "Silence"]
