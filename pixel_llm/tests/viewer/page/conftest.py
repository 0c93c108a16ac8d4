"""A browser, models with two generations, and a page open on each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, sync_playwright

from pixel_llm.atlas.build import build_atlas
from pixel_llm.core.pxi import PxiUpdater
from pixel_llm.formats.encodings import BF16, encode_rows
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.testing.specs import SPECS
from pixel_llm.testing.stored_model import ALL_ENCODINGS, write_model
from pixel_llm.tests.viewer.page.driving import MapPage
from pixel_llm.viewer.library import Library
from pixel_llm.viewer.server import running

SPEC = replace(SPECS["grouped-query"], vocab_size=700, layers=4)
CHANGED = "blk.2.ffn_up.weight", "blk.1.attn_q.weight"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system, drawing in software."""
    path = os.environ.get("PIXEL_LLM_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("PIXEL_LLM_REQUIRE_TOOLS") == "1":
            pytest.fail("chromium is missing")
        pytest.skip("chromium is missing: install it, or set PIXEL_LLM_CHROMIUM")
    options = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-first-run"]
    options += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=options)
        yield started
        started.close()


@pytest.fixture(scope="session")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model in every encoding with odd numbers in a norm, and a second generation in which two tensors differ."""
    path = tmp_path_factory.mktemp("page") / "small.pxi"

    def odd(name: str, weights: np.ndarray) -> np.ndarray:
        if name == "blk.0.attn_norm.weight":
            weights[:4] = [np.nan, np.inf, -np.inf, 0]
        return weights

    # One more than a layer has tensors, so that each kind of matrix takes other encodings in other layers.
    write_model(path, SPEC, encodings=(*ALL_ENCODINGS, BF16), change=odd)
    with ModelFile.open(path) as model, PxiUpdater(path) as updater:
        for name, factor in zip(CHANGED, (1.5, 1.25), strict=True):
            tensor = model.tensors[name]
            planes = encode_rows(tensor.encoding, tensor.rows(0, tensor.n_rows) * np.float32(factor))
            for stored, plane in zip(tensor.pages, planes, strict=True):
                updater.replace_array(stored, plane)
        updater.commit(label="tuned")
    with ModelFile.open(path) as model:
        build_atlas(model)
    return path


@pytest.fixture(scope="session")
def model(model_path: Path) -> Iterator[ModelFile]:
    """The newer generation."""
    with ModelFile.open(model_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def library(model_path: Path) -> Iterator[Library]:
    with Library([model_path]) as opened:
        yield opened


@pytest.fixture(scope="session")
def url(library: Library) -> Iterator[str]:
    with running(library) as address:
        yield f"{address}/"


@pytest.fixture(scope="session")
def shared(browser: Browser, url: str) -> Iterator[MapPage]:
    with ExitStack() as stack:
        yield stack.enter_context(MapPage.open(browser, url))


@pytest.fixture
def page(shared: MapPage) -> Iterator[MapPage]:
    """The page at its home view, in its first state; a test fails with any error that the page reported."""
    shared.reset()
    yield shared
    shared.check()
