"""Statistics, colours, range, histogram, panel, comparison and pictures."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from pixel_llm.formats.model_file import ModelFile
from pixel_llm.tests.viewer.page.conftest import CHANGED
from pixel_llm.tests.viewer.page.driving import MapPage
from pixel_llm.viewer.library import Library
from pixel_llm.viewer.server import running


def test_another_statistic_colour_map_or_scale_draws_another_picture(page: MapPage) -> None:
    page.page.mouse.move(5, 5)
    pictures = [page.pixels()]
    page.page.select_option("#statistic", "max")
    page.settle()
    page.page.wait_for_timeout(250)  # the range follows what is in view
    assert page.legend() == "Maximum ÷ tensor’s RMS"
    pictures.append(page.pixels())
    page.page.select_option("#palette", "viridis")
    page.settle()
    pictures.append(page.pixels())
    page.page.get_by_role("button", name="absolute").click()
    page.settle()
    page.page.wait_for_timeout(250)
    pictures.append(page.pixels())
    for one, other in itertools.pairwise(pictures):
        assert (np.abs(one.astype(int) - other).max(axis=2) > 24).mean() > 0.02


def test_close_up_are_signed_weights(page: MapPage) -> None:
    assert page.legend() == "RMS ÷ tensor’s RMS"
    page.go("x=20&y=30&z=4")
    assert page.legend() == "Weight ÷ tensor’s RMS"


def test_range_and_histogram(page: MapPage) -> None:
    ticks = page.page.locator(".ticks span")
    expect(page.page.locator(".bars rect").first).to_be_attached()
    first = ticks.all_inner_texts()
    page.page.locator("#fit-range").click()
    assert ticks.all_inner_texts() != first
    page.page.locator("#reset-range").click()
    assert ticks.all_inner_texts() == first
    handle = page.page.get_by_role("slider", name="High end of the range")
    box = handle.bounding_box()
    assert box is not None
    page.page.mouse.move(box["x"] + 7, box["y"] + 40)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] - 40, box["y"] + 40, steps=4)
    page.page.mouse.up()
    assert ticks.all_inner_texts()[-1] != first[-1]
    assert ticks.all_inner_texts()[0] == first[0]
    handle.press("ArrowRight")
    assert "r=" in page.link()


def test_panel_states_the_tensor(page: MapPage, model: ModelFile) -> None:
    page.search("blk.3.attn_q.weight")
    page.page.mouse.move(5, 5)
    card = page.page.locator("section.tensor")
    numbers = dict(zip(card.locator("dt").all_inner_texts(), card.locator("dd").all_inner_texts(), strict=True))
    tensor = model.tensors["blk.3.attn_q.weight"]
    weights = tensor.rows(0, tensor.n_rows).astype(np.float64)
    assert numbers["shape"] == "64 × 64"
    assert numbers["encoding"] == tensor.encoding.name
    assert numbers["weights"] == "4 096"
    assert float(numbers["RMS"]) == pytest.approx(np.sqrt((weights**2).mean()), rel=5e-3)
    assert numbers["range"] == f"−{-weights.min():.3g} … {weights.max():.3g}"
    assert numbers["NaN, Inf"] == "0"
    titles = [bar.get_attribute("title") or "" for bar in card.locator(".columns > div").all()]
    norms = np.linalg.norm(weights.reshape(4, -1), axis=1)
    assert [t.split(":")[0] for t in titles] == [f"head {i}" for i in range(4)]
    assert [float(t.split(":")[1]) for t in titles] == pytest.approx(norms, rel=5e-3)
    page.page.keyboard.press("Escape")
    expect(card).to_contain_text("Point at the map")


def test_click_keeps_a_tensor_and_drag_does_not(page: MapPage) -> None:
    page.go("x=20&y=30&z=2")
    page.point_at_middle()
    page.page.mouse.down()
    page.page.mouse.up()
    page.page.mouse.move(5, 5)
    expect(page.page.locator(".tensor .name")).to_have_text("token_embd.weight")
    page.page.keyboard.press("Escape")
    page.point_at_middle()
    page.page.mouse.down()
    page.point_at_middle(30, 30)
    page.page.mouse.up()
    page.page.mouse.move(5, 5)
    expect(page.page.locator(".tensor .close")).to_have_count(0)


def test_two_snapshots_are_compared(page: MapPage, model_path: Path, model: ModelFile, library: Library) -> None:
    page.page.select_option("#compare", index=1)
    rows = page.page.locator(".changes li")
    expect(rows).to_have_count(2)
    page.settle()
    with ModelFile.open(model_path, generation=1) as old:
        tensors = [(old.tensors[n], model.tensors[n]) for n in CHANGED]
        before, after = zip(*((a.rows(0, a.n_rows), b.rows(0, b.n_rows)) for a, b in tensors), strict=True)
    relative = [np.sqrt(((b - a) ** 2).mean() / (a**2).mean()) for a, b in zip(before, after, strict=True)]
    order = np.argsort(relative)[::-1]
    assert rows.locator("span").all_inner_texts() == [CHANGED[i] for i in order]
    shown = [float(t.removesuffix(" %")) / 100 for t in rows.locator("b").all_inner_texts()]
    assert shown == pytest.approx([relative[i] for i in order], rel=1e-2)

    # Only what changed is drawn in colour.
    page.page.mouse.move(5, 5)
    layout = next(m for m in library.models.values() if not m.hidden).layout
    x, y = layout.pixel(CHANGED[0], 11, 13)
    [(pair, _)] = library.pairs.items()
    page.go(f"x={x + 0.5}&y={y + 0.5}&z=6&d={','.join(pair)}")
    value = page.read(CHANGED[0], 11, 13)
    assert np.float32(value) == before[0][11, 13]
    assert np.float32(page.page.locator("[data-field=second]").inner_text()) == after[0][11, 13]

    rows.nth(1).locator("button").click()
    page.settle()
    expect(page.page.locator(".tensor .name")).to_have_text(CHANGED[order[1]])
    page.page.select_option("#compare", index=0)
    expect(page.page.locator(".changes")).to_have_count(0)


def test_picture_of_what_is_seen(page: MapPage) -> None:
    page.go("x=40&y=40&z=3")
    page.page.mouse.move(5, 5)
    seen = page.pixels()
    with page.page.expect_download() as download:
        page.page.keyboard.press("e")
    assert download.value.suggested_filename.endswith(".png")
    picture = np.asarray(Image.open(io.BytesIO(download.value.path().read_bytes())).convert("RGB"))
    assert picture.shape == seen.shape
    assert np.abs(picture.astype(int) - seen).mean() < 1


def test_two_models_lie_side_by_side(browser: Browser, model_path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pxi"
    for suffix in ("", ".atlas"):
        other.with_name(other.name + suffix).write_bytes(model_path.with_name(model_path.name + suffix).read_bytes())
    with Library([model_path, other]) as library, running(library) as url, MapPage.open(browser, f"{url}/") as page:
        expect(page.page.locator(".brand strong")).to_have_text("2 models")
        second = [m for m in library.models.values() if not m.hidden][1]
        x, y = second.layout.pixel("blk.0.ffn_up.weight", 3, 4)
        page.go(f"x={second.x + x + 0.5}&y={y + 0.5}&z=6")
        shown = page.read("blk.0.ffn_up.weight", 3, 4)
        assert np.float32(shown) == second.file.tensors["blk.0.ffn_up.weight"].rows(3, 4)[0, 4]
        page.check()
