"""The exported folder: whole or not at all, and enough to read every tile and weight by byte ranges."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import requests

from pixel_llm.atlas import tile_format
from pixel_llm.atlas.atlas_file import HEADER
from pixel_llm.errors import AlreadyExistsError, InvalidArgumentError, NotFoundError
from pixel_llm.formats.encodings import ENCODINGS, decode_rows
from pixel_llm.viewer.library import Library
from pixel_llm.viewer.static_site import export_site


@pytest.fixture
def page(tmp_path: Path) -> Path:
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>", encoding="utf-8")
    (folder / "assets" / "a.js").write_text("1", encoding="utf-8")
    return folder


@pytest.fixture
def library(model_paths: list[Path]) -> Iterator[Library]:
    with Library(model_paths) as opened:
        yield opened


class _Ranges(http.server.SimpleHTTPRequestHandler):
    """What any web server does with `Range: bytes=a-b`."""

    def do_GET(self) -> None:
        wanted = self.headers.get("range")
        if wanted is None:
            super().do_GET()
            return
        first, last = (int(n) for n in wanted.removeprefix("bytes=").split("-"))
        data = Path(self.translate_path(self.path)).read_bytes()[first : last + 1]
        self.send_response(206)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served(library: Library, page: Path, tmp_path: Path) -> Iterator[str]:
    out = tmp_path / "site"
    export_site(library, out, page=page)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: _Ranges(*a, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/site"  # under a prefix
    server.shutdown()
    thread.join()
    server.server_close()


def part(url: str, start: int, length: int) -> bytes:
    answer = requests.get(url, headers={"range": f"bytes={start}-{start + length - 1}"}, timeout=30)
    assert answer.status_code == 206 and len(answer.content) == length
    return answer.content


def test_a_reader_with_ranges_alone_finds_everything(served: str, library: Library) -> None:
    plane = requests.get(f"{served}/api/plane.json", timeout=30).json()
    assert plane["server"] is False and not any(m["hidden"] for m in plane["models"])
    assert [(c["a"], c["b"]) for c in plane["compare"]] == [tuple(m["id"] for m in plane["models"])]
    for entry in plane["models"]:
        model = library.model(entry["id"])
        atlas = f"{served}/{entry['atlas']['url']}"
        offset, length = HEADER.unpack(part(atlas, 0, HEADER.size))[2:4]
        index = json.loads(part(atlas, offset, length))
        assert index["root"] == entry["root"] and offset + length == entry["atlas"]["bytes"]
        for level, x, y, at, size, _ in index["tiles"]:
            data = part(atlas, at, size)
            assert tile_format.decode_tile(tile_format.unpack(data))[0] == level
            assert data == model.pyramid.tile(level, x, y)
        layout = requests.get(f"{served}/api/models/{entry['id']}/layout.json", timeout=30).json()
        for item in layout["tensors"]:
            tensor = model.file.tensors[item["name"]]
            row = tensor.n_rows // 2
            planes = []
            for spec, array in zip(item["planes"], tensor.planes(), strict=True):
                raw = part(
                    f"{served}/{entry['pxi']['url']}", spec["offset"] + row * spec["width_bytes"], spec["width_bytes"]
                )
                planes.append(np.frombuffer(raw, spec["sample"]).reshape(1, *array.shape[1:]))
            np.testing.assert_array_equal(decode_rows(ENCODINGS[item["encoding"]], planes)[0], tensor.rows()[row])
    a, b = (m["id"] for m in plane["models"])
    changes = requests.get(f"{served}/api/compare/{a}/{b}/changes.json", timeout=30).json()
    assert {t["name"] for t in changes["tensors"][:2]} == {"blk.0.attn_q.weight", "blk.1.ffn_norm.weight"}


def test_the_folder_appears_whole_or_not_at_all(library: Library, page: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_site(library, out, page=page, progress=stop)
    assert {p.name for p in tmp_path.iterdir()} == {"page"}
    seen: list[tuple[int, int]] = []
    report = export_site(library, out, page=page, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1] < report.bytes
    assert report.files == sum(p.is_file() for p in out.rglob("*"))
    before = sorted(p.relative_to(out) for p in out.rglob("*"))
    with pytest.raises(AlreadyExistsError):
        export_site(library, out, page=page)
    with pytest.raises(KeyboardInterrupt):
        export_site(library, out, page=page, overwrite=True, progress=stop)
    assert sorted(p.relative_to(out) for p in out.rglob("*")) == before
    export_site(library, out, page=page, overwrite=True)
    assert sorted(p.relative_to(out) for p in out.rglob("*")) == before
    assert {p.name for p in tmp_path.iterdir()} == {"page", "site"}


def test_only_an_export_is_ever_replaced(library: Library, page: Path, tmp_path: Path) -> None:
    for name in ("full", "file"):
        target = tmp_path / name
        if name == "file":
            target.write_text("mine", encoding="utf-8")
        else:
            target.mkdir()
            (target / "mine").write_text("mine", encoding="utf-8")
        with pytest.raises(AlreadyExistsError, match="not replaced"):
            export_site(library, target, page=page, overwrite=True)
    assert (tmp_path / "full" / "mine").read_text() == (tmp_path / "file").read_text() == "mine"
    with pytest.raises(NotFoundError, match="create it first"):
        export_site(library, tmp_path / "no" / "site", page=page)
    with pytest.raises(NotFoundError, match="not built"):
        export_site(library, tmp_path / "site", page=tmp_path / "none")


def test_a_model_needs_its_atlas(copies: list[Path], page: Path, tmp_path: Path) -> None:
    with Library(copies) as library, pytest.raises(InvalidArgumentError, match="map build"):
        export_site(library, tmp_path / "site", page=page)
