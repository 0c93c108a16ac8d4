"""The page on a plain web server that answers range requests, and what it says when something is wrong."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from pixel_llm.formats.model_file import ModelFile
from pixel_llm.tests.viewer.page.driving import MapPage
from pixel_llm.tests.viewer.page.test_reading import random_places, value_of
from pixel_llm.viewer.library import Library
from pixel_llm.viewer.server import running
from pixel_llm.viewer.static_site import export_site


class RangeHandler(SimpleHTTPRequestHandler):
    """Files, whole or in part (RFC 9110, section 14), and nothing else."""

    protocol_version = "HTTP/1.1"
    ranges: ClassVar[bool] = True

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if not (self.ranges and wanted and path.is_file()):
            super().do_GET()
            return
        start, end = int(wanted[1]), int(wanted[2])
        data = path.read_bytes()
        part = data[start : end + 1]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{start + len(part) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)


class WithoutRanges(RangeHandler):
    ranges = False


@contextmanager
def serving(folder: Path, handler: type[RangeHandler] = RangeHandler) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), lambda *args: handler(*args, directory=str(folder))) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def site(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    export_site(library, folder / "map")
    return folder


def test_weights_and_overview_under_a_prefix(browser: Browser, site: Path, library: Library, model: ModelFile) -> None:
    viewed = next(m for m in library.models.values() if not m.hidden)
    with serving(site) as url, MapPage.open(browser, f"{url}/map/index.html") as page:
        assert len(np.unique(page.pixels().reshape(-1, 3), axis=0)) > 200
        for number, (tensor, row, col) in enumerate(random_places(model, 18)):
            x, y = viewed.layout.pixel(tensor, row, col)
            page.page.goto(f"{page.url}#x={x + 0.5}&y={y + 0.5}&z={(6, -1)[number % 2]}")
            shown, expected = float(page.read(tensor, row, col)), value_of(model, tensor, row, col)
            assert np.float32(shown) == expected or np.isnan(expected)
        page.check()


def test_static_and_served_maps_look_alike(browser: Browser, site: Path, url: str, library: Library) -> None:
    """Tiles from byte ranges are the server's tiles, at the levels of weights, computed and stored statistics."""
    with (
        serving(site) as address,
        MapPage.open(browser, url) as served,
        MapPage.open(browser, f"{address}/map/index.html") as static,
    ):
        first_level = next(m.atlas.first_level for m in library.models.values() if m.atlas is not None)
        for zoom in (2, -1, 1 - first_level):
            pictures = []
            for page in (served, static):
                page.go(f"x=90&y=120&z={zoom}&s=rms")
                page.page.mouse.move(5, 5)
                pictures.append(page.pixels().astype(int))
            alike = (np.abs(pictures[0] - pictures[1]).max(axis=2) <= 6).mean()
            assert alike > 0.995, zoom


def test_a_server_without_ranges_is_named(browser: Browser, site: Path) -> None:
    with serving(site, WithoutRanges) as url, MapPage.open(browser, f"{url}/map/index.html") as page:
        page.go("x=90&y=120&z=-7")
        expect(page.page.locator(".failure")).to_contain_text("does not answer range requests")


def test_a_damaged_atlas_is_named(browser: Browser, library: Library, tmp_path: Path) -> None:
    export_site(library, tmp_path / "map")
    [atlas] = (tmp_path / "map" / "models").glob("*.atlas")
    data = bytearray(atlas.read_bytes())
    data[100] ^= 1
    atlas.write_bytes(data)
    with serving(tmp_path) as url, MapPage.open(browser, f"{url}/map/index.html") as page:
        page.go("x=90&y=120&z=-7")
        expect(page.page.locator(".failure")).to_contain_text("damaged")


def test_a_server_that_ended_is_named(browser: Browser, model_path: Path) -> None:
    with ExitStack() as stack, Library([model_path]) as library:
        with running(library) as url:
            opened = stack.enter_context(MapPage.open(browser, f"{url}/#x=20.5&y=30.5&z=3"))
        opened.point_at_middle()
        expect(opened.page.locator(".failure")).to_contain_text("is the server still running?")
