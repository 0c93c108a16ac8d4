"""Ollama's native API: /api/tags, /api/show and /api/chat as newline-delimited JSON.

Like the real one it drops, without a word, what does not fit into `num_ctx` tokens, and stops where that is full.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

from pixel_llm.tests.coach.servers.base import FINE, Fault, Reply, Script, ScriptedServer, count, send_json, words


class OllamaServer(ScriptedServer):
    """Has the models named; their context holds `context_length` tokens."""

    def __init__(
        self,
        script: Script = FINE,
        *,
        models: tuple[str, ...] = ("tiny:latest",),
        context_length: int | None = 32768,
        characters_a_token: float = 4.0,
    ) -> None:
        super().__init__(script)
        self.models = models
        self.context_length = context_length
        self.characters_a_token = characters_a_token

    def get(self, handler: BaseHTTPRequestHandler) -> None:
        """The models."""
        if handler.path == "/api/tags":
            send_json(handler, 200, {"models": [{"model": m, "name": m} for m in self.models]})
        else:
            send_json(handler, 404, {"error": "not found"})

    def post(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        """A model's details, or an answer."""
        if body.get("model") not in self.models and f"{body.get('model')}:latest" not in self.models:
            send_json(handler, 404, {"error": f"model '{body.get('model')}' not found"})
        elif handler.path == "/api/show":
            info: dict[str, Any] = {"general.architecture": "tiny"}
            if self.context_length is not None:
                info["tiny.context_length"] = self.context_length
            send_json(handler, 200, {"model_info": info, "details": {}, "capabilities": ["completion"]})
        elif handler.path == "/api/chat":
            self.answer(handler, body)
        else:
            send_json(handler, 404, {"error": "not found"})

    def content_type(self, body: dict[str, Any]) -> str:
        """Of a stream."""
        return "application/x-ndjson"

    def fault(self, fault: Fault) -> Any:
        """{"error": message}"""
        return {"error": fault.message}

    def pieces(self, body: dict[str, Any], reply: Reply) -> Iterator[bytes]:
        """A line for each word, and one with the counts."""
        options = body.get("options") or {}
        context = min(options.get("num_ctx", 4096), self.context_length or 1 << 30)
        prompt = self._fit(list(body["messages"]), context)
        room = min(options.get("num_predict", 1 << 30), context - prompt)
        every = words(reply.text)
        head = {"model": body["model"], "created_at": "2026-01-01T00:00:00Z"}
        for word in every[:room]:
            yield _line({**head, "message": {"role": "assistant", "content": word}, "done": False})
        counts = {
            "prompt_eval_count": prompt if reply.prompt_tokens is None else reply.prompt_tokens,
            "eval_count": min(room, len(every)) if reply.output_tokens is None else reply.output_tokens,
        }
        reason = "length" if len(every) > room else reply.finish
        last = {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": reason}
        yield _line({**head, **last, **(counts if reply.usage else {})})

    def _fit(self, messages: list[Any], context: int) -> int:
        """Tokens of what is left: the oldest turns go first, then the beginning of the last one."""
        while len(messages) > 1 and self._tokens(messages) > context:
            oldest = next((i for i, m in enumerate(messages[:-1]) if m["role"] != "system"), None)
            if oldest is None:
                break
            del messages[oldest]
        return min(self._tokens(messages), context)

    def _tokens(self, messages: list[Any]) -> int:
        return int(count(messages) * 4 / self.characters_a_token)


def _line(data: Any) -> bytes:
    return json.dumps(data).encode() + b"\n"
