"""`pixel-llm generate`: continue a text."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pixel_llm.cli.options import (
    AdapterOption,
    Backend,
    BackendOption,
    CacheBits,
    JsonOption,
    KvBitsOption,
    MaxTokensOption,
    MinPOption,
    ModelArgument,
    PenaltyOption,
    PromptTemplate,
    SeedOption,
    SpeculateOption,
    StopOption,
    SystemOption,
    TemperatureOption,
    ThreadsOption,
    TopKOption,
    TopPOption,
)

EXAMPLE = 'Example: pixel-llm generate smollm2.pxi --chat --prompt "What is a pixel?"'


def command(
    model: ModelArgument,
    prompt: Annotated[
        str, typer.Option("--prompt", "-p", metavar="TEXT", help="The prompt; `-` reads stdin.", show_default=False)
    ],
    chat: PromptTemplate = False,
    system: SystemOption = None,
    max_tokens: MaxTokensOption = 256,
    temperature: TemperatureOption = 0.0,
    top_k: TopKOption = 0,
    top_p: TopPOption = 1.0,
    min_p: MinPOption = 0.0,
    repetition_penalty: PenaltyOption = 1.0,
    seed: SeedOption = None,
    stop: StopOption = None,
    speculate: SpeculateOption = True,
    backend: BackendOption = Backend.auto,
    adapter: AdapterOption = None,
    threads: ThreadsOption = None,
    kv_bits: KvBitsOption = CacheBits.sixteen,
    as_json: JsonOption = False,
) -> None:
    """Continue a text. The text streams to stdout, its statistics go to stderr.

    The prompt is taken as it stands, so the model goes on writing; with --chat it becomes a user's message in the
    model's chat template, so the model answers. Ctrl-C ends the text and exits 130.

    The JSON holds `text`, `ids`, `finish_reason` (eos, stop, length or context), `prompt_tokens`, `prompt_seconds` (to
    the first token), `tokens`, `seconds`, `tokens_per_second` (after the first token), and `drafted` and `accepted`:
    tokens that speculation proposed, and how many of them the model chose too.
    """
    from pixel_llm import api
    from pixel_llm.cli.output import emit_json, note, stream
    from pixel_llm.cli.running import Stopwatch, make_ready, prompt_bar
    from pixel_llm.errors import ContextLengthError, InvalidArgumentError
    from pixel_llm.generate import SamplingParams, stream_text

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
    text = read_stdin() if prompt == "-" else checked(prompt, "--prompt")
    with api.open(model) as opened:
        ids = opened.prompt_ids(text, chat=chat, system=system if system is None else checked(system, "--system"))
        limit = opened.spec.context_length
        if not ids:
            raise InvalidArgumentError("the prompt is empty", remedy="say something, or use --chat")
        if len(ids) > limit:
            raise ContextLengthError(
                f"the prompt has {len(ids)} tokens and the model's context {limit}", remedy="shorten the prompt"
            )
        room = min(limit, len(ids) + max_tokens)
        decoder = make_ready(
            opened,
            backend=backend.value,
            context_length=room,
            threads=threads,
            kv_bits=int(kv_bits),
            adapter=adapter,
        )
        watch = Stopwatch(prompt_tokens=len(ids))
        answer: list[str] = []
        made: list[int] = []
        with prompt_bar() as progress:
            for event in stream_text(decoder, opened.tokenizer, ids, params, progress=progress):
                watch.see(event)
                answer.append(event.text)
                if event.token is not None:
                    made.append(event.token)
                if not as_json:
                    stream(event.text)
    if as_json:
        result = {"text": "".join(answer), "ids": made, "finish_reason": watch.reason}
        emit_json({**result, **watch.to_json()})
        return
    if not "".join(answer).endswith("\n"):
        stream("\n")
    note(watch.summary())


def checked(text: str, origin: str) -> str:
    """`text`, which the command line or a terminal gave; `InvalidArgumentError` where its bytes were no UTF-8."""
    from pixel_llm.errors import InvalidArgumentError

    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # Python keeps such bytes as lone surrogates
        raise InvalidArgumentError("is not UTF-8", part=origin) from None
    return text


def read_stdin() -> str:
    """All of stdin as UTF-8."""
    from pixel_llm.errors import InvalidArgumentError

    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidArgumentError(f"is not UTF-8 (byte {error.start})", file="stdin") from error
