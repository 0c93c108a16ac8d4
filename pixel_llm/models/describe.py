"""From a checkpoint to a `DecoderSpec`: metadata and tensors in, everything understood or an error that names it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from pixel_llm.errors import FormatError, GGUFFormatError, PxiFormatError, SafetensorsFormatError, UnsupportedError
from pixel_llm.formats.checkpoint import Checkpoint, SourceTensor
from pixel_llm.models import gemma3, gguf_keys, hf_config, llama, mistral, qwen2, qwen3
from pixel_llm.models.fields import Fields
from pixel_llm.models.names import describe_export, plain_hf_name
from pixel_llm.models.spec import DecoderSpec

_HF: Final[Mapping[str, tuple[Callable[[Fields], DecoderSpec], frozenset[str]]]] = {
    "llama": (llama.from_config, llama.HF_ARCHITECTURES),
    "mistral": (mistral.from_config, mistral.HF_ARCHITECTURES),
    "qwen2": (qwen2.from_config, qwen2.HF_ARCHITECTURES),
    "qwen3": (qwen3.from_config, qwen3.HF_ARCHITECTURES),
    "gemma3": (gemma3.from_config, gemma3.HF_ARCHITECTURES),
    "gemma3_text": (gemma3.from_config, gemma3.HF_ARCHITECTURES),
}
_GGUF: Final[Mapping[str, Callable[[Fields, gguf_keys.Tensors], DecoderSpec]]] = {
    "llama": llama.from_gguf,
    "qwen2": qwen2.from_gguf,
    "qwen3": qwen3.from_gguf,
    "gemma3": gemma3.from_gguf,
}
_COMPARED_ROWS: Final = 4096


@dataclass(frozen=True)
class Description:
    """What a checkpoint is.

    `names`: source tensor name -> canonical name, in the order of evaluation, exactly the tensors of
    `spec.tensor_shapes()`. `ignored`: source tensors that the text model does not use (a vision tower, a stored copy of
    a tied output, rotary tables that are computed anyway).
    """

    spec: DecoderSpec
    names: dict[str, str]
    ignored: tuple[str, ...]


def describe(ckpt: Checkpoint) -> Description:
    """Read a checkpoint's metadata and check its tensors' names and shapes against it. Reads no weights, except to make
    sure that a stored copy of tied embeddings is one.

    Raises `UnsupportedError` for an architecture, a metadata key or a tensor that is not understood, and `FormatError`
    (`GGUFFormatError`, `SafetensorsFormatError`) for what is missing, malformed or contradictory; both name it.
    """
    return _describe_gguf(ckpt) if ckpt.kind == "gguf" else _describe_safetensors(ckpt)


def spec_from_config(config: Mapping[str, object], *, file: str | Path | None = None) -> DecoderSpec:
    """The spec that a Hugging Face config.json describes. Raises as `describe` does."""
    f = Fields(config, error=SafetensorsFormatError, file=file)
    model_type = f.text("model_type")
    if model_type not in _HF:
        raise f.unsupported("model_type", f"architecture {model_type!r} is not supported ({_list(_HF)} are)")
    read, classes = _HF[model_type]
    architectures = f.raw("architectures")
    for name in architectures if isinstance(architectures, list) else [architectures]:
        if name is not None and (not isinstance(name, str) or name not in classes):
            raise f.unsupported("architectures", f"{name!r} is not supported ({_list(classes)} for {model_type})")
    spec = _checked(lambda: read(f), SafetensorsFormatError, file)
    f.finish(hf_config.HARMLESS, "the model")
    return spec


def _describe_safetensors(ckpt: Checkpoint) -> Description:
    config = ckpt.metadata.get("config")
    if not isinstance(config, Mapping):
        raise SafetensorsFormatError(
            "has no config.json beside it, so that its architecture is unknown",
            file=ckpt.path,
            remedy="give the whole folder of the model",
        )
    spec = spec_from_config(config, file=ckpt.path)
    canonical = {hf: name for name, hf in describe_export(spec).items()}
    names: dict[str, str] = {}
    ignored: list[str] = []
    for source in ckpt.tensors:
        plain = plain_hf_name(source)
        if plain is None or plain.endswith(".rotary_emb.inv_freq"):
            ignored.append(source)
        elif plain in canonical:
            if canonical[plain] in names.values():
                raise SafetensorsFormatError(f"a second tensor for {plain}", file=ckpt.path, part=source)
            names[source] = canonical[plain]
        elif plain == "lm_head.weight" and spec.tied_output:
            ignored.append(source)
        else:
            raise UnsupportedError(f"a {spec.architecture} model has no such tensor", file=ckpt.path, part=source)
    ordered = _checked_tensors(ckpt, spec, names, SafetensorsFormatError)
    if spec.tied_output:
        embedding = next(source for source, name in ordered.items() if name == "token_embd.weight")
        for source in ignored:
            if source.endswith("lm_head.weight") and not _equal(ckpt.tensors[source], ckpt.tensors[embedding]):
                raise SafetensorsFormatError(
                    f"differs from {embedding}, although tie_word_embeddings says that they are one",
                    file=ckpt.path,
                    part=source,
                    remedy="set tie_word_embeddings to false in config.json if both are meant",
                )
    return Description(spec, ordered, tuple(ignored))


def _describe_gguf(ckpt: Checkpoint) -> Description:
    everything = Fields(ckpt.metadata, error=GGUFFormatError, file=ckpt.path)
    architecture = everything.text("general.architecture")
    everything.same("general.type", "model", "only whole models are")
    everything.same("split.count", 1, "files in several parts are not")
    if architecture not in _GGUF:
        raise everything.unsupported(
            "general.architecture", f"architecture {architecture!r} is not supported ({_list(_GGUF)} are)"
        )
    prefix = architecture + "."
    own = {key.removeprefix(prefix): value for key, value in ckpt.metadata.items() if key.startswith(prefix)}
    f = Fields(own, error=GGUFFormatError, file=ckpt.path, prefix=prefix)
    spec = _checked(lambda: _GGUF[architecture](f, ckpt.tensors), GGUFFormatError, ckpt.path)
    f.finish(gguf_keys.HARMLESS, "the model")
    wanted = spec.tensor_shapes()
    ignored = []
    for source in ckpt.tensors:
        if source.endswith(".attn_rot_embd.weight"):
            ignored.append(source)
        elif source not in wanted:
            raise UnsupportedError(f"a {spec.architecture} model has no such tensor", file=ckpt.path, part=source)
    names = {source: source for source in ckpt.tensors if source in wanted}
    return Description(spec, _checked_tensors(ckpt, spec, names, GGUFFormatError), tuple(ignored))


def _checked(make: Callable[[], DecoderSpec], error: type[FormatError], file: str | Path | None) -> DecoderSpec:
    """A spec whose own checks speak of the checkpoint."""
    try:
        return make()
    except PxiFormatError as problem:
        raise error(problem.message, file=file, part=problem.part) from None


def _checked_tensors(
    ckpt: Checkpoint, spec: DecoderSpec, names: Mapping[str, str], error: type[FormatError]
) -> dict[str, str]:
    """`names` in the order of evaluation, nothing missing and every shape as the metadata says."""
    sources = {name: source for source, name in names.items()}
    hf = describe_export(spec) if ckpt.kind == "safetensors" else {}
    ordered = {}
    for name, shape in spec.tensor_shapes().items():
        source = sources.get(name)
        if source is None:
            raise error("tensor is missing", file=ckpt.path, part=hf.get(name, name))
        found = ckpt.tensors[source].shape
        if tuple(found) != shape:
            raise error(f"has shape {tuple(found)}, but the metadata asks for {shape}", file=ckpt.path, part=source)
        ordered[source] = name
    return ordered


def _equal(a: SourceTensor, b: SourceTensor) -> bool:
    if tuple(a.shape) != tuple(b.shape):
        return False
    step = _COMPARED_ROWS
    return all(
        np.array_equal(a.rows(i, min(i + step, n)), b.rows(i, min(i + step, n)))
        for n in (a.shape[0],)
        for i in range(0, n, step)
    )


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
