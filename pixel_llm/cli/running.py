"""What commands that run a model share: making it ready, and timing what it generates."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from pixel_llm.cli.output import Progress, console, human_seconds, note, progress_bar

if TYPE_CHECKING:
    from pixel_llm.api import Model
    from pixel_llm.backends.base import Decoder
    from pixel_llm.generate import TextEvent

SLOW = 1.0  # seconds after which a wait is worth a line


def make_ready(
    model: Model,
    *,
    backend: str,
    context_length: int | None,
    threads: int | None = None,
    slots: int = 1,
    kv_bits: int = 16,
    adapter: str | None = None,
) -> Decoder:
    """A decoder; says on stderr what is waited for where that takes long."""
    from pixel_llm.backends import choose_backend

    name = choose_backend(backend, model.file, adapter=adapter, threads=threads, kv_bits=kv_bits)
    start = time.perf_counter()
    notes: list[str] = []
    options: dict[str, Any] = {"backend": backend, "context_length": context_length, "threads": threads, "slots": slots}
    options |= {"kv_bits": kv_bits, "adapter": adapter, "notify": notes.append}
    if name == "gpu":
        with progress_bar("loading the GPU") as progress:
            decoder = model.decoder(**options, progress=progress)
    elif sys.stderr.isatty():
        with console(stderr=True).status(_preparing(name) + " …"):
            decoder = model.decoder(**options)
    else:
        decoder = model.decoder(**options)
    seconds = time.perf_counter() - start
    for text in notes:
        note(text)
    unkept = _unkept_code() if decoder.backend == "cpu" else {}
    if seconds > SLOW:
        note(f"{_preparing(decoder.backend, first=not unkept)} took {human_seconds(seconds)}")
    for folder, why in unkept.items():
        note(
            f"the compiled kernels could not be kept in {folder} ({why}), so each start compiles them again; "
            "PIXEL_LLM_CACHE names another folder"
        )
    warn_of_software(decoder)
    return decoder


def _preparing(name: str, *, first: bool = True) -> str:
    what = f"preparing the {name} backend"
    return what + " (the first time it compiles its kernels)" if name == "cpu" and first else what


def _unkept_code() -> dict[Path, str]:
    from pixel_llm.backends.cpu.compiler import unkept

    return unkept()


def warn_of_software(decoder: Decoder) -> None:
    """Say it where a decoder's adapter is no GPU."""
    info = getattr(decoder, "info", None)
    if info is not None and info.software:
        note(f"{info.name} is a software adapter, not a GPU: the cpu backend is faster")


@dataclass
class Stopwatch:
    """Follows the events of one generation. Times are in seconds."""

    prompt_tokens: int = 0
    started: float = field(default_factory=time.perf_counter)
    first: float | None = None
    last: float = 0.0
    tokens: int = 0
    drafted: int = 0
    accepted: int = 0
    reason: str = "interrupted"

    def see(self, event: TextEvent) -> None:
        """Count an event that has just arrived."""
        self.last = time.perf_counter()
        if event.token is not None:
            self.tokens += 1
            if self.first is None:
                self.first = self.last
        if event.finish_reason is not None:
            self.reason = str(event.finish_reason)
        if event.drafts is not None:
            self.drafted, self.accepted = event.drafts.drafted, event.drafts.accepted

    @property
    def tokens_per_second(self) -> float | None:
        """Speed of decoding: tokens after the first, which the prompt's pass gave."""
        if self.first is None or self.tokens < 2 or self.last <= self.first:
            return None
        return (self.tokens - 1) / (self.last - self.first)

    def summary(self) -> str:
        """One line for people."""
        parts = []
        if self.prompt_tokens and self.first is not None:
            seconds = self.first - self.started
            parts.append(f"prompt {self.prompt_tokens} tokens in {human_seconds(seconds)}")
        speed = self.tokens_per_second
        parts.append(f"answer {self.tokens} tokens" + (f" at {speed:.1f} tokens/s" if speed else ""))
        if self.drafted:
            parts.append(f"{self.accepted} of {self.drafted} drafted tokens right")
        return ", ".join([*parts, f"ended by {self.reason}"])

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        speed = self.tokens_per_second
        return {
            "prompt_tokens": self.prompt_tokens,
            "prompt_seconds": None if self.first is None else round(self.first - self.started, 4),
            "tokens": self.tokens,
            "seconds": round(max(self.last - self.started, 0.0), 4),
            "tokens_per_second": None if speed is None else round(speed, 2),
            "drafted": self.drafted,
            "accepted": self.accepted,
        }


class Interrupt:
    """Whether Ctrl-C was pressed since the block began."""

    def __init__(self) -> None:
        self.pressed = False


@contextmanager
def gentle_interrupt() -> Iterator[Interrupt]:
    """Inside the block the first Ctrl-C is only noted, so that no pass is torn apart; the second one interrupts."""
    state = Interrupt()

    def handler(number: int, frame: FrameType | None) -> None:
        if state.pressed:
            raise KeyboardInterrupt
        state.pressed = True

    before = signal.signal(signal.SIGINT, handler)
    try:
        yield state
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def prompt_bar(interrupt: Interrupt | None = None) -> Iterator[Progress]:
    """A `progress` for a long prompt: a bar on stderr, gone when the prompt is done. A Ctrl-C that `interrupt` has
    noted is raised there, between two passes."""
    with ExitStack() as shown:
        bar: Progress | None = None

        def progress(done: int, total: int) -> None:
            nonlocal bar
            if interrupt is not None and interrupt.pressed:
                raise KeyboardInterrupt
            if bar is None:
                bar = shown.enter_context(progress_bar("reading the prompt", unit="tokens"))
            bar(done, total)
            if done == total:
                shown.close()  # what is streamed now must not meet a bar

        yield progress
