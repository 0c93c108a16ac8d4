"""Pan, zoom, search, keys and links."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from pixel_llm.tests.viewer.page.driving import MapPage
from pixel_llm.viewer.library import Library


def test_the_whole_map_is_seen_first(page: MapPage, library: Library) -> None:
    x, y, _ = page.view
    bounds = next(m for m in library.models.values() if not m.hidden).layout.bounds
    assert (x, y) == pytest.approx((bounds.x + bounds.width / 2, bounds.y + bounds.height / 2), abs=1)
    colours = np.unique(page.pixels().reshape(-1, 3), axis=0)
    assert len(colours) > 200


def test_drag_moves_the_map_with_the_mouse(page: MapPage) -> None:
    page.go("x=100&y=200&z=2")
    page.point_at_middle()
    page.page.mouse.down()
    page.point_at_middle(120, -80, steps=20)
    page.page.mouse.up()
    # A drag begins with the first pixels, which may be a click.
    assert page.view == pytest.approx((100 - 120 / 4, 200 + 80 / 4, 2), abs=2)


def test_wheel_zooms_about_the_cursor(page: MapPage) -> None:
    page.go("x=100&y=200&z=1")
    page.point_at_middle(150, 90)
    for _ in range(3):
        page.page.mouse.wheel(0, -120)
        page.page.wait_for_timeout(40)
    x, y, zoom = page.view
    assert zoom > 1.5
    assert (x + 150 / 2**zoom, y + 90 / 2**zoom) == pytest.approx((100 + 150 / 2, 200 + 90 / 2), abs=0.2)


def test_zoom_has_ends_far_out_and_deep(page: MapPage) -> None:
    page.go("x=100&y=200&z=-30")
    page.point_at_middle()
    page.page.mouse.wheel(0, 400)
    assert page.view[2] < -30
    page.go("x=10.5&y=20.5&z=7.9")
    for _ in range(4):
        page.page.mouse.wheel(0, -400)
    assert page.view[2] == 8


@pytest.mark.parametrize(
    ("text", "tensor", "head"),
    [
        ("attn_q 2 head 3", "blk.2.attn_q.weight", 3),
        ("down 1", "blk.1.ffn_down.weight", None),
        ("token_embd", "token_embd.weight", None),
        ("up 0 [7, 9]", "blk.0.ffn_up.weight", None),
    ],
)
def test_search_flies_there(page: MapPage, library: Library, text: str, tensor: str, head: int | None) -> None:
    page.search(text)
    x, y, _ = page.view
    layout = next(m for m in library.models.values() if not m.hidden).layout
    if "[" in text:
        assert (x, y) == pytest.approx(np.add(layout.pixel(tensor, 7, 9), 0.5), abs=0.1)
        expect(page.page.locator("[data-field=col]")).to_have_text("9")
    else:
        regions = [r for r in layout.regions_of(tensor) if head is None or r.head == head]
        assert min(r.x for r in regions) <= x <= max(r.x + r.width for r in regions)
        assert min(r.y for r in regions) <= y <= max(r.y + r.height for r in regions)
    expect(page.page.locator(".tensor .name")).to_have_text(tensor)


def test_search_for_a_layer_and_for_nothing(page: MapPage, library: Library) -> None:
    page.search("layer 2")
    y = page.view[1]
    layout = next(m for m in library.models.values() if not m.hidden).layout
    regions = [r for r in layout.regions if r.tensor.startswith("blk.2.")]
    assert min(r.y for r in regions) <= y <= max(r.y + r.height for r in regions)
    page.page.fill("#search", "no such thing")
    expect(page.page.locator("#hits")).to_contain_text("Nothing is called that")
    page.page.keyboard.press("Escape")


def test_keys(page: MapPage) -> None:
    page.go("x=100&y=200&z=2")
    press = page.page.keyboard.press
    _, _, width, height = page.map_box
    press("ArrowRight")
    press("ArrowDown")
    assert page.view == pytest.approx((100 + 0.2 * width / 4, 200 + 0.2 * height / 4, 2), abs=0.3)
    press("+")
    assert page.view[2] == 3
    press("-")
    press("-")
    assert page.view[2] == 1
    press("0")
    home = page.view
    page.go("x=0&y=-100&z=0")
    press("]")
    first = page.view
    press("]")
    assert page.view[1] > first[1] > 0
    press("[")
    assert page.view == pytest.approx(first)
    press("s")
    expect(page.page.locator("#statistic")).to_have_value("mean")
    press("c")
    expect(page.page.locator("#palette")).to_have_value("ember")
    press("p")
    expect(page.page.locator(".panel")).to_have_count(0)
    press("p")
    press("?")
    expect(page.page.locator("dialog.help")).to_be_visible()
    press("Escape")
    expect(page.page.locator("dialog.help")).to_be_hidden()
    press("0")
    assert page.view == pytest.approx(home)


def test_a_link_reproduces_the_view(page: MapPage, browser: Browser) -> None:
    page.page.select_option("#statistic", "max")
    page.page.get_by_role("button", name="absolute").click()
    page.page.select_option("#palette", "cividis")
    page.search("blk.1.attn_k.weight")
    page.page.locator("#fit-range").click()
    page.settle()
    before = page.view
    link = page.link()
    page.page.mouse.move(5, 5)
    seen = page.pixels()
    with MapPage.open(browser, link) as again:
        again.page.mouse.move(5, 5)
        assert again.view == pytest.approx(before, abs=0.02)
        expect(again.page.locator("#statistic")).to_have_value("max")
        expect(again.page.locator("#palette")).to_have_value("cividis")
        expect(again.page.locator(".tensor .name")).to_have_text("blk.1.attn_k.weight")
        assert np.abs(again.pixels().astype(int) - seen).max() <= 2
        again.check()


def test_the_link_is_copied(browser: Browser, url: str) -> None:
    with MapPage.open(browser, f"{url}#x=5&y=6&z=1", permissions=["clipboard-read", "clipboard-write"]) as page:
        link = page.link()
        page.page.keyboard.press("l")
        expect(page.page.locator(".notice")).to_have_text("Link copied")
        assert page.page.evaluate("() => navigator.clipboard.readText()") == link
