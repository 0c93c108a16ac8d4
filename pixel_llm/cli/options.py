"""Arguments and options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Backend(StrEnum):
    """What runs the model."""

    auto = "auto"
    reference = "reference"
    cpu = "cpu"
    gpu = "gpu"


class CacheBits(StrEnum):
    """Bits of an element of the KV cache."""

    eight = "8"
    sixteen = "16"


class Quant(StrEnum):
    """How an import stores weights."""

    none = "none"
    q8 = "q8"
    q4 = "q4"


ModelArgument = Annotated[Path, typer.Argument(metavar="MODEL.pxi", help="The model file.", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON on stdout.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace what already exists.")]
BackendOption = Annotated[
    Backend,
    typer.Option(
        "--backend",
        metavar="auto|cpu|reference|gpu",
        help="What runs the model; `auto` is the CPU, unless `bench --backend gpu` has measured that the GPU is "
        "faster here for models of about this size.",
    ),
]
AdapterOption = Annotated[
    str | None,
    typer.Option(
        "--adapter",
        metavar="NAME|INDEX",
        help="The GPU that runs the model, by a part of its name or its number in `pixel-llm doctor`; implies "
        "--backend gpu.",
        show_default="the fastest kind",
    ),
]
ThreadsOption = Annotated[
    int | None,
    typer.Option("--threads", min=1, help="CPU threads.", show_default="the physical cores that this process may use"),
]
KvBitsOption = Annotated[
    CacheBits,
    typer.Option(
        "--kv-bits",
        metavar="8|16",
        help="Bits of an element of the KV cache; 8 halves its memory and costs some accuracy. "
        "The cpu backend alone takes 8.",
    ),
]
PromptTemplate = Annotated[bool, typer.Option("--chat", help="Put the prompt into the model's chat template.")]
SystemOption = Annotated[
    str | None, typer.Option("--system", help="A system message for the chat template.", show_default=False)
]
MaxTokensOption = Annotated[int, typer.Option("--max-tokens", "-n", help="Tokens of the answer, at most.")]
TemperatureOption = Annotated[
    float, typer.Option("--temperature", "-t", help="0 takes the most likely token; higher is more varied.")
]
TopKOption = Annotated[int, typer.Option("--top-k", help="Only the K most likely tokens; 0: all.")]
TopPOption = Annotated[float, typer.Option("--top-p", help="Only the likeliest tokens that sum to this probability.")]
MinPOption = Annotated[
    float, typer.Option("--min-p", help="Only tokens at least this fraction as likely as the likeliest.")
]
PenaltyOption = Annotated[
    float, typer.Option("--repetition-penalty", help="Above 1: what has occurred becomes less likely.")
]
SeedOption = Annotated[
    int | None, typer.Option("--seed", help="Equal seeds give equal answers.", show_default="a random one")
]
StopOption = Annotated[
    list[str] | None,
    typer.Option("--stop", help="A text that ends the answer and is not printed; may be repeated.", show_default=False),
]
SpeculateOption = Annotated[
    bool,
    typer.Option(
        "--speculate/--no-speculate",
        help="Draft what the text has said before and check it in one pass: faster where text repeats itself, the "
        "same answer but for rounding. On where nothing is said.",
    ),
]
