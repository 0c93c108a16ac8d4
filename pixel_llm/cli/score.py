"""`pixel-llm score`: how likely a model finds a text."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Annotated

import typer

from pixel_llm.cli.options import (
    AdapterOption,
    Backend,
    BackendOption,
    CacheBits,
    JsonOption,
    KvBitsOption,
    ModelArgument,
    ThreadsOption,
)

EXAMPLE = "Example: pixel-llm score smollm2.pxi --text-file README.md --json"


def command(
    model: ModelArgument,
    text_file: Annotated[
        Path,
        typer.Option("--text-file", "-f", metavar="FILE", help="The text, UTF-8; `-` reads stdin.", show_default=False),
    ],
    backend: BackendOption = Backend.auto,
    adapter: AdapterOption = None,
    threads: ThreadsOption = None,
    kv_bits: KvBitsOption = CacheBits.sixteen,
    as_json: JsonOption = False,
) -> None:
    """Show how likely the model finds a text: its perplexity and, as JSON, every token's log-probability.

    The JSON holds `ids` (with BOS where the tokenizer adds it), `logprobs` (natural logarithms, of each next token,
    so one fewer), `argmax` (the most likely next token at every position) and `perplexity`.
    """
    from pixel_llm import api
    from pixel_llm.cli.output import console, emit_json, facts, human_seconds, progress_bar
    from pixel_llm.cli.running import make_ready
    from pixel_llm.errors import ContextLengthError, InvalidArgumentError

    text = read_text(text_file)
    with api.open(model) as opened:
        count = len(opened.tokenizer.encode(text))
        limit = opened.spec.context_length
        if count < 2:
            raise InvalidArgumentError(f"a text of at least 2 tokens is needed, this one has {count}", file=text_file)
        if count > limit:
            raise ContextLengthError(
                f"the text has {count} tokens and the model's context {limit}",
                file=text_file,
                remedy="shorten the text",
            )
        decoder = make_ready(
            opened,
            backend=backend.value,
            context_length=count,
            threads=threads,
            kv_bits=int(kv_bits),
            adapter=adapter,
        )
        start = time.perf_counter()
        with progress_bar("scoring", unit="tokens") as progress:
            result = opened.score(text, decoder=decoder, progress=progress)
        seconds = time.perf_counter() - start
    logprobs, argmax = result.scores.logprobs.tolist(), result.scores.argmax.tolist()
    perplexity = result.scores.perplexity
    if as_json:
        finite = perplexity if math.isfinite(perplexity) else None
        emit_json({"ids": list(result.ids), "logprobs": logprobs, "argmax": argmax, "perplexity": finite})
        return
    hits = sum(a == b for a, b in zip(argmax, result.ids[1:], strict=False))
    console().print(
        facts(
            [
                ("Tokens", f"{count}, of which {len(logprobs)} are predicted"),
                ("Perplexity", f"{perplexity:.4f}"),
                ("Mean log-probability", f"{sum(logprobs) / len(logprobs):.5f}"),
                ("Most likely token right", f"{hits} of {len(logprobs)} ({100 * hits / len(logprobs):.1f} %)"),
                ("Time", f"{human_seconds(seconds)} ({count / seconds:.1f} tokens/s)"),
            ]
        )
    )


def read_text(path: Path) -> str:
    """A UTF-8 file as it is, line ends included; `-` is stdin."""
    from pixel_llm.cli.generate import read_stdin
    from pixel_llm.errors import InvalidArgumentError, NotFoundError, StorageError

    if str(path) == "-":
        return read_stdin()
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise NotFoundError("does not exist", file=path) from None
    except OSError as error:
        raise StorageError(f"cannot be read: {error.strerror}", file=path) from error
    except UnicodeDecodeError as error:
        raise InvalidArgumentError(f"is not UTF-8 (byte {error.start})", file=path) from error
