"""The HTTP side: every answer against NumPy, and what clients may not do."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel_llm.atlas import tile_format
from pixel_llm.atlas.blocks import block_sums, values_of
from pixel_llm.atlas.statistics import STATISTICS
from pixel_llm.atlas.weights import ModelWeights
from pixel_llm.errors import InvalidArgumentError, NotFoundError, StorageError
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.tests.viewer.conftest import CHANGED, Site
from pixel_llm.viewer.library import Library
from pixel_llm.viewer.server import listen, running


def visible(site: Site) -> str:
    return next(m.id for m in site.library.models.values() if not m.hidden)


def test_the_plane_says_what_there_is(site: Site) -> None:
    answer = site.get("api/plane.json")
    plane = answer.json()
    assert answer.status_code == 200 and plane["server"] is True and plane["tile"] == 256
    assert [m["hidden"] for m in plane["models"]] == [False, True, False]
    assert [m["generation"] for m in plane["models"]] == [2, 1, 1]
    one, earlier, two = plane["models"]
    side = 256 << max(0, max(m["max_level"] for m in plane["models"]) - 2)
    assert one["x"] == earlier["x"] == 0 and two["x"] % side == 0
    assert two["x"] >= one["x"] + one["bounds"]["x"] + one["width"]
    assert plane["bounds"]["width"] == two["x"] + two["width"]
    assert all(re.fullmatch(r"[a-z0-9-]+-[0-9a-f]{8}", m["id"]) for m in plane["models"])
    pairs = {(p["a"], p["b"]) for p in plane["compare"]}
    assert pairs == {(earlier["id"], one["id"]), (one["id"], two["id"])}


def test_the_layout_locates_every_plane_in_the_file(site: Site, model_paths: list[Path]) -> None:
    layout = site.get(f"api/models/{visible(site)}/layout.json").json()
    data = model_paths[0].read_bytes()
    with ModelFile.open(model_paths[0]) as model:
        assert [t["name"] for t in layout["tensors"]] == list(model.tensors)
        for item in layout["tensors"]:
            tensor = model.tensors[item["name"]]
            assert item["encoding"] == tensor.encoding.name and item["stats"]["count"] == np.prod(tensor.shape)
            for plane, array in zip(item["planes"], tensor.planes(), strict=True):
                raw = data[plane["offset"] : plane["offset"] + plane["bytes"]]
                assert raw == np.ascontiguousarray(array).tobytes()
                assert plane["width_bytes"] * tensor.n_rows == plane["bytes"] and plane["sample"] == str(array.dtype)
            assert sum(r["width"] * r["height"] for r in item["regions"]) == np.prod(tensor.shape)
    heads = {r["head"] for t in layout["tensors"] if t["name"] == "blk.0.attn_q.weight" for r in t["regions"]}
    assert heads == {0, 1, 2, 3}
    assert {"section", "layer", "column"} == {label["kind"] for label in layout["labels"]}


def test_tiles_of_every_level_are_the_weights(site: Site) -> None:
    model = site.library.model(visible(site))
    read = ModelWeights(model.file)
    met = 0
    for level in range(model.pyramid.max_level + 1):
        for x, y in model.layout.tiles(level)[:40]:
            answer = site.get(f"api/models/{model.id}/tiles/{level}/{x}/{y}.bin")
            assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
            found, planes = tile_format.decode_tile(answer.content)
            assert found == level
            if level == 0:
                np.testing.assert_array_equal(planes[0], values_of(read, model.layout, x * 256, y * 256, 256, 256))
                continue
            exact = block_sums(read, model.layout, level, x * 256, y * 256, 256, 256).statistics()
            for name, plane in zip(STATISTICS, planes, strict=True):
                np.testing.assert_allclose(plane, exact[name], rtol=2**-9, atol=1 / 254, err_msg=name)
            met += 1
    assert met >= 5


def test_a_tile_comes_packed_only_where_that_is_taken(site: Site) -> None:
    path = f"api/models/{visible(site)}/tiles/1/0/0.bin"
    plain = site.get(path, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    for header in ("deflate", "gzip, deflate, br", "*", "gzip;q=0.5, deflate;q=0.1"):
        answer = site.get(path, headers={"accept-encoding": header}, stream=True)
        assert answer.headers["content-encoding"] == "deflate"
        raw = answer.raw.read(decode_content=False)
        assert int(answer.headers["content-length"]) == len(raw) and zlib.decompress(raw) == plain.content
    for header in ("", "gzip", "deflate;q=0", "deflate; q=0.0"):
        assert "content-encoding" not in site.get(path, headers={"accept-encoding": header}).headers


def test_a_tile_that_is_known_is_not_sent_again(site: Site) -> None:
    path = f"api/models/{visible(site)}/tiles/0/0/0.bin"
    tag = site.get(path).headers["etag"]
    again = site.get(path, headers={"if-none-match": tag})
    assert again.status_code == 304 and not again.content and again.headers["etag"] == tag
    assert site.get(path, headers={"if-none-match": '"another"'}).status_code == 200


def test_weights_one_by_one(site: Site) -> None:
    model = site.library.model(visible(site))
    rng = np.random.default_rng(0)
    for name, tensor in model.file.tensors.items():
        row, col = int(rng.integers(tensor.n_rows)), int(rng.integers(tensor.shape[-1]))
        x, y = model.layout.pixel(name, row, col)
        found = site.get(f"api/models/{model.id}/weight?x={x}&y={y}").json()
        assert (found["tensor"], found["row"], found["col"]) == (name, row, col)
        assert np.float32(found["value"]) == tensor.rows()[row, col] and float(found["text"]) == found["value"]
        assert found["encoding"] == tensor.encoding.name
    assert site.get(f"api/models/{model.id}/weight?x=-5&y=7").status_code == 204


def test_what_changed_between_generations(site: Site) -> None:
    earlier = next(m.id for m in site.library.models.values() if m.hidden)
    now = visible(site)
    report = site.get(f"api/compare/{earlier}/{now}/changes.json").json()
    first = report["tensors"][0]
    assert first["name"] == CHANGED and first["changed"] == 1 and first["relative"] > 0.1
    assert all(t["rms"] == t["max"] == t["changed"] == 0 for t in report["tensors"][1:])
    model = site.library.model(now)
    old = site.library.model(earlier).file.tensors[CHANGED].rows()[0]
    region = model.layout.regions_of(CHANGED)[0]
    x, y = region.x // 256, region.y // 256
    tile = site.get(f"api/compare/{earlier}/{now}/tiles/0/{x}/{y}.bin")
    values = tile_format.decode_tile(tile.content)[1][0]
    row, left = region.y - y * 256, region.x - x * 256
    np.testing.assert_array_equal(values[row, left : left + 64], 2 - old)
    top = model.layout.max_level
    planes = tile_format.decode_tile(site.get(f"api/compare/{earlier}/{now}/tiles/{top}/0/0.bin").content)[1]
    size = 1 << top
    met = planes[3][region.y // size, region.x // size : (region.x + 63) // size + 1]
    assert met.max() == pytest.approx((2 - old).max(), rel=2**-9)
    assert np.count_nonzero(np.nan_to_num(planes[1])) <= 64 // size + 1


def test_comparing_is_refused_where_nothing_is_offered(site: Site) -> None:
    one, earlier, two = site.ids
    for pair in (f"{one}/none", f"none/{one}", f"{earlier}/{two}", f"{one}/{one}"):
        assert site.get(f"api/compare/{pair}/changes.json").status_code == 404
        assert site.get(f"api/compare/{pair}/tiles/0/0/0.bin").status_code == 404
    assert site.get(f"api/compare/{two}/{one}/tiles/0/0/0.bin").status_code == 200


BAD = ["tiles/0/0/0", "tiles/0/0/0.png", "tiles/99/0/0.bin", "tiles/-1/0/0.bin", "tiles/0/99999999/0.bin"]
BAD += ["tiles/0/0/-1.bin", "tiles/0/1e3/0.bin", "tiles/0/0x1/0.bin", "tiles/0/%31%00/0.bin", "tiles/0/１/0.bin"]
BAD += ["tiles/0/+1/0.bin", "tiles/0/ 1/0.bin", "tiles/0/1/", "tiles/0/" + "9" * 4000 + "/0.bin", "tiles/٣/0/0.bin"]
BAD += ["tiles/0/--1/0.bin", "tiles/0/-/0.bin", "tiles/0/0/0.bin/..", "tiles/0/0/../../../../plane.json/x"]
BAD += ["weight", "weight?x=1", "weight?x=a&y=1", "weight?x=1&y=" + "9" * 30, "weight?x=nan&y=1", "weight?x=1.5&y=1"]
BAD += ["weight?x=&y=", "weight?x=%00&y=1", "nothing", "", "layout.json/", "..%2f..%2fplane.json"]


@pytest.mark.parametrize("path", BAD)
def test_malformed_requests(site: Site, path: str) -> None:
    answer = site.get(f"api/models/{visible(site)}/{path}")
    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text and str(Path.home()) not in answer.text


segments = st.one_of(
    st.sampled_from(["api", "models", "compare", "tiles", "0", "1", "-1", "..", ".", "layout.json", "weight", "0.bin"]),
    st.integers(-(10**15), 10**15).map(str),
    st.text(max_size=12),
)


@given(st.lists(segments, max_size=8), st.text(max_size=20), st.booleans())
@settings(max_examples=60)
def test_any_path_is_answered_without_an_error_of_ours(site: Site, parts: list[str], query: str, real: bool) -> None:
    start = ["api", "models", visible(site)] if real else []
    path = "/".join(quote(part, safe="") for part in start + parts)
    assert raw(site, f"GET /{path}?{quote(query, safe='=&')}") < 500


def raw(site: Site, line: str, headers: dict[str, str] | None = None) -> int:
    """A request whose path no client library would send."""
    host, port = site.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    try:
        method, path = line.split(" ", 1)
        connection.putrequest(method, path, skip_host=bool(headers and "host" in headers))
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/assets/../../app.py",
        "/assets/%2e%2e/%2e%2e/app.py",
        "/..%2fapp.py",
        "//etc/passwd",
        "/assets/..\\..\\app.py",
        "/%00",
        "/assets/%00.js",
        "/" + "a" * 5000,
        "/api/models/..%2f..%2fetc/layout.json",
        "/api/models/%2e%2e/layout.json",
    ],
)
def test_nothing_outside_the_page_is_served(site: Site, path: str) -> None:
    assert 400 <= raw(site, f"GET {path}") < 500


def test_other_methods_and_other_hosts_are_refused(site: Site) -> None:
    assert all(raw(site, f"{method} /api/plane.json") == 405 for method in ("POST", "PUT", "DELETE", "PATCH"))
    assert raw(site, "GET /api/plane.json", {"host": "evil.example"}) == 400
    assert raw(site, "GET /api/plane.json", {"host": "localhost:1"}) == 200
    headers = site.get("api/plane.json").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff" and "access-control-allow-origin" not in headers
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_a_tile_is_computed_once_for_all_who_wait(model_paths: list[Path]) -> None:
    with Library(model_paths) as library, running(library) as url:
        model = next(iter(library.models.values()))
        calls: list[tuple[int, int, int]] = []
        gate, inner = threading.Event(), model.pyramid.tile

        def slow(level: int, x: int, y: int) -> bytes | None:
            calls.append((level, x, y))
            gate.wait(5)
            return inner(level, x, y)

        model.pyramid.tile = slow  # type: ignore[method-assign]
        import requests

        with ThreadPoolExecutor(8) as pool:
            path = f"{url}/api/models/{model.id}/tiles/1/0/0.bin"
            waiting = [pool.submit(requests.get, path, timeout=30) for _ in range(8)]
            gate.set()
            answers = {w.result().content for w in waiting}
    assert len(answers) == 1 and len(calls) == 1


def test_a_damaged_model_is_an_error_not_a_picture(copies: list[Path]) -> None:
    with ModelFile.open(copies[0]) as model:
        page = model.pxi.pages[model.tensors["token_embd.weight"].pages[0]]
    data = bytearray(copies[0].read_bytes())
    data[page.offset] ^= 1
    copies[0].write_bytes(data)
    with Library(copies[:1]) as library, running(library) as url:
        import requests

        model_id = next(iter(library.models))
        answer = requests.get(f"{url}/api/models/{model_id}/tiles/0/0/0.bin", timeout=30)
        assert answer.status_code == 500 and "SHA-256" in answer.json()["error"]
        assert requests.get(f"{url}/api/plane.json", timeout=30).status_code == 200


def test_without_an_atlas_every_level_is_computed(copies: list[Path], site: Site) -> None:
    with Library(copies[:1]) as library:
        model = next(iter(library.models.values()))
        assert model.atlas is None and model.to_json()["first_level"] == 1
        level = site.library.model(visible(site)).pyramid.max_level
        known = site.library.model(visible(site)).pyramid
        for x, y in model.layout.tiles(min(level, model.pyramid.max_level)):
            mine = model.pyramid.tile(min(level, model.pyramid.max_level), x, y)
            theirs = known.tile(min(level, model.pyramid.max_level), x, y)
            assert mine is not None and theirs is not None
            assert tile_format.unpack(mine) == tile_format.unpack(theirs)


def test_models_of_one_name_are_told_apart(model_paths: list[Path], tmp_path: Path) -> None:
    twin = Path(shutil.copy(model_paths[0], tmp_path / "twin.pxi"))
    with Library([model_paths[0], twin]) as library:
        shown = [m for m in library.models.values() if not m.hidden]
        assert [m.name for m in shown] == ["one", "one (twin)"] and len({m.id for m in shown}) == 2
        assert library.pairs[shown[0].id, shown[1].id] == "one → one (twin)"
        assert all(t["changed"] == 0 for t in library.changes_json(shown[0].id, shown[1].id)["tensors"])


def test_models_that_cannot_be_shown(model_paths: list[Path], tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match="from 1 to"):
        Library([])
    with pytest.raises(InvalidArgumentError, match="twice"):
        Library([model_paths[0], model_paths[0].parent / "." / model_paths[0].name])
    with pytest.raises(NotFoundError):
        Library([model_paths[0], tmp_path / "none.pxi"])


def test_ports() -> None:
    with pytest.raises(InvalidArgumentError):
        listen(70_000)
    with listen(0) as first:
        taken = first.getsockname()[1]
        assert first.getsockname()[0] == "127.0.0.1"
        with pytest.raises(StorageError, match="--port"):
            listen(taken)
    with listen(None) as one, listen(None) as other:
        assert one.getsockname()[1] != other.getsockname()[1]
    assert isinstance(one, socket.socket)
