"""`pixel-llm chat`: a conversation."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from pixel_llm.cli.options import (
    AdapterOption,
    Backend,
    BackendOption,
    CacheBits,
    KvBitsOption,
    MaxTokensOption,
    MinPOption,
    ModelArgument,
    PenaltyOption,
    SeedOption,
    SpeculateOption,
    StopOption,
    SystemOption,
    TemperatureOption,
    ThreadsOption,
    TopKOption,
    TopPOption,
)

if TYPE_CHECKING:
    from pixel_llm.generate import Chat, SamplingParams

EXAMPLE = "Example: pixel-llm chat smollm2.pxi"
HELP = """\
/help   this list
/reset  forget the conversation
/exit   leave (so does Ctrl-D)
Ctrl-C  stop the answer"""


def command(
    model: ModelArgument,
    system: SystemOption = None,
    max_tokens: MaxTokensOption = 512,
    temperature: TemperatureOption = 0.2,
    top_k: TopKOption = 0,
    top_p: TopPOption = 0.9,
    min_p: MinPOption = 0.0,
    repetition_penalty: PenaltyOption = 1.0,
    seed: SeedOption = None,
    stop: StopOption = None,
    speculate: SpeculateOption = True,
    context_length: Annotated[
        int | None,
        typer.Option(
            "--context-length",
            min=1,
            help="Tokens of the conversation that the model keeps in mind.",
            show_default="the model's own, at most 4096",
        ),
    ] = None,
    backend: BackendOption = Backend.auto,
    adapter: AdapterOption = None,
    threads: ThreadsOption = None,
    kv_bits: KvBitsOption = CacheBits.sixteen,
) -> None:
    """Talk with the model. It remembers the conversation; the oldest turns are forgotten when the context is full.

    Ctrl-C stops an answer and not the program; a message whose answer has not begun is taken back. Lines that begin
    with a slash are commands: /help, /reset, /exit. Where stdin is not a terminal, each line is a message, only the
    answers are printed, and a message that does not fit the context ends the program with exit code 2.
    """
    from pixel_llm import api
    from pixel_llm.cli.generate import checked
    from pixel_llm.cli.output import note
    from pixel_llm.cli.running import make_ready
    from pixel_llm.errors import InvalidArgumentError
    from pixel_llm.generate import SamplingParams

    params = SamplingParams(
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        min_p=min_p,
        repetition_penalty=repetition_penalty,
        seed=seed,
        max_tokens=max_tokens,
        stop=tuple(stop or ()),
        speculate=speculate,
    )
    with api.open(model) as opened:
        if system is not None:
            checked(system, "--system")
        # A model without a chat template is told before the first question.
        opened.prompt_ids("", chat=True, system=system)
        decoder = make_ready(
            opened,
            backend=backend.value,
            context_length=context_length,
            threads=threads,
            kv_bits=int(kv_bits),
            adapter=adapter,
        )
        talk = opened.chat(system=system, decoder=decoder)
        if sys.stdin.isatty():
            note(f"{model}: ask something. /help lists commands, /exit leaves.")
        for line in _lines():
            text = line.strip()
            if text == "/exit":
                break
            if text == "/reset":
                talk.clear()
                note("the conversation is forgotten")
            elif text.startswith("/"):
                note(HELP if text == "/help" else f"no command {text.split()[0]}; there are:\n{HELP}")
            elif text:
                try:
                    answer(talk, checked(text, "the message"), params)
                except InvalidArgumentError as error:  # too long, or not UTF-8
                    if not sys.stdin.isatty():
                        raise  # nobody is there to shorten it
                    note(str(error), style="red")


def answer(talk: Chat, text: str, params: SamplingParams) -> None:
    """Stream one answer; Ctrl-C ends it, be it before its first word, and leaves the conversation usable."""
    from pixel_llm.cli.output import note, stream
    from pixel_llm.cli.running import Stopwatch, gentle_interrupt, prompt_bar

    forgotten = talk.forgotten
    watch = Stopwatch()
    last = ""
    with gentle_interrupt() as interrupt, prompt_bar(interrupt) as progress:
        events = talk.send(text, params, progress=progress)
        try:
            for event in events:
                watch.see(event)
                if event.text:
                    stream(event.text)
                    last = event.text
                if interrupt.pressed:
                    break
        except KeyboardInterrupt:
            pass
        finally:
            events.close()  # type: ignore[attr-defined]
    if last and not last.endswith("\n"):
        stream("\n")
    if not last and watch.reason == "interrupted":
        note("(interrupted before the answer began: the message is not part of the conversation)")
        return
    if talk.forgotten > forgotten:
        note(f"the context is full: the oldest {talk.forgotten} messages are forgotten")
    note(f"({watch.summary()})")


def _lines() -> Iterator[str]:
    """What the user types, or the lines of stdin."""
    from pixel_llm.cli.output import note

    if not sys.stdin.isatty():
        for line in sys.stdin.buffer:
            yield line.decode("utf-8", "surrogateescape")
        return
    import contextlib

    with contextlib.suppress(ImportError):  # line editing and recall, where the platform has them
        import readline  # noqa: F401
    while True:
        try:
            yield input("> ")
        except EOFError:
            note("")
            return
        except KeyboardInterrupt:
            note("\n/exit or Ctrl-D leaves")
