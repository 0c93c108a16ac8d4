"""What `pixel-llm bench` measures of the gpu backend alone: forms of weights, and what a token asks of the device."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pixel_llm import api
from pixel_llm.backends import available_backends, weight_bytes
from pixel_llm.backends.gpu.adapter import choose_adapter
from pixel_llm.backends.gpu.bandwidth import read_bandwidth
from pixel_llm.backends.gpu.decoder import GpuDecoder
from pixel_llm.backends.gpu.device import GpuDevice
from pixel_llm.backends.gpu.preferences import Measurement, remember
from pixel_llm.errors import GpuError, GpuLostError, GpuMemoryError
from pixel_llm.generate import SamplingParams, Session

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pixel_llm.backends.base import Decoder
    from pixel_llm.cli.measuring import Plan

CANDIDATES: Final = ("texture", "buffer", "cpu")


@dataclass(frozen=True)
class TokenCosts:
    """What decoding one token asks of the device, on average: dispatches, submissions, bytes copied back, bytes of
    planes that dispatches read, and milliseconds of the host's time for encoding and submitting."""

    dispatches: float
    submissions: float
    read_bytes: float
    weight_bytes: float
    host_ms: float


@dataclass(frozen=True)
class GpuReport:
    """`adapter` is its label; `form` the one that the main figures were measured with; `speeds` what decided that."""

    adapter: str
    form: str
    speeds: Measurement
    costs: TokenCosts

    def to_json(self) -> dict[str, Any]:
        """The keys that `pixel-llm bench --json` documents, under "gpu"."""
        costs = {f"{name}_per_token": round(value, 3) for name, value in asdict(self.costs).items()}
        speeds = {f"{name}_tok_s": None if v is None else round(v, 2) for name, v in asdict(self.speeds).items()}
        return {"adapter": self.adapter, "form": self.form, **speeds, **costs}


def sampled_decode(session: Session, prompt: NDArray[np.int64], count: int) -> float:
    """Tokens per second of greedy decoding as generation does it: the device chooses the tokens where it can.

    `session` has decoded behind this prompt before: what remains of it is its last token, and each pass gives a token.
    """
    start = time.perf_counter()
    made = sum(1 for _ in generated(session, prompt, count))
    return made / (time.perf_counter() - start)


def generated(session: Session, prompt: NDArray[np.int64], count: int) -> Iterator[int]:
    """The tokens that follow the prompt, from the first on."""
    return session.generate(prompt.tolist(), SamplingParams(max_tokens=count, speculate=False), eos=frozenset())


def compare_forms(path: Path, plan: Plan, prompt: NDArray[np.int64], ran: Callable[[float], float]) -> Measurement:
    """Decode with each form of weights and with the CPU backend, and remember the medians.

    They take turns, so that a busy moment of the machine meets all; where they do not fit the memory together, one
    comes after the other. Raises as loading does; a form that the adapter's limits cannot hold is left out.
    """
    candidates = [name for name in CANDIDATES if name != "cpu" or "cpu" in available_backends()]
    try:
        speeds = _in_turn(candidates, path, plan, prompt, ran)
    except GpuMemoryError:
        speeds = {}
        for name in candidates:
            speeds |= _in_turn([name], path, plan, prompt, ran)
    found = Measurement(**speeds)
    if found.texture is None and found.buffer is None:
        raise GpuError("the adapter's limits hold the model neither in textures nor in buffers", file=path)
    with api.open(path) as model:
        remember(choose_adapter(plan.adapter), weight_bytes(model.file), found)
    return found


def _in_turn(
    names: Sequence[str], path: Path, plan: Plan, prompt: NDArray[np.int64], ran: Callable[[float], float]
) -> dict[str, float]:
    """Medians by candidate, all of them loaded at once."""
    with ExitStack() as opened:
        sessions: dict[str, Session] = {}
        for name in names:
            options: dict[str, Any] = {"backend": "gpu", "adapter": plan.adapter, "form": name}
            if name == "cpu":
                options = {"backend": "cpu", "threads": plan.threads}
            model = opened.enter_context(api.open(path))
            try:
                decoder = model.decoder(context_length=plan.positions, **options)
            except GpuError as error:
                if isinstance(error, (GpuMemoryError, GpuLostError)):
                    raise
                continue  # a plane exceeds what the adapter can bind in this form
            sessions[name] = Session(decoder)
            sampled_decode(sessions[name], prompt, 2)  # runs the prompt, and what is compiled late
        seen: dict[str, list[float]] = {name: [] for name in sessions}
        for _ in range(plan.runs):
            for name in names:
                speed = sampled_decode(sessions[name], prompt, plan.decode) if name in sessions else 0.0
                ran(speed)
                if name in sessions:
                    seen[name].append(speed)
    return {name: statistics.median(values) for name, values in seen.items()}


def report(decoder: Decoder, speeds: Measurement, prompt: NDArray[np.int64], count: int) -> GpuReport:
    """Count what `count` decoded tokens ask of the device, the first after the prompt among them."""
    assert isinstance(decoder, GpuDecoder)
    session = Session(decoder)
    next(generated(session, prompt, 1))  # runs the prompt
    before = decoder.counters.copy()
    for _ in generated(session, prompt, count):
        pass
    counted = decoder.counters.since(before)
    made = max(counted.tokens, 1)
    costs = TokenCosts(
        counted.dispatches / made,
        counted.submissions / made,
        counted.read_bytes / made,
        counted.weight_bytes / made,
        1000 * counted.host_seconds / made,
    )
    return GpuReport(decoder.info.label, decoder.form, speeds, costs)


def memory_speed(plan: Plan) -> float | None:
    """GB/s at which the adapter reads its memory; None for a software adapter, which reads the processor's."""
    info = choose_adapter(plan.adapter)
    if info.software:
        return None
    with GpuDevice.open(info.index) as device:
        return read_bandwidth(device)
