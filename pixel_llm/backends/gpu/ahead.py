"""Decoding ahead: several tokens a submission, chosen on the device, read back later."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pixel_llm.backends.base import Choice
from pixel_llm.errors import BackendError, ContextLengthError

if TYPE_CHECKING:
    from pixel_llm.backends.gpu.decoder import GpuDecoder

TOKENS: Final = 6
"""Tokens a submission."""
SUBMISSIONS: Final = 2
"""Submissions under way: while one is read, the next is computed."""
_BROKEN: Final = 0xFFFFFFFF


class Stream:
    """One text that is decoded ahead.

    Of a decoder's streams one at a time has work under way. Before anything else runs on the decoder it is parked: what
    was computed is read, and the device's buffers are its own no longer.
    """

    def __init__(self, decoder: GpuDecoder, slot: int, token: int, choice: Choice, limit: int) -> None:
        self._decoder = decoder
        self._slot = slot
        self._choice = choice
        self._start = decoder.length(slot)
        if self._start + limit > decoder.context_length:
            raise ContextLengthError(
                f"{limit} tokens behind {self._start} do not fit the context of {decoder.context_length}",
                part=f"slot {slot}",
            )
        self._limit = limit
        self._last = token  # the latest id that the host knows
        self._seen = dict.fromkeys(choice.seen)
        self._submitted = 0
        self._given = 0
        self._ready: deque[int] = deque()
        self._under_way: deque[tuple[int, Any]] = deque()
        self._parked = True

    def run(self) -> Generator[int, None, None]:
        """The ids; see `SamplingDecoder.decode_ahead`."""
        decoder = self._decoder
        try:
            while self._given < self._limit:
                if decoder.length(self._slot) != self._start + self._given:
                    raise BackendError("the slot was changed while tokens were decoded", part=f"slot {self._slot}")
                decoder.take_turn(self)
                while self._submitted < self._limit and len(self._under_way) < SUBMISSIONS:
                    self._submit()
                if not self._ready:
                    self._collect()
                token = self._ready.popleft()
                if token == _BROKEN:
                    raise BackendError("the model gave a logit that is not finite", part="logits")
                self._given += 1
                decoder.advance(self._slot)
                yield token
        finally:
            decoder.end_turn(self)

    def park(self) -> None:
        """Read what is under way; the next submission will restore the device's state."""
        while self._under_way:
            self._collect()
        self._parked = True

    def _submit(self) -> None:
        count = min(TOKENS, self._limit - self._submitted)
        draws = np.zeros(count)
        if self._choice.temperature > 0 and self._choice.draw is not None:
            draws = self._choice.draw(count)
        began = time.thread_time()
        position = self._start + self._submitted
        token = self._last if self._parked else None
        readback = self._decoder.submit_ahead(self._slot, position, token, self._choice, draws, self._seen)
        self._parked = False
        self._submitted += count
        self._under_way.append((count, readback))
        self._decoder.counters.host_seconds += time.thread_time() - began

    def _collect(self) -> None:
        count, readback = self._under_way.popleft()
        ids = self._decoder.read_ahead(readback, count)
        self._ready.extend(ids)
        self._last = ids[-1]
        if self._choice.repetition_penalty != 1:
            self._seen |= dict.fromkeys(ids)
