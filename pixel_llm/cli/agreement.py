"""How well a model file agrees with the checkpoint it was made from: weights one by one, then what the model says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.base import Chunk
from pixel_llm.backends.reference.decoder import ReferenceDecoder
from pixel_llm.errors import InvalidArgumentError
from pixel_llm.formats.checkpoint import Checkpoint, SourceTensor
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models import DecoderSpec, describe

if TYPE_CHECKING:
    from pixel_llm.tokenizer import Tokenizer

Progress = Callable[[int, int], None]

CHUNK: Final = 1 << 21  # weights compared at a time
STEP: Final = 32  # positions whose logits exist at a time
MAX_TOKENS: Final = 256

TEXT: Final = """\
A photograph is a grid of numbers, and so is a neural network. In 1839 a single plate needed several minutes of
sunlight; today a phone takes sixty pictures in a second, and each of them holds about twelve million points of colour.

def mean(values: list[float]) -> float:
    if not values:
        raise ValueError("no values")
    return sum(values) / len(values)

"Where does the river begin?" she asked. Her grandfather pointed to the hills in the north, behind which the first
clouds of the evening were gathering. "Up there," he said, "under a stone no larger than a loaf of bread. Everything
large begins small." Die Antwort gefiel ihr; elle sourit et se tut.

Water boils at 100 °C at sea level, but at 8,849 m, on the summit of Mount Everest, it boils at about 71 °C, because
the pressure of the air is only a third. 3 * 17 = 51, 51 + 49 = 100, and the square root of 144 is 12.
"""


@dataclass(frozen=True, slots=True)
class Bound:
    """What the model's answers may differ: mean absolute difference of log-probabilities, share of equal argmaxes."""

    name: str
    difference: float
    agreement: float


# The first two are what Pixel-LLM promises for such imports; those of q8 and q4 catch a broken quantiser, they do not
# say how good a quantised model is. SmolLM2-135M, a size that suffers most: q8 0.040 and 99.2 %; q4 0.62 and 67.6 %,
# its weights jittered within the 4-bit grid that its published file has rounded them to.
BOUNDS: Final[Mapping[str, Bound]] = {
    bound.name: bound
    for bound in (
        Bound("lossless", 0.002, 0.995),
        Bound("transcoded", 0.02, 0.98),
        Bound("q8", 0.1, 0.9),
        Bound("q4", 1.2, 0.5),
    )
}


@dataclass
class TensorAgreement:
    """Of all tensors of one encoding: the largest error found, and the largest that the file admits."""

    tensors: int = 0
    max_error: float = 0.0
    stated_error: float = 0.0
    faults: int = 0


class SourceModel:
    """A checkpoint's dequantised weights in the shape that the reference backend takes a model file in."""

    def __init__(self, checkpoint: Checkpoint, names: Mapping[str, str]) -> None:
        self.tensors = {canonical: _SourceRows(checkpoint.tensors[name]) for name, canonical in names.items()}


class _SourceRows:
    def __init__(self, source: SourceTensor) -> None:
        self.source = source
        self.shape = source.shape

    def rows(self, start: int = 0, stop: int | None = None) -> NDArray[np.float32]:
        count = self.shape[0] if len(self.shape) == 2 else 1
        return self.source.rows(start, count if stop is None else stop)


def source_of(model: ModelFile, checkpoint: Checkpoint) -> SourceModel:
    """The checkpoint's weights by canonical name; `InvalidArgumentError` when it describes another model."""
    description = describe(checkpoint)
    ours, theirs = DecoderSpec.from_json(model.spec_json).to_json(), description.spec.to_json()
    for field, value in ours.items():
        if theirs[field] != value:
            raise InvalidArgumentError(
                f"is not what {model.path} was made from: {field} is {theirs[field]!r}, not {value!r}",
                file=checkpoint.path,
            )
    return SourceModel(checkpoint, description.names)


def compare_tensors(
    model: ModelFile, source: SourceModel, progress: Progress | None = None
) -> dict[str, TensorAgreement]:
    """Every weight of the file against the source's, by encoding. A tensor is at fault when its error exceeds what the
    file states for it (0 where it is lossless), float32 rounding aside."""
    found: dict[str, TensorAgreement] = {}
    total = sum(int(np.prod(t.shape)) for t in model.tensors.values())
    done = 0
    for name, tensor in model.tensors.items():
        one = found.setdefault(tensor.encoding.name, TensorAgreement())
        error = 0.0
        step = max(1, CHUNK // tensor.shape[-1])
        for start in range(0, tensor.n_rows, step):
            stop = min(start + step, tensor.n_rows)
            error = max(error, _largest_difference(tensor.rows(start, stop), source.tensors[name].rows(start, stop)))
            done += (stop - start) * tensor.shape[-1]
            if progress is not None:
                progress(done, total)
        one.tensors += 1
        one.max_error = max(one.max_error, error)
        one.stated_error = max(one.stated_error, tensor.max_error)
        one.faults += not error <= tensor.max_error * (1 + 1e-6)
    return found


def _largest_difference(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Largest absolute difference; infinity where one is NaN and the other is not."""
    if np.array_equal(a, b, equal_nan=True):
        return 0.0
    with np.errstate(invalid="ignore"):
        difference = np.abs(a.astype(np.float64) - b.astype(np.float64))
    difference[(a == b) | (np.isnan(a) & np.isnan(b))] = 0.0
    return float(np.nan_to_num(difference, nan=np.inf, posinf=np.inf).max())


def bound_for(model: ModelFile) -> Bound:
    """The bound that holds for how this file was made."""
    if all(tensor.lossless for tensor in model.tensors.values()):
        return BOUNDS["lossless"]
    return BOUNDS.get(str(model.source.get("quant")), BOUNDS["transcoded"])


def compare_logits(
    model: ModelFile, source: SourceModel, tokenizer: Tokenizer, progress: Progress | None = None
) -> dict[str, Any]:
    """The reference backend with the file's weights and with the source's, over `TEXT`: `tokens`, `mean_difference` of
    the log-probabilities of the following tokens, `agreement` of the most likely tokens, `max_logit_difference`."""
    spec = DecoderSpec.from_json(model.spec_json)
    ids = np.asarray(tokenizer.encode(TEXT)[: min(MAX_TOKENS, spec.context_length)], np.int64)
    steps = 0
    logprobs: list[NDArray[np.float64]] = []
    logits: list[NDArray[np.float32]] = []
    for side in (model, source):
        decoder = ReferenceDecoder(cast(ModelFile, side), spec, context_length=len(ids))
        try:
            rows = []
            for start in range(0, len(ids), STEP):
                rows.append(decoder.forward([Chunk(0, ids[start : start + STEP], "all")])[0])
                steps += 1
                if progress is not None:
                    progress(min(steps * STEP, 2 * len(ids)), 2 * len(ids))
        finally:
            decoder.close()
        logits.append(np.concatenate(rows))
        logprobs.append(_following(logits[-1], ids))
    worst = float(np.abs(logits[0].astype(np.float64) - logits[1]).max())
    agreement = float(np.mean(logits[0].argmax(axis=1) == logits[1].argmax(axis=1)))
    difference = float(np.abs(logprobs[0] - logprobs[1]).mean()) if len(ids) > 1 else 0.0
    return {
        "tokens": len(ids),
        "mean_difference": difference,
        "agreement": agreement,
        "max_logit_difference": worst,
    }


def _following(logits: NDArray[np.float32], ids: NDArray[np.int64]) -> NDArray[np.float64]:
    """Log-probability of each next token, float64 (n - 1,)."""
    out = np.empty(max(len(ids) - 1, 0))
    for position in range(len(out)):
        wide = logits[position].astype(np.float64)
        wide -= wide.max()
        out[position] = wide[ids[position + 1]] - np.log(np.exp(wide).sum())
    return out
