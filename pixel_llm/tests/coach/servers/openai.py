"""OpenAI's chat completions as llama.cpp's server and others speak them: /v1/models, /v1/chat/completions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

from pixel_llm.tests.coach.servers.base import FINE, Fault, Reply, Script, ScriptedServer, count, send_json, words


class OpenAIServer(ScriptedServer):
    """Wants `key` as a bearer token where one is given. `schemas` says whether it knows `response_format`, or the only
    form that it knows."""

    def __init__(
        self,
        script: Script = FINE,
        *,
        models: tuple[str, ...] = ("tiny",),
        key: str = "",
        schemas: bool | str = True,
    ) -> None:
        super().__init__(script)
        self.models, self.key, self.schemas = models, key, schemas

    @property
    def v1(self) -> str:
        """The base URL for clients."""
        return f"{self.url}/v1"

    def get(self, handler: BaseHTTPRequestHandler) -> None:
        """The models."""
        if self._allowed(handler):
            data = [{"id": m, "object": "model", "created": 0, "owned_by": "me"} for m in self.models]
            send_json(handler, 200, {"object": "list", "data": data})

    def post(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        """An answer."""
        if not self._allowed(handler):
            return
        form = (body.get("response_format") or {}).get("type")
        if form and (not self.schemas or self.schemas == "json_object" != form):
            # llama-cpp-python calls it an internal error
            status = 500 if self.schemas else 400
            send_json(handler, status, self.fault(Fault(status, f"response_format {form} is not supported")))
            return
        self.answer(handler, body)

    def _allowed(self, handler: BaseHTTPRequestHandler) -> bool:
        if self.key and handler.headers.get("Authorization") != f"Bearer {self.key}":
            given = handler.headers.get("Authorization", "").removeprefix("Bearer ")
            send_json(handler, 401, self.fault(Fault(401, f"Incorrect API key provided: {given}")))
            return False
        return True

    def content_type(self, body: dict[str, Any]) -> str:
        """Of a stream, or of one piece."""
        return "text/event-stream" if body.get("stream") else "application/json"

    def fault(self, fault: Fault) -> Any:
        """{"error": {"message", "type", "code"}}"""
        return {"error": {"message": fault.message, "type": "error", "param": None, "code": fault.code or None}}

    def pieces(self, body: dict[str, Any], reply: Reply) -> Iterator[bytes]:
        """An event for each word, one with the reason for the end, one with the counts if asked for, [DONE]."""
        most = body.get("max_tokens", body.get("max_completion_tokens", 1 << 30))
        every = words(reply.text)
        kept = every[:most]
        finish = "length" if len(kept) < len(every) else reply.finish
        usage = {
            "prompt_tokens": count(body["messages"]) if reply.prompt_tokens is None else reply.prompt_tokens,
            "completion_tokens": len(kept) if reply.output_tokens is None else reply.output_tokens,
        }
        usage["total_tokens"] = sum(usage.values())
        head = {"id": "chatcmpl-1", "created": 1, "model": body["model"]}
        if not body.get("stream"):
            message = {"role": "assistant", "content": "".join(kept)}
            choice = {"index": 0, "message": message, "finish_reason": finish}
            yield json.dumps({**head, "object": "chat.completion", "choices": [choice], "usage": usage}).encode()
            return
        head["object"] = "chat.completion.chunk"
        for word in kept:
            choice = {"index": 0, "delta": {"content": word}, "finish_reason": None}
            yield _event({**head, "choices": [choice]})
        yield _event({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        if reply.usage and (body.get("stream_options") or {}).get("include_usage"):
            yield _event({**head, "choices": [], "usage": usage})
        yield b"data: [DONE]\n\n"

    def cut_at(self, body: dict[str, Any], pieces: list[bytes]) -> int:
        """Before the reason for the end."""
        return next((i for i, p in enumerate(pieces) if b'"finish_reason": "' in p), len(pieces) - 1)


def _event(data: Any) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"
