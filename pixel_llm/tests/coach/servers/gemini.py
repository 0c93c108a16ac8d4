"""Gemini's API: POST /v1/models/MODEL:generateContent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

from pixel_llm.tests.coach.servers.base import FINE, Fault, Reply, Script, ScriptedServer, send_json


class GeminiServer(ScriptedServer):
    """Wants `key` in x-goog-api-key. `version` is the model's own name, which the answer carries."""

    def __init__(self, script: Script = FINE, *, key: str = "secret-key", version: str = "gemini-2.5-flash") -> None:
        super().__init__(script)
        self.key, self.version = key, version

    def post(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        """An answer."""
        if handler.headers.get("x-goog-api-key") != self.key:
            send_json(handler, 400, self.fault(Fault(400, "API key not valid. Please pass a valid API key.")))
        elif not re.fullmatch(r"/v1(beta)?/models/[\w.-]+:generateContent", handler.path):
            send_json(handler, 404, self.fault(Fault(404, "not found")))
        else:
            self.answer(handler, body)

    def fault(self, fault: Fault) -> Any:
        """google.rpc.Status, with a RetryInfo where `code` holds a time such as "2s"."""
        names = {400: "INVALID_ARGUMENT", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}
        details = (
            [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": fault.code}] if fault.code else []
        )
        status = names.get(fault.status, "INTERNAL")
        return {"error": {"code": fault.status, "message": fault.message, "status": status, "details": details}}

    def pieces(self, body: dict[str, Any], reply: Reply) -> Iterator[bytes]:
        """The whole answer, cut in two halves."""
        texts = [p["text"] for content in body["contents"] for p in content["parts"]]
        finish = {"stop": "STOP", "length": "MAX_TOKENS"}.get(reply.finish, reply.finish)
        prompt = sum(len(t) // 4 for t in texts) if reply.prompt_tokens is None else reply.prompt_tokens
        output = len(reply.text) // 4 if reply.output_tokens is None else reply.output_tokens
        data = {
            "candidates": [
                {
                    "content": {"parts": [{"text": "hm", "thought": True}, {"text": reply.text}], "role": "model"},
                    "finishReason": finish,
                    "index": 0,
                }
            ],
            "usageMetadata": {
                "promptTokenCount": prompt,
                "candidatesTokenCount": output,
                "thoughtsTokenCount": 5,
                "totalTokenCount": prompt + output + 5,
            },
            "modelVersion": self.version,
        }
        text = json.dumps(data).encode()
        yield text[: len(text) // 2]
        yield text[len(text) // 2 :]
