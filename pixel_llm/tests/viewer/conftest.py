"""Two comparable models, one of them with an earlier generation, served by a real server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import requests

from pixel_llm.atlas.build import build_atlas
from pixel_llm.core.pxi import PxiUpdater
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.testing.specs import SPECS
from pixel_llm.testing.stored_model import write_model
from pixel_llm.viewer.library import Library
from pixel_llm.viewer.server import running

CHANGED = "blk.1.ffn_norm.weight"


@dataclass
class Site:
    """A running server and what it serves."""

    url: str
    library: Library
    session: requests.Session

    def get(self, path: str, **options: object) -> requests.Response:
        return self.session.get(f"{self.url}/{path}", timeout=30, **options)  # type: ignore[arg-type]

    @property
    def ids(self) -> list[str]:
        return list(self.library.models)


@pytest.fixture(scope="session")
def model_paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """`one.pxi` has two generations; `two.pxi` is like its first one but for some weights; both have atlases."""
    folder = tmp_path_factory.mktemp("viewer")
    one = write_model(folder / "one.pxi", SPECS["grouped-query"])

    def other(name: str, weights: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        return weights * np.float32(1.5) if name == "blk.0.attn_q.weight" else weights

    two = write_model(folder / "two.pxi", SPECS["grouped-query"], change=other)
    with PxiUpdater(one) as update:
        update.replace_array(CHANGED, np.full((1, 64), 2, np.float32))
        update.commit(label="changed")
    for path in (one, two):
        with ModelFile.open(path) as model:
            build_atlas(model)
    return [one, two]


@pytest.fixture(scope="session")
def site(model_paths: list[Path]) -> Iterator[Site]:
    with Library(model_paths) as library, running(library) as url, requests.Session() as session:
        yield Site(url, library, session)


@pytest.fixture
def copies(model_paths: list[Path], tmp_path: Path) -> list[Path]:
    """The models alone, without their atlases."""
    return [Path(shutil.copy(path, tmp_path / path.name)) for path in model_paths]
