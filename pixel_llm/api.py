"""The library's front door: import, export, open, generate, chat, score.

import pixel_llm
from pixel_llm.generate import SamplingParams

pixel_llm.import_model("model.gguf", "model.pxi")
with pixel_llm.open("model.pxi") as model:
    print(model.generate("The capital of France is", SamplingParams(max_tokens=20)).text)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from pixel_llm.backends import load_decoder
from pixel_llm.errors import InvalidArgumentError
from pixel_llm.formats.checkpoint import open_checkpoint
from pixel_llm.formats.importer import ImportReport, Quant, import_checkpoint
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.generate import Chat, GenerationResult, SamplingParams, Scores, Session, TextEvent, score, stream_text
from pixel_llm.generate import generate as generate_text
from pixel_llm.models import DecoderSpec, describe
from pixel_llm.tokenizer import Tokenizer, tokenizer_from_checkpoint
from pixel_llm.tokenizer.settings import TokenizerSettings

if TYPE_CHECKING:
    from pixel_llm.atlas.model_map import ModelMap
    from pixel_llm.backends.base import Decoder

PathLike = str | os.PathLike[str]
Progress = Callable[[int, int], None]
ExportFormat = Literal["gguf", "safetensors"]

DEFAULT_CONTEXT = 4096
"""Positions of the KV cache where nobody asks for another number: some models' own would fill the memory."""


@dataclass(frozen=True, slots=True)
class TextScores:
    """A scored text: its token ids (BOS included where the tokenizer adds it) and their `generate.Scores`."""

    ids: tuple[int, ...]
    scores: Scores


class Model:
    """A .pxi file made ready to be used; a context manager. Opening reads the index alone.

    `file`, `spec` and `tokenizer` are the parts. A decoder is made when one is first needed; `close` closes those too.
    """

    def __init__(self, file: ModelFile) -> None:
        self.file = file
        self.spec = DecoderSpec.from_json(file.spec_json)
        self._decoders: list[Decoder] = []
        self._session: Session | None = None

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer and chat template."""
        return Tokenizer(self.file.tokenizer_json, self.file.resource("tokenizer.json"))

    @cached_property
    def map(self) -> ModelMap:
        """Where the weights lie on the plane, as arrays, statistics and a picture."""
        from pixel_llm.atlas.model_map import ModelMap

        return ModelMap(self.file)

    def decoder(
        self,
        *,
        backend: str = "auto",
        context_length: int | None = None,
        slots: int = 1,
        threads: int | None = None,
        kv_bits: int = 16,
        adapter: str | int | None = None,
        form: Literal["texture", "buffer"] | None = None,
        progress: Progress | None = None,
        notify: Callable[[str], None] | None = None,
    ) -> Decoder:
        """A new decoder (see `backends.load_decoder`), closed with the model.

        `context_length` is in tokens, by default the model's own, at most 4096.
        """
        if context_length is None:
            context_length = min(self.spec.context_length, DEFAULT_CONTEXT)
        made = load_decoder(
            self.file,
            backend=backend,
            context_length=context_length,
            slots=slots,
            threads=threads,
            kv_bits=kv_bits,
            adapter=adapter,
            form=form,
            progress=progress,
            notify=notify,
        )
        self._decoders.append(made)
        return made

    def prompt_ids(self, prompt: str, *, chat: bool = False, system: str | None = None) -> list[int]:
        """Token ids of a prompt: as it stands, or with `chat` as a user's message in the model's chat template."""
        if chat:
            messages = [{"role": "system", "content": system}] if system is not None else []
            return self.tokenizer.chat([*messages, {"role": "user", "content": prompt}])
        if system is not None:
            raise InvalidArgumentError("a system message needs the chat template", part="system")
        return self.tokenizer.encode(prompt)

    def generate(
        self, prompt: str, params: SamplingParams | None = None, *, chat: bool = False, decoder: Decoder | None = None
    ) -> GenerationResult:
        """What follows `prompt`, or with `chat` the answer to it.

        `params` is greedy and unlimited where it is left out. `decoder` is one of `self.decoder()`; without it the
        fastest backend's is made once and kept.
        """
        ids = self.prompt_ids(prompt, chat=chat)
        return generate_text(decoder or self._default(), self.tokenizer, ids, params or SamplingParams())

    def stream(
        self, prompt: str, params: SamplingParams | None = None, *, chat: bool = False, decoder: Decoder | None = None
    ) -> Iterator[TextEvent]:
        """The same, step by step."""
        ids = self.prompt_ids(prompt, chat=chat)
        return stream_text(decoder or self._default(), self.tokenizer, ids, params or SamplingParams())

    def chat(self, *, system: str | None = None, decoder: Decoder | None = None) -> Chat:
        """A conversation, which keeps its messages and the KV cache: `for event in chat.send("Hi", params): …`."""
        return Chat(decoder or self._default().decoder, self.tokenizer, system=system)

    def score(self, text: str, *, decoder: Decoder | None = None, progress: Progress | None = None) -> TextScores:
        """How likely the model finds `text`; `progress(done, total)` counts tokens.

        Raises `InvalidArgumentError` for a text of fewer than two tokens, `ContextLengthError` for one too long.
        """
        ids = self.tokenizer.encode(text)
        if len(ids) < 2:
            raise InvalidArgumentError(f"the text has {len(ids)} tokens and needs at least 2", part="text")
        return TextScores(tuple(ids), score(decoder or self._default().decoder, ids, progress=progress))

    def _default(self) -> Session:
        if self._session is None:
            self._session = Session(self.decoder())
        return self._session

    def close(self) -> None:
        """Close every decoder and the file."""
        self._session = None
        while self._decoders:
            self._decoders.pop().close()
        if "map" in self.__dict__:
            self.map.close()
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Model({str(self.file.path)!r}, {self.spec.architecture}, {self.spec.layers} layers)"


def open(path: PathLike, *, verify: bool = True, generation: int | None = None) -> Model:
    """Open a .pxi file. With `verify`, every band is checked against its SHA-256 when it is first read.

    `generation` opens a snapshot. Raises `NotFoundError`, `PxiFormatError`, `UnsupportedError` or `IntegrityError`.
    """
    file = ModelFile.open(path, verify=verify, generation=generation)
    try:
        return Model(file)
    except BaseException:
        file.close()
        raise


def import_model(
    src: PathLike,
    out: PathLike,
    *,
    quant: Quant = "none",
    overwrite: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Turn a GGUF file, a safetensors file or a Hugging Face folder into the .pxi file `out`.

    `quant`: "none" keeps every tensor as the source has it, "q8" and "q4" quantise matrices. `progress(done, total)`
    counts bytes of weights. An error leaves nothing behind. Raises what `open_checkpoint`, `describe`,
    `tokenizer_from_checkpoint` and `import_checkpoint` raise.
    """
    _refuse_existing(Path(out), overwrite)
    checkpoint = open_checkpoint(src)
    try:
        description = describe(checkpoint)
        settings, tokenizer_json = tokenizer_from_checkpoint(checkpoint)
        return import_checkpoint(
            checkpoint,
            out,
            spec=description.spec.to_json(),
            names=description.names,
            tokenizer=settings,
            resources={"tokenizer.json": tokenizer_json},
            quant=quant,
            overwrite=overwrite,
            progress=progress,
        )
    finally:
        checkpoint.close()


def export_model(
    model: PathLike,
    out: PathLike,
    *,
    format: ExportFormat | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> ExportFormat:
    """Write a .pxi file as GGUF (`out` is a file) or as a Hugging Face folder of safetensors; returns which.

    `format` None: GGUF where `out` ends in .gguf, else safetensors. A model from the same format comes back as it was.
    Raises `UnsupportedError` where the other format cannot say what the model is.
    """
    target = Path(out)
    if format is None:
        format = "gguf" if target.suffix.lower() == ".gguf" else "safetensors"
    if format not in ("gguf", "safetensors"):
        raise InvalidArgumentError(f"{format!r} is not gguf or safetensors", part="format")
    with ModelFile.open(model) as file:
        file.refuse_target(target)
        if format == "gguf":
            _export_gguf(file, target, overwrite, progress)
        else:
            _export_safetensors(file, target, overwrite, progress)
    return format


def _export_gguf(file: ModelFile, out: Path, overwrite: bool, progress: Progress | None) -> None:
    from pixel_llm.formats.gguf_export import export_gguf
    from pixel_llm.models.gguf_export import describe_gguf_export
    from pixel_llm.tokenizer.gguf_export import tokenizer_to_gguf

    if "source/gguf_header" in file.resources:
        export_gguf(file, out, overwrite=overwrite, progress=progress)
        return
    spec = DecoderSpec.from_json(file.spec_json)
    TokenizerSettings.from_json(file.tokenizer_json)
    family = describe_gguf_export(spec, name=str(file.source.get("name") or ""), licence=file.licence)
    vocabulary = tokenizer_to_gguf(file.tokenizer_json, file.resource("tokenizer.json"), vocab_size=spec.vocab_size)
    export_gguf(
        file,
        out,
        metadata=family.metadata | vocabulary,
        row_order=family.row_order,
        added=family.added,
        extra=family.extra,
        overwrite=overwrite,
        progress=progress,
    )


def _export_safetensors(file: ModelFile, out: Path, overwrite: bool, progress: Progress | None) -> None:
    import json

    from pixel_llm.formats.safetensors_export import export_safetensors
    from pixel_llm.models.safetensors_export import describe_safetensors_export
    from pixel_llm.tokenizer.huggingface_export import tokenizer_to_huggingface

    if file.source.get("kind") == "safetensors":
        export_safetensors(file, out, overwrite=overwrite, progress=progress)
        return
    rope_freqs = file.tensors.get("rope_freqs.weight")
    family = describe_safetensors_export(
        DecoderSpec.from_json(file.spec_json), rope_freqs=None if rope_freqs is None else rope_freqs.rows()
    )
    settings = file.tokenizer_json
    TokenizerSettings.from_json(settings)
    eos = settings["eos"][0] if len(settings["eos"]) == 1 else settings["eos"]
    config = {**family.config, "bos_token_id": settings["bos"], "eos_token_id": eos, "torch_dtype": "float16"}
    files = tokenizer_to_huggingface(settings, file.resource("tokenizer.json"))
    files["config.json"] = (json.dumps(config, indent=2) + "\n").encode()
    export_safetensors(
        file,
        out,
        names=family.names,
        files=files,
        row_order=family.row_order,
        added=family.added,
        dtype="F16",
        overwrite=overwrite,
        progress=progress,
    )


def _refuse_existing(out: Path, overwrite: bool) -> None:
    """Before the source is read: a mistake in the command line is then told at once."""
    from pixel_llm.errors import AlreadyExistsError, NotFoundError

    if os.path.exists(out) and not overwrite:  # noqa: PTH110 - Path.exists raises for a name that is too long
        raise AlreadyExistsError(
            "exists already", file=out, remedy="choose another name, or allow overwriting (--force)"
        )
    if not os.path.isdir(out.absolute().parent):  # noqa: PTH112
        raise NotFoundError("the folder to write into does not exist", file=out.absolute().parent)
