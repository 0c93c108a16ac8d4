"""Patience: calls of the graphics API that may never return, made in a thread that can be left behind.

A driver without a watchdog waits for ever for a kernel that does not end; Mesa's software adapter does so in the next
call that submits something.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final, TypeVar

from pixel_llm.errors import InvalidArgumentError

ENVIRONMENT: Final = "PIXEL_LLM_GPU_TIMEOUT"
_SECONDS: Final = 600.0  # a software adapter may need minutes for what one submission has of a large model

T = TypeVar("T")
_Call = Callable[[], None]


def patience() -> float:
    """Seconds to wait for a submission: the environment variable PIXEL_LLM_GPU_TIMEOUT, or ten minutes."""
    text = os.environ.get(ENVIRONMENT)
    if not text:
        return _SECONDS
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= threading.TIMEOUT_MAX:
        raise InvalidArgumentError(f"{ENVIRONMENT} is {text!r}, not a number of seconds above 0")
    return seconds


class Caller:
    """A thread that makes calls one at a time. `stop` ends it after its present call; stuck in one it stays behind, and
    does not keep the process from ending."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        threading.Thread(target=_serve, args=(self._calls,), name="pixel-llm-gpu", daemon=True).start()

    def call(self, function: Callable[[], T], seconds: float) -> T:
        """What `function` returns or raises; `TimeoutError` where that takes longer."""
        done = threading.Event()
        results: list[T] = []
        errors: list[BaseException] = []

        def run() -> None:
            try:
                results.append(function())
            except BaseException as error:  # noqa: BLE001 - it is raised again by whoever waits
                errors.append(error)
            done.set()

        self._calls.put(run)
        if not done.wait(seconds):
            raise TimeoutError
        if errors:
            raise errors.pop()
        return results.pop()

    def stop(self) -> None:
        """End the thread after its present call."""
        self._calls.put(None)


def _serve(calls: SimpleQueue[_Call | None]) -> None:
    while (call := calls.get()) is not None:
        call()
        del call
