"""Asking again: what fails for a moment is tried again with growing pauses, or those that the service asks for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import stamina

from pixel_llm.coach.agents.base import AgentCallError, AgentUnavailableError, OnText

ATTEMPTS = 4
MAX_CHARACTERS_A_TOKEN = 64
"""An answer longer than this for each token asked for is cut off, whatever the server thinks of `max_tokens`."""

_T = TypeVar("_T")


def retrying(call: Callable[[], _T], *, seconds: float) -> _T:
    """`call`'s result, asked for up to four times while its AgentCallError is transient and `seconds` are not over.

    Raises AgentUnavailableError where nobody could be reached in all of them.

    A service that asks for a pause (Retry-After) gets it, unless it is longer than the time that is left.
    """
    deadline = time.monotonic() + seconds

    def wait(error: Exception) -> bool | float:
        if not isinstance(error, AgentCallError) or not error.transient:
            return False
        if error.retry_after is None:
            return True
        return error.retry_after if time.monotonic() + error.retry_after < deadline else False

    # By default stamina writes to standard output where structlog is installed, in the midst of what is for programs.
    stamina.instrumentation.set_on_retry_hooks((_log,))
    try:
        for attempt in stamina.retry_context(wait, attempts=ATTEMPTS, timeout=seconds, wait_initial=0.5, wait_max=20.0):
            with attempt:
                return call()
    except AgentCallError as error:
        if not error.reached:
            raise AgentUnavailableError(error.message, remedy=error.remedy) from None
        raise
    raise AssertionError  # retry_context raises what the last attempt raised


def _log(details: stamina.instrumentation.RetryDetails) -> None:
    logging.getLogger(__name__).warning("%s; asking again in %.1f s", details.caused_by, details.wait_for)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a `Retry-After` header asks for (RFC 9110, 10.2.3: a number or a date), if it is there and valid."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def transient(status: int) -> bool:
    """Whether an HTTP status may be another one in a moment."""
    return status in (408, 409, 425, 429) or status >= 500


class Answer:
    """A streamed answer as it grows. `add` raises AgentCallError once it has taken longer than `seconds`."""

    def __init__(self, *, seconds: float, max_tokens: int, on_text: OnText | None) -> None:
        self.started = time.monotonic()
        self._parts: list[str] = []
        self._left = max_tokens * MAX_CHARACTERS_A_TOKEN
        self._seconds = seconds
        self._on_text = on_text

    def add(self, piece: str) -> bool:
        """Take the next piece; False once there is far more than was asked for."""
        piece = piece[: self._left]
        self._left -= len(piece)
        if piece:
            self._parts.append(piece)
            if self._on_text is not None:
                self._on_text(piece)
        if self.seconds > self._seconds:
            raise AgentCallError(f"no answer within {self._seconds:g} s", bought=True)
        return self._left > 0

    @property
    def text(self) -> str:
        """All of it so far."""
        return "".join(self._parts)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self.started
