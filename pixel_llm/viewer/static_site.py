"""The map as a folder of files for any web server that answers range requests; nothing runs there.

The folder has the page, `api/plane.json`, `api/models/ID/layout.json`, `api/compare/A/B/changes.json`, and the models
with their atlases under `models/`. All URLs in it are relative. The page reads tiles out of the atlases, and weights
out of the models, by byte ranges.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pixel_llm.core import durable
from pixel_llm.core.pxi import PxiFile
from pixel_llm.errors import AlreadyExistsError, IntegrityError, InvalidArgumentError, NotFoundError, PixelLLMError
from pixel_llm.viewer.app import PAGE
from pixel_llm.viewer.library import Library, ViewedModel

Progress = Callable[[int, int], None]
_CHUNK: Final = 8 << 20


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written: the folder, its files and bytes."""

    path: Path
    files: int
    bytes: int


def export_site(
    library: Library, out: Path, *, overwrite: bool = False, progress: Progress | None = None, page: Path = PAGE
) -> ExportReport:
    """Write the map of a library's models to the folder `out`, which appears whole or not at all.

    With `overwrite`, an earlier export is replaced, and nothing else. `progress(done, total)` counts bytes. Raises
    `AlreadyExistsError`, `NotFoundError` (no page, no such parent folder), `InvalidArgumentError` (a model without an
    atlas), `IntegrityError` (a model that changed meanwhile), `StorageError`.
    """
    if not (page / "index.html").is_file():
        raise NotFoundError("the page is not built", file=page, remedy="run `npm run build` in web/")
    shown = [m for m in library.models.values() if not m.hidden]
    for model in shown:
        if model.atlas is None:
            raise InvalidArgumentError(
                "has no atlas", file=model.file.path, remedy="make one with `pixel-llm map build`"
            )
    with _folder(out, overwrite) as folder:
        _copy_page(page, folder)
        _write_json(folder / "api" / "plane.json", _plane(library, shown))
        for model in shown:
            _write_json(folder / "api" / "models" / model.id / "layout.json", model.layout_json())
        ids = {m.id for m in shown}
        for a, b in library.pairs:
            if a in ids and b in ids:
                _write_json(folder / "api" / "compare" / a / b / "changes.json", library.changes_json(a, b))
        _copy_models(folder, shown, progress)
        files = [p for p in folder.rglob("*") if p.is_file()]
        return ExportReport(out, len(files), sum(p.stat().st_size for p in files))


@contextmanager
def _folder(out: Path, overwrite: bool) -> Iterator[Path]:
    """A new folder that takes the place of `out` when the block ends well, and is removed otherwise."""
    if not out.parent.is_dir():
        raise NotFoundError("the folder does not exist", file=out.parent, remedy="create it first")
    there = os.path.lexists(out)
    if there and not overwrite:
        raise AlreadyExistsError("the folder exists already", file=out, remedy="--force replaces an earlier export")
    if there and (out.is_symlink() or not (out / "api" / "plane.json").is_file()):
        raise AlreadyExistsError("is not a map that was exported, so it is not replaced", file=out)
    made = out.parent / f".map-{os.getpid()}-{secrets.token_hex(6)}.tmp"
    try:
        made.mkdir()
        yield made
        if there:
            old = made.with_suffix(".old")
            out.rename(old)
            made.rename(out)
            shutil.rmtree(old)
        else:
            made.rename(out)
    except PixelLLMError:
        raise
    except OSError as error:
        raise durable.storage_error(error, out, "write the folder") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _copy_page(page: Path, folder: Path) -> None:
    shutil.copytree(page, folder, dirs_exist_ok=True, copy_function=shutil.copyfile)


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, separators=(",", ":"), allow_nan=False), encoding="utf-8")


def _plane(library: Library, shown: list[ViewedModel]) -> dict[str, Any]:
    """`plane.json` of a site: as the server's, with the files' addresses and without hidden models."""
    plane = library.plane_json()
    ids = {m.id: m for m in shown}
    models = [m for m in plane["models"] if m["id"] in ids]
    for item in models:
        model = ids[item["id"]]
        assert model.atlas is not None
        item["pxi"] = {"url": f"models/{model.id}.pxi", "bytes": model.file.path.stat().st_size}
        item["atlas"] = {"url": f"models/{model.id}.pxi.atlas", "bytes": model.atlas.bytes}
    compare = [c for c in plane["compare"] if c["a"] in ids and c["b"] in ids]
    return plane | {"server": False, "models": models, "compare": compare}


def _copy_models(folder: Path, shown: list[ViewedModel], progress: Progress | None) -> None:
    (folder / "models").mkdir()
    pairs: list[tuple[Path, Path]] = []
    for model in shown:
        assert model.atlas is not None
        target = folder / "models" / f"{model.id}.pxi"
        pairs += [(model.file.path, target), (model.atlas.path, target.with_name(target.name + ".atlas"))]
    total, done = sum(source.stat().st_size for source, _ in pairs), 0
    for source, target in pairs:
        with source.open("rb") as reading, target.open("wb") as writing:
            while data := reading.read(_CHUNK):
                writing.write(data)
                done += len(data)
                if progress is not None:
                    progress(done, total)
    for model in shown:
        with PxiFile(folder / "models" / f"{model.id}.pxi") as copy:
            if copy.root_hash != model.file.pxi.root_hash:
                raise IntegrityError("changed while it was copied", file=model.file.path, remedy="export it again")
