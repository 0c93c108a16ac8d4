"""`pixel-llm demo`: from nothing to an answer, step by step."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixel_llm.cli.options import Backend, BackendOption

if TYPE_CHECKING:
    from pixel_llm.api import Model

EXAMPLE = "Example: pixel-llm demo --out demo"
MODEL = "smollm2-135m"
QUESTION = "Why is the sky blue? Answer in two sentences."
STEPS = 6


def command(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the model and its pictures go.")] = Path(
        "demo"
    ),
    backend: BackendOption = Backend.auto,
    question: Annotated[str, typer.Option("--question", help="What the model is asked.")] = QUESTION,
) -> None:
    """Show everything once, with SmolLM2-135M-Instruct: download, import, verify, picture, damage found, an answer.

    Writes only into DIR and the cache folder. A step that fails is named, and the exit code is its error's.
    """
    from pixel_llm import api
    from pixel_llm.cli.output import human_bytes, note, progress_bar, say
    from pixel_llm.cli.picture import save_picture
    from pixel_llm.core.pxi import PxiFile
    from pixel_llm.download import cache_folder, pull
    from pixel_llm.errors import IntegrityError, StorageError

    began = time.perf_counter()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as refusal:
        raise StorageError(
            f"cannot create the folder: {refusal.strerror}", file=out, remedy="another folder with --out"
        ) from refusal
    file = out / f"{MODEL}.pxi"

    with _step(1, f"download {MODEL}"):
        with progress_bar("downloading") as progress:
            pulled = pull(MODEL, progress=progress, notify=note)
        here = "already here" if pulled.cached else "downloaded"
        say(f"  {here}: {human_bytes(pulled.size)}, SHA-256 as pinned, licence {pulled.licence}")
        say(f"  {pulled.path}  (cache: {cache_folder()})")

    with _step(2, "turn its weights into pixels"):
        with progress_bar("importing") as progress:
            report = api.import_model(pulled.path, file, overwrite=True, progress=progress)
        for name, one in report.encodings.items():
            error = f"largest error {one.max_error:.3g}" if one.max_error else "lossless"
            say(f"  {one.tensors:4} tensors as {name:4} {human_bytes(one.bytes):>9}  {error}")
        say(f"  {file}  {human_bytes(report.bytes)}")

    with _step(3, "verify every byte"):
        start = time.perf_counter()
        with PxiFile.open(file) as pxi, progress_bar("verifying") as progress:
            result = pxi.verify(progress=progress)
        rate = human_bytes(result.bytes_checked / (time.perf_counter() - start))
        if not result.ok:
            raise IntegrityError(result.failures[0].message)
        say(f"  sound: {human_bytes(result.bytes_checked)} match their SHA-256 ({rate}/s)")

    with _step(4, "look at it"), api.open(file) as model:
        picture = out / f"{MODEL}.png"
        width, height = save_picture(model.file, picture, overwrite=True)
        say(f"  {picture}  {width}x{height} pixels: open it with `{_opener()} {picture}`")
        say(f"  {file} is a TIFF itself; GIMP, ImageMagick or tifffile open it")

    with _step(5, "damage a copy: one bit of one weight"):
        _damage(file, out / "damaged.pxi")

    with _step(6, "ask it"), api.open(file) as model:
        _ask(model, question, backend.value)

    say()
    say(f"Done in {time.perf_counter() - began:.1f} s. Go on: pixel-llm chat {file}", style="bold green")


@contextmanager
def _step(number: int, title: str) -> Iterator[None]:
    """Print a heading and the time; where the step fails, say which it was."""
    from pixel_llm.cli.output import human_seconds, note, say

    say()
    say(f"[{number}/{STEPS}] {title}", style="bold")
    start = time.perf_counter()
    try:
        yield
    except BaseException:
        note(f"step {number} of {STEPS} failed: {title}", style="bold red")
        raise
    say(f"  {human_seconds(time.perf_counter() - start)}", style="dim")


def _damage(sound: Path, copy: Path) -> None:
    """Flip a bit in the middle of a tensor, and show that exactly this tensor is refused."""
    import shutil

    from pixel_llm.cli.output import say
    from pixel_llm.cli.verify import plain
    from pixel_llm.core.pxi import PxiFile
    from pixel_llm.errors import IntegrityError
    from pixel_llm.formats.model_file import ModelFile

    try:
        shutil.copyfile(sound, copy)
        with ModelFile.open(copy) as model:
            names = [name for name in model.tensors if name.endswith("ffn_up.weight")]
            name = names[len(names) // 2]
            page = model.pxi.pages[model.tensors[name].pages[0]]
        place = page.offset + page.nbytes // 2
        with copy.open("r+b") as file:
            file.seek(place)
            value = file.read(1)[0]
            file.seek(place)
            file.write(bytes([value ^ 1]))
        say(f"  flipped a bit at byte {place:,}")
        with PxiFile.open(copy) as pxi:
            failures = pxi.verify().failures
        if [f.page for f in failures] != [page.name]:
            raise IntegrityError("the damage was not found where it is", file=copy, part=page.name)
        say(f"  verify finds it: {failures[0].page}, {plain(failures[0].message, copy, failures[0].page)}")
        _refused(copy, name)
        say("  reading that tensor is refused; the others still read")
    finally:
        copy.unlink(missing_ok=True)


def _refused(copy: Path, name: str) -> None:
    """Reading the damaged tensor must raise, and reading another must not."""
    from pixel_llm.errors import IntegrityError
    from pixel_llm.formats.model_file import ModelFile

    with ModelFile.open(copy) as model:
        for tensor in model.tensors.values():
            if tensor.name != name:
                tensor.planes()
        try:
            model.tensors[name].planes()
        except IntegrityError:
            return
    raise IntegrityError("a damaged tensor was read as if it were sound", file=copy, part=name)


def _ask(model: Model, question: str, backend: str) -> None:
    from pixel_llm.cli.output import say, stream
    from pixel_llm.cli.running import Stopwatch, make_ready
    from pixel_llm.errors import BackendError
    from pixel_llm.generate import SamplingParams, stream_text

    ids = model.prompt_ids(question, chat=True)
    params = SamplingParams(max_tokens=120)
    decoder = make_ready(model, backend=backend, context_length=len(ids) + 120)
    watch = Stopwatch(prompt_tokens=len(ids))
    say(f"  > {question}")
    stream("  ")
    for event in stream_text(decoder, model.tokenizer, ids, params):
        watch.see(event)
        stream(event.text)
    stream("\n")
    say(f"  {watch.summary()}", style="dim")
    if watch.tokens == 0:
        raise BackendError("the model gave no answer", file=model.file.path)


def _opener() -> str:
    return {"darwin": "open", "win32": "start"}.get(sys.platform, "xdg-open")
