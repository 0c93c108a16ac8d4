"""Models from the Hugging Face Hub: only the files that the importer reads, into one plain folder."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from pixel_llm.download.cache import download_lock, models_folder
from pixel_llm.download.pull import Progress, PullResult
from pixel_llm.errors import DownloadError, InvalidArgumentError, NotFoundError, PixelLLMError, UnsupportedError

# What the safetensors importer reads beside the weights; of these, config.json must exist.
_CONFIGURATION = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "model.safetensors.index.json",
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*")


def parse_name(name: str) -> tuple[str, str | None]:
    """`hf:OWNER/REPO[:FILE]` -> (`OWNER/REPO`, FILE or None); `InvalidArgumentError` when it reads otherwise."""
    repository, _, file = name.removeprefix("hf:").partition(":")
    if not _NAME.fullmatch(repository) or ".." in repository or not _stays_inside(file):
        raise InvalidArgumentError(
            f"{name!r} is not of the form hf:OWNER/REPO[:FILE]",
            remedy="for example hf:HuggingFaceTB/SmolLM2-135M-Instruct",
        )
    return repository, file or None


def _stays_inside(file: str) -> bool:
    return not (file.startswith("/") or "\\" in file or ":" in file or ".." in file.split("/"))


def choose_files(names: list[str], repository: str) -> list[str]:
    """The files of a repository that make one model: safetensors with their configuration, else the only GGUF."""
    top = [n for n in names if "/" not in n]
    weights = [n for n in top if n.endswith(".safetensors")]
    if "config.json" in top and weights:
        shards = [n for n in weights if re.fullmatch(r"model-\d+-of-\d+\.safetensors", n)]
        if "model.safetensors.index.json" in top and shards:
            weights = shards
        elif "model.safetensors" in weights:
            weights = ["model.safetensors"]
        return [n for n in _CONFIGURATION if n in top] + sorted(weights)
    ggufs = sorted(n for n in names if n.endswith(".gguf"))
    if len(ggufs) == 1:
        return ggufs
    if ggufs:
        shown = ", ".join(ggufs[:12]) + (", …" if len(ggufs) > 12 else "")
        raise InvalidArgumentError(
            f"{repository} holds {len(ggufs)} GGUF files", remedy=f"name one as hf:{repository}:FILE, of {shown}"
        )
    raise UnsupportedError(
        f"{repository} holds neither safetensors with a config.json nor a GGUF file",
        remedy="choose a repository with one of the two",
    )


def pull_from_hub(name: str, *, force: bool = False, progress: Progress | None = None) -> PullResult:
    """Fetch a repository's model, or one of its files, into `models/OWNER--REPO`.

    HF_ENDPOINT names another hub; a token is taken from HF_TOKEN only. What an earlier call fetched at the same
    revision is not fetched again; the hub is asked for the revision each time. `progress(done, total)` counts bytes.
    """
    repository, file = parse_name(name)
    folder = models_folder() / repository.replace("/", "--")
    with _hub_errors(repository, file):
        from huggingface_hub import HfApi, hf_hub_download

        endpoint = os.environ.get("HF_ENDPOINT") or None
        token = os.environ.get("HF_TOKEN") or False
        info = HfApi(endpoint=endpoint, token=token).model_info(repository, files_metadata=True)
        # A name that leads out of the folder is none that an honest repository can have.
        sizes = {s.rfilename: s.size or 0 for s in info.siblings or () if _stays_inside(s.rfilename)}
        if file is not None and file not in sizes:
            raise NotFoundError(f"the repository has no file {file!r}", file=repository)
        files = [file] if file is not None else choose_files(list(sizes), repository)
        with download_lock(folder):
            report = _Sum(sum(sizes[f] for f in files), progress)
            received = 0
            for one in files:
                local = folder / one
                before = local.stat().st_mtime_ns if local.exists() else None
                hf_hub_download(
                    repository,
                    one,
                    revision=info.sha,
                    local_dir=folder,
                    force_download=force,
                    endpoint=endpoint,
                    token=token,
                    tqdm_class=report.bar_class(),
                )
                if local.stat().st_mtime_ns != before:
                    received += 1
                report.finish(sizes[one])
    licence = getattr(info.card_data, "license", None)
    size = sum((folder / f).stat().st_size for f in files)
    single = len(files) == 1
    return PullResult(name, folder / files[0] if single else folder, size, None, received == 0, licence)


class _Sum:
    """Adds the bytes of several files into one `progress(done, total)`."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total = total
        self.progress = progress
        self.finished = 0
        self.current = 0

    def add(self, count: float) -> None:
        self.current += int(count)
        if self.progress is not None:
            self.progress(min(self.finished + self.current, self.total), self.total)

    def finish(self, size: int) -> None:
        self.finished += size
        self.current = 0
        self.add(0)

    def bar_class(self) -> Any:
        """A class that huggingface_hub takes for a tqdm bar and that only counts."""
        from huggingface_hub.utils import tqdm  # type: ignore[attr-defined, unused-ignore]

        report = self

        class Counter(tqdm):  # type: ignore[misc, type-arg, unused-ignore]
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                kwargs.pop("name", None)
                super().__init__(*args, **{**kwargs, "disable": True})  # type: ignore[no-untyped-call, unused-ignore]
                report.add(float(kwargs.get("initial") or 0))

            def update(self, n: float | None = 1) -> bool | None:
                report.add(n or 0)
                return None

        return Counter


class _hub_errors:  # noqa: N801
    """Turns what huggingface_hub raises into errors of our tree; no message holds a token or a signed URL."""

    def __init__(self, repository: str, file: str | None) -> None:
        self.repository = repository
        self.file = file

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, PixelLLMError) or not isinstance(error, Exception):
            return
        from huggingface_hub import errors

        fail: Callable[..., DownloadError] = lambda message, **more: DownloadError(  # noqa: E731
            message, file=f"hf:{self.repository}", part=self.file, **more
        )
        if isinstance(error, errors.GatedRepoError):
            raise fail(
                "access to this repository must be granted to you first",
                remedy="ask for it on its page, then set HF_TOKEN",
            ) from error
        if isinstance(error, errors.RepositoryNotFoundError):
            raise NotFoundError(
                "the hub has no such repository, or it is private",
                file=f"hf:{self.repository}",
                remedy="check the name; for a private one set HF_TOKEN",
            ) from error
        if isinstance(error, errors.EntryNotFoundError) and not isinstance(error, errors.LocalEntryNotFoundError):
            raise NotFoundError(
                "the repository has no such file", file=f"hf:{self.repository}", part=self.file
            ) from error
        if isinstance(error, errors.HfHubHTTPError):
            status = getattr(getattr(error, "response", None), "status_code", None)
            raise fail(f"the hub answered {status}") from error
        if isinstance(error, errors.OfflineModeIsEnabled):
            raise fail("HF_HUB_OFFLINE is set") from error
        if isinstance(error, OSError) or type(error).__module__.startswith("httpx"):
            raise fail(
                "the hub cannot be reached or the transfer broke off",
                remedy="what has arrived is kept; run the command again",
            ) from error
