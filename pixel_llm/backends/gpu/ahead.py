"""Decoding ahead: several tokens a submission, chosen on the device, read back later."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pixel_llm.backends.base import Choice
from pixel_llm.errors import BackendError, ContextLengthError

if TYPE_CHECKING:
    from pixel_llm.backends.gpu.decoder import GpuDecoder

TOKENS: Final = 6
"""Tokens a submission, but for a stream's first one: the text's first token shall come as soon as it can."""
SUBMISSIONS: Final = 2
"""Submissions under way: while one is read, the next is computed."""
_BROKEN: Final = 0xFFFFFFFF


class Stream:
    """One text that is decoded ahead. Everything here happens within a turn with the device.

    What a pass leaves for the next one (the token, its position, what was seen, random numbers) lies in buffers that a
    decoder has once. So of its streams one at a time has work under way. Before anything else runs on the decoder, that
    one is parked: what was computed is read, and the buffers are its own no longer.
    """

    def __init__(self, decoder: GpuDecoder, slot: int, token: int, choice: Choice, limit: int) -> None:
        self._decoder = decoder
        self._slot = slot
        self._choice = choice
        self._start, self._changes = decoder.state_of(slot)
        if self._start + limit > decoder.context_length:
            raise ContextLengthError(
                f"{limit} tokens behind {self._start} do not fit the context of {decoder.context_length}",
                part=f"slot {slot}",
            )
        self._limit = limit
        self._last = token  # the latest id that the host knows
        self._seen = dict.fromkeys(choice.seen)
        self._submitted = 0
        self._ready: deque[int] = deque()
        self._under_way: deque[tuple[int, Any]] = deque()
        self._parked = True
        self._lost = False

    def step(self) -> int:
        """The next id; at most `limit` of them. See `SamplingDecoder.decode_ahead`."""
        decoder = self._decoder
        if decoder.state_of(self._slot)[1] != self._changes:
            raise BackendError("the slot was changed while tokens were decoded", part=f"slot {self._slot}")
        if self._lost:
            raise BackendError("what was decoded ahead could not be read", part=f"slot {self._slot}")
        # One that has tokens to give leaves the device to whoever has it.
        if not self._ready or decoder.holds_state(self):
            decoder.take_state(self)
            if not self._submitted:
                self._submit(1)  # alone: reading waits for all that was submitted
            else:
                while self._submitted < self._limit and len(self._under_way) < SUBMISSIONS:
                    self._submit(min(TOKENS, self._limit - self._submitted))
        if not self._ready:
            self._collect()
        token = self._ready.popleft()
        if token == _BROKEN:
            raise BackendError("the model gave a logit that is not finite", part="logits")
        decoder.advance(self._slot)
        _, self._changes = decoder.state_of(self._slot)
        return token

    def park(self) -> None:
        """Read what is under way; the next submission will restore the device's state."""
        self._parked = True
        while self._under_way:
            self._collect()

    def _submit(self, count: int) -> None:
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
        self._lost = True  # until it is there: ids that are missing must not be skipped
        count, readback = self._under_way.popleft()
        ids = self._decoder.read_ahead(readback, count)
        self._ready.extend(ids)
        self._last = ids[-1]
        if self._choice.repetition_penalty != 1:
            self._seen |= dict.fromkeys(ids)
        self._lost = False
