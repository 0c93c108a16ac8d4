"""How long the map's page takes from the request until everything in view is drawn, in Chromium without a GPU.

    python benchmarks/map_page.py smollm2.pxi [--runs 7]

Each run has a new browser context, so nothing is cached in the browser; the first also finds the server's cache empty.
States the median and the worst of: the first view (navigation to drawn), a jump to single weights, a jump to another
layer, and another statistic. No peer shows weights as a map, so there is none; the issue asks for a first view within
one second.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from pixel_llm.viewer.library import Library
from pixel_llm.viewer.server import running

OPTIONS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-first-run"]
# Resolves when the page says that everything in view is drawn; asks each frame.
DRAWN = """() => new Promise((done) => {
  let frames = 0;
  const look = () => {
    frames += 1;
    const settled = frames > 1 && document.getElementById("busy")?.dataset.settled === "true";
    if (settled) done(performance.now()); else requestAnimationFrame(look);
  };
  look();
})"""


def first_view(browser: Browser, url: str) -> tuple[Page, float]:
    """A new page and the milliseconds from its navigation until it was drawn."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce").new_page()
    page.goto(url, wait_until="commit")
    return page, float(page.evaluate(DRAWN))


def after(page: Page, action: str) -> float:
    """Milliseconds from an action in the page until everything is drawn."""
    start = time.perf_counter()
    page.evaluate(action)
    page.evaluate(DRAWN)
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("chromium is missing")
    times: dict[str, list[float]] = {}
    with Library([options.model]) as library, running(library) as url, sync_playwright() as playwright:
        bounds = library.plane_json()["bounds"]
        middle = bounds["x"] + bounds["width"] // 2, bounds["y"] + bounds["height"] // 2
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        for run in range(options.runs):
            page, milliseconds = first_view(browser, f"{url}/")
            times.setdefault("first view" if run else "first view, server cold", []).append(milliseconds)
            for name, action in (
                ("to single weights", f"() => {{ location.hash = 'x=200&y={middle[1]}&z=1' }}"),
                ("to blocks of 8 x 8", f"() => {{ location.hash = 'x={middle[0]}&y={middle[1]}&z=-3' }}"),
                ("another statistic", f"() => {{ location.hash = 'x={middle[0]}&y={middle[1]}&z=-3&s=max' }}"),
            ):
                times.setdefault(name, []).append(after(page, action))
            page.context.close()
        browser.close()
    for name, found in times.items():
        print(f"{name:26} median {statistics.median(found):7.0f} ms   worst {max(found):7.0f} ms")


if __name__ == "__main__":
    main()
