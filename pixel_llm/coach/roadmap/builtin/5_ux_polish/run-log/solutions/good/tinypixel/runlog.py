"""One line of JSON an event, without secrets."""

import json
import math
from collections.abc import Callable
from typing import Any, TextIO

_SECRET_NAMES = ("key", "token", "secret", "password", "authorization")
_GONE = "[redacted]"


class RunLog:
    """Writes events to a stream. Texts of `secrets`, and fields that are named like secrets, are left out."""

    def __init__(self, stream: TextIO, secrets: list[str], clock: Callable[[], float]) -> None:
        self._stream, self._clock = stream, clock
        self._secrets = sorted((s for s in secrets if len(s) >= 4), key=len, reverse=True)

    def write(self, event: str, **fields: Any) -> None:
        """Write one line."""
        if taken := {"time", "event"} & set(fields):
            raise ValueError(f"a field cannot be called {min(taken)}")
        line = {"time": self._clock(), "event": self._redacted(event)} | self._plain(fields, 0)
        self._stream.write(json.dumps(line, allow_nan=False) + "\n")
        self._stream.flush()

    def _plain(self, value: Any, depth: int) -> Any:
        if depth > 20:
            return "..."
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, str):
            return self._redacted(value)
        if isinstance(value, float):
            if math.isfinite(value):
                return value
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        if isinstance(value, dict):
            out = {}
            for key, item in value.items():
                name = key if isinstance(key, str) else str(key)
                hidden = isinstance(item, str) and name.lower().replace("-", "_").endswith(_SECRET_NAMES)
                out[self._redacted(name)] = _GONE if hidden else self._plain(item, depth + 1)
            return out
        if isinstance(value, list | tuple):
            return [self._plain(item, depth + 1) for item in value]
        return self._redacted(repr(value))

    def _redacted(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _GONE)
        return text
