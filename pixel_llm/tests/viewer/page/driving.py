"""Drives the map's page as a person would."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, expect

SIZE = 900, 620


class MapPage:
    """The page of the map in a browser. `errors` is what its console and exceptions said."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.errors: list[str] = []
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.errors.append(str(e)))

    @classmethod
    @contextmanager
    def open(cls, browser: Browser, url: str, **options: Any) -> Iterator[Self]:
        """Opens `url` in a browser of its own and waits for the map."""
        size = {"width": SIZE[0], "height": SIZE[1]}
        context = browser.new_context(viewport=size, reduced_motion="reduce", **options)
        try:
            page = cls(context.new_page(), url)
            page.page.goto(url)
            page.settle()
            yield page
        finally:
            context.close()

    def settle(self) -> None:
        """Waits until everything in view is drawn."""
        expect(self.page.locator("#map canvas.map-canvas")).to_be_attached()
        # What was just done reaches the map within a frame.
        self.page.evaluate("() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")
        expect(self.page.locator("#busy")).to_have_attribute("data-settled", "true", timeout=20_000)

    def reset(self) -> None:
        """The state after opening; the view is the whole map."""
        self.page.mouse.move(0, 0)
        self.errors.clear()
        self.page.goto(self.url + "#")
        self.page.keyboard.press("0")
        self.settle()

    def check(self) -> None:
        """Fails with the errors that the page reported."""
        assert self.errors == []
        assert self.page.locator(".failure").count() == 0, self.page.locator(".failure").inner_text()

    def go(self, hash: str) -> None:
        """To a view by its link."""
        self.page.goto(f"{self.url}#{hash}")
        self.settle()

    @property
    def map_box(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of the map on the screen."""
        box = self.page.locator("#map").bounding_box()
        assert box is not None
        return box["x"], box["y"], box["width"], box["height"]

    @property
    def view(self) -> tuple[float, float, float]:
        """x, y and zoom when the map has come to rest."""
        self.settle()
        text = self.page.locator("#view").get_attribute("data-view") or ""
        x, y, zoom = (float(number) for number in text.split())
        return x, y, zoom

    def link(self) -> str:
        """The page's address, once it has followed the view."""
        x, _, _ = self.view
        expect(self.page).to_have_url(re.compile(rf"#x={math.floor(x)}"))
        self.page.wait_for_timeout(400)
        return self.page.url

    def point_at_middle(self, dx: float = 0, dy: float = 0, steps: int = 1) -> None:
        """Moves the mouse to the map's middle, plus some pixels."""
        left, top, width, height = self.map_box
        self.page.mouse.move(left + width / 2 + dx, top + height / 2 + dy, steps=steps)

    def read(self, tensor: str, row: int, col: int) -> str:
        """The value that the page states for the weight in the middle, which must be this one."""
        self.point_at_middle()
        field = self.page.locator
        expect(field("[data-field=tensor]")).to_have_text(tensor)
        expect(field("[data-field=row]")).to_have_text(str(row))
        expect(field("[data-field=col]")).to_have_text(str(col))
        value = field("[data-field=value]")
        expect(value).not_to_have_text("…")
        return value.inner_text()

    def pixels(self) -> NDArray[np.uint8]:
        """The map as it is on the screen, (height, width, 3)."""
        left, top, width, height = self.map_box
        png = self.page.screenshot(clip={"x": left, "y": top, "width": width, "height": height})
        return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))

    def search(self, text: str) -> None:
        """Types into the search box and takes the first hit."""
        self.page.keyboard.press("/")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        self.settle()

    def legend(self) -> str:
        """The legend's title."""
        return re.sub(r"\s+", " ", self.page.locator(".legend h2").inner_text())
