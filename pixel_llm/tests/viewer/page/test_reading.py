"""What the page says and draws of single weights, against NumPy."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from playwright.sync_api import Browser, Route, expect

from pixel_llm.formats.colour_maps import diverging
from pixel_llm.formats.encodings import ENCODINGS
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.tests.viewer.page.driving import MapPage
from pixel_llm.viewer.library import Library, ViewedModel

PLACES = 54


@pytest.fixture
def viewed(library: Library) -> ViewedModel:
    return next(m for m in library.models.values() if not m.hidden)


def random_places(model: ModelFile, count: int) -> list[tuple[str, int, int]]:
    """Elements of every encoding in turn."""
    rng = np.random.default_rng(7)
    by_encoding: dict[str, list[str]] = {}
    for name, tensor in model.tensors.items():
        by_encoding.setdefault(tensor.encoding.name, []).append(name)
    assert by_encoding.keys() == ENCODINGS.keys()
    places = []
    for number in range(count):
        names = by_encoding[sorted(by_encoding)[number % len(by_encoding)]]
        tensor = model.tensors[names[rng.integers(len(names))]]
        places.append((tensor.name, int(rng.integers(tensor.n_rows)), int(rng.integers(tensor.shape[-1]))))
    return places


def value_of(model: ModelFile, tensor: str, row: int, col: int) -> np.float32:
    value = model.tensors[tensor].rows(row, row + 1)[0, col]
    assert isinstance(value, np.float32)
    return value


def test_value_under_the_cursor_in_every_encoding(page: MapPage, model: ModelFile, viewed: ViewedModel) -> None:
    for number, (tensor, row, col) in enumerate(random_places(model, PLACES)):
        x, y = viewed.layout.pixel(tensor, row, col)
        zoom = (6, 3, -1.5)[number % 3]  # from one weight to a block of several
        page.page.goto(f"{page.url}#x={x + 0.5}&y={y + 0.5}&z={zoom}")
        shown = float(page.read(tensor, row, col))
        expected = value_of(model, tensor, row, col)
        assert np.float32(shown) == expected or (math.isnan(shown) and np.isnan(expected)), (tensor, row, col)


def test_layer_head_and_encoding_are_stated(page: MapPage, viewed: ViewedModel, model: ModelFile) -> None:
    tensor = "blk.3.attn_q.weight"
    row = 2 * model.spec_json["head_dim"] + 5
    x, y = viewed.layout.pixel(tensor, row, 9)
    page.go(f"x={x + 0.5}&y={y + 0.5}&z=5")
    page.read(tensor, row, 9)
    expect(page.page.locator("[data-field=layer]")).to_have_text("3")
    expect(page.page.locator("[data-field=head]")).to_have_text("2")
    expect(page.page.locator(".readout .encoding")).to_have_text(model.tensors[tensor].encoding.name)
    page.go("x=-500&y=-500&z=0")
    page.point_at_middle()
    expect(page.page.locator(".readout")).to_have_text("between the tensors")


def test_numbers_that_are_not_finite(page: MapPage, viewed: ViewedModel) -> None:
    for col, expected in enumerate(("NaN", "Infinity", "-Infinity", "0")):
        x, y = viewed.layout.pixel("blk.0.attn_norm.weight", 0, col)
        page.go(f"x={x + 0.5}&y={y + 0.5}&z=5")
        assert page.read("blk.0.attn_norm.weight", 0, col) == expected
        red, green, blue = (int(c) for c in _beside_middle(page))
        assert ((red, green, blue) == (255, 0, 153)) == (col < 3)


def _beside_middle(page: MapPage) -> np.ndarray:
    """A pixel of the weight in the middle, away from the cursor's frame."""
    pixels = page.pixels()
    height, width = pixels.shape[:2]
    return pixels[height // 2 + 5, width // 2 + 5]


@pytest.mark.parametrize("far", [0, 1 << 37])
def test_single_weights_are_sharp_and_have_their_colour(
    browser: Browser, url: str, viewed: ViewedModel, model: ModelFile, far: int
) -> None:
    """Every pixel of a weight's square has the colour of its value, at the plane's origin and far away from it."""

    def moved(route: Route) -> None:
        plane = json.loads(route.fetch().text())
        for entry in plane["models"]:
            entry["x"] += far
            entry["y"] -= far
        route.fulfill(json=plane)

    tensor, row, col = "blk.1.ffn_gate.weight", 30, 40
    x, y = viewed.layout.pixel(tensor, row, col)
    weights = model.tensors[tensor].rows(0, model.tensors[tensor].n_rows)
    assert viewed.atlas is not None
    rms = viewed.atlas.statistics[tensor].rms
    assert rms is not None
    with MapPage.open(browser, url) as page:
        page.page.route("**/api/plane.json", moved)
        page.page.goto("about:blank")
        page.go(f"x={x + far}&y={y - far}&z=5&r=-2,2")  # 32 pixels a weight: no numbers are printed yet
        page.page.mouse.move(5, 5)
        pixels = page.pixels().astype(int)
        page.check()
    height, width = pixels.shape[:2]
    for i in range(-6, 6):
        for j in range(-6, 6):
            square = pixels[height // 2 + 32 * i :, width // 2 + 32 * j :][2:30, 2:30]
            share = np.clip((weights[row + i, col + j] / rms + 2) / 4, 0, 1)
            expected = diverging()[int(np.rint(share * 255))].astype(int)
            assert np.abs(square - square[14, 14]).max() <= 1, (i, j)
            assert np.abs(square[14, 14] - expected).max() <= 4, (i, j)
