"""`pixel-llm bench`: how fast a model runs here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from pixel_llm.cli.measuring_gpu import GpuReport

EXAMPLE = "Example: pixel-llm bench smollm2.pxi --context 512 --batch 8"


def command(
    model: ModelArgument,
    backend: BackendOption = Backend.auto,
    adapter: AdapterOption = None,
    prefill: Annotated[int, typer.Option("--prefill", min=1, help="Tokens of the prompt.")] = 256,
    decode: Annotated[int, typer.Option("--decode", min=1, help="Tokens decoded in a run.")] = 64,
    runs: Annotated[int, typer.Option("--runs", min=1, help="Runs of each measurement.")] = 5,
    context: Annotated[
        int | None,
        typer.Option(
            "--context", min=1, help="Tokens before those that are decoded.", show_default="as many as --prefill"
        ),
    ] = None,
    batch: Annotated[
        int, typer.Option("--batch", min=1, help="Above 1: measure as well this many sequences decoded together.")
    ] = 1,
    threads: ThreadsOption = None,
    kv_bits: KvBitsOption = CacheBits.sixteen,
    as_json: JsonOption = False,
) -> None:
    """Measure how fast a model runs here, after a warm-up and without speculation.

    Speeds are medians, with the slowest and the fastest run. The time to the first token is from opening the file to
    the token after a prompt of --prefill tokens, with the file in memory and the kernels compiled. The memory's speed
    is measured in the same run: NumPy sums 256 MiB with as many threads as the backend has, the best of ten counts (on
    a GPU a shader reads 128 MiB); the share is what decoding reads of weights, divided by that.

    On the gpu backend the tokens are chosen on the device, as in generation. The weights are tried as textures and as
    storage buffers, and beside the cpu backend; the faster form is remembered for this adapter and measured on, and
    --backend auto takes the GPU from then on, for models of about this size, where it was faster than the CPU.

    The JSON holds `model`, `prefill`, `decode`, `runs`, `context`, `batch`, `kv_bits` and `threads` (what was
    measured; `threads` is null on the gpu backend), `backend`, `prefill_tok_s`, `decode_tok_s` and `batch_tok_s`
    (medians in tokens per second, all sequences of a batch together; null without --batch), each with `…_min` and
    `…_max`, `time_to_first_token_s`, `weight_bytes_per_token` (stored bytes that decoding a token reads), `decode_gb_s`
    (that, per second), `read_gb_s` (the memory's speed, null where too little is free to measure it),
    `bandwidth_share`, `peak_memory_bytes` (of the process, the mapped file included; on the gpu backend before the
    forms are compared, and null where the other form than the one loaded then was faster), and `gpu`, null for other
    backends: `adapter`, `form` (texture or buffer), `texture_tok_s`, `buffer_tok_s` and `cpu_tok_s` (null where one
    could not be measured), and, counted by the decoder from a text's first token on, `dispatches_per_token`,
    `submissions_per_token`, `read_bytes_per_token` (copied back from the device), `weight_bytes_per_token` (of planes
    that shaders read) and `host_ms_per_token` (encoding and submitting).
    """
    from pixel_llm.cli.measuring import Plan, measure
    from pixel_llm.cli.output import console, emit_json, facts, human_bytes, human_seconds, progress_bar, table

    filled = prefill if context is None else context
    plan = Plan(backend.value, threads, prefill, decode, runs, filled, batch, int(kv_bits), adapter)
    with progress_bar("measuring", unit="runs") as progress:
        measured = measure(model, plan, progress=progress)
    if as_json:
        asked = {"prefill": prefill, "decode": decode, "runs": runs, "context": filled, "batch": batch}
        asked |= {"kv_bits": int(kv_bits)}
        emit_json({"model": str(model), **asked, **measured.to_json()})
        return
    speeds = [(f"prefill {prefill} tokens", measured.prefill), (f"decode at {filled} tokens", measured.decode)]
    if measured.batch is not None:
        speeds.append((f"decode {batch} sequences together", measured.batch))
    rows = [(name, *(f"{value:.1f}" for value in (s.median, min(s.runs), max(s.runs)))) for name, s in speeds]
    threads_used = "" if measured.threads is None else f", {measured.threads} threads"
    console().print(table([measured.backend + threads_used, "tokens/s", "min", "max"], rows, right=(1, 2, 3)))
    console().print()
    read = "not measured: too little memory is free"
    if measured.read_gb_s is not None and measured.share is not None:
        read = f"{measured.read_gb_s:.1f} GB/s, of which decoding reaches {100 * measured.share:.0f} %"
    weights = f"{human_bytes(measured.weight_bytes)} a token, {measured.decode_gb_s:.1f} GB/s"
    if measured.batch is not None:
        gain = measured.batch.median / measured.decode.median
        weights += f"; {batch} sequences together give {gain:.2f} times the tokens of one"
    peak = "not measured: another form was loaded before; a second run tells"
    if measured.peak_memory is not None:
        peak = human_bytes(measured.peak_memory)
    shown = [
        ("Weights read", weights),
        ("Memory reads at", read),
        ("First token", f"{human_seconds(measured.first_token)} after opening the file"),
        ("Peak memory", peak),
    ]
    console().print(facts(shown + ([] if measured.gpu is None else _gpu_facts(measured.gpu))))


def _gpu_facts(report: GpuReport) -> list[tuple[str, str]]:
    from dataclasses import asdict

    from pixel_llm.cli.output import human_bytes

    costs = report.costs
    speeds = [f"{name} {'refused' if v is None else f'{v:.1f}'}" for name, v in asdict(report.speeds).items()]
    return [
        ("Adapter", report.adapter),
        ("Weights as", f"{report.form}; decode tokens/s: {', '.join(speeds)}"),
        ("A token takes", f"{costs.dispatches:.1f} dispatches, {costs.submissions:.2f} submissions"),
        ("", f"{costs.read_bytes:.1f} bytes read back, {human_bytes(costs.weight_bytes)} of weights read"),
        ("", f"{costs.host_ms:.2f} ms of the host's time"),
    ]
