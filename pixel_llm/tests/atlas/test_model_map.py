"""The map from Python, and comparing two models."""

from __future__ import annotations

import io
import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pixel_llm
from pixel_llm.atlas.compare import Differences, changes
from pixel_llm.atlas.model_map import MAX_AREA, ModelMap
from pixel_llm.core.pxi import PxiUpdater
from pixel_llm.errors import InvalidArgumentError, NotFoundError
from pixel_llm.formats.encodings import BF16, F32
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.testing.specs import SPECS
from pixel_llm.testing.stored_model import write_model


@pytest.fixture
def plane(mixed: ModelFile) -> Iterator[ModelMap]:
    made = ModelMap(mixed)
    yield made
    made.close()


def test_tensors_by_name_and_regions_by_place(plane: ModelMap, mixed: ModelFile) -> None:
    for name, tensor in mixed.tensors.items():
        np.testing.assert_array_equal(plane[name], tensor.rows())
    head = plane.regions("blk.0.attn_q.weight")[2]
    found = plane.region(head.x - 1, head.y, head.width + 1, head.height)
    assert head.head == 2 and np.isnan(found[:, 0]).all()
    np.testing.assert_array_equal(found[:, 1:], plane["blk.0.attn_q.weight"][head.row : head.row + head.height])
    assert np.isnan(plane.region(10**9, -(10**9), 3, 2)).all()


def test_there_and_back(plane: ModelMap) -> None:
    x, y = plane.pixel("blk.1.attn_k.weight", 17, 3)
    element = plane.locate(x, y)
    assert element is not None
    assert (element.tensor, element.row, element.col, element.layer) == ("blk.1.attn_k.weight", 17, 3, 1)
    assert plane.value(x, y) == plane["blk.1.attn_k.weight"][17, 3]
    assert plane.locate(x, 10**12) is plane.value(x, 10**12) is None


def test_exact_statistics(plane: ModelMap) -> None:
    r = plane.regions("blk.0.wide.weight")[0]
    assert r.x % 32 == r.y % 16 == 0
    found = plane.statistics(4, r.x // 16, r.y // 16, 10, 2)
    values = plane["blk.0.wide.weight"][:32, :160].reshape(2, 16, 10, 16).astype(np.float64)
    np.testing.assert_allclose(found["mean"], values.mean((1, 3)), atol=1e-6)
    np.testing.assert_allclose(found["rms"], np.sqrt((values**2).mean((1, 3))), rtol=1e-6)
    np.testing.assert_array_equal(found["max"], values.max((1, 3)))
    assert (found["count"] == 256).all() and (found["zeros"] == 0).all()


def test_what_is_refused(plane: ModelMap) -> None:
    for size in ((0, 1), (1, -1), (MAX_AREA, 2)):
        with pytest.raises(InvalidArgumentError):
            plane.region(0, 0, *size)
        with pytest.raises(InvalidArgumentError):
            plane.statistics(1, 0, 0, *size)
    with pytest.raises(InvalidArgumentError, match="level"):
        plane.statistics(99, 0, 0, 1, 1)
    with pytest.raises(InvalidArgumentError, match="rms"):
        plane.picture("loudness")
    with pytest.raises(InvalidArgumentError, match="max_size"):
        plane.picture(max_size=0)
    for ask in (plane.__getitem__, plane.regions, lambda n: plane.pixel(n, 0, 0), plane.tensor_statistics):
        with pytest.raises(NotFoundError):
            ask("no.such.tensor")


@pytest.mark.parametrize("statistic", ["rms", "mean", "min", "max", "zeros", "nonfinite"])
def test_pictures(plane: ModelMap, statistic: str) -> None:
    picture = plane.picture(statistic, max_size=600)
    b = plane.bounds
    assert picture.mode == "RGB" and max(picture.size) <= 601
    assert picture.width / picture.height == pytest.approx(b.width / b.height, rel=0.2)
    assert (
        len(set(picture.getdata() if not hasattr(picture, "get_flattened_data") else picture.get_flattened_data())) > 2
    )


def test_the_picture_is_the_same_with_an_atlas(mixed_pxi: Path, tmp_path: Path) -> None:
    path = shutil.copy(mixed_pxi, tmp_path / "m.pxi")
    with pixel_llm.open(path) as model:
        plain = model.map.picture(max_size=640)
        with pytest.raises(NotFoundError, match="map build"):
            model.map.tensor_statistics("token_embd.weight")
        model.map.build()
        assert model.map.atlas is not None and plain.tobytes() == model.map.picture(max_size=640).tobytes()
        assert model.map.tensor_statistics("token_embd.weight").count == 300 * 64


def test_a_notebook_shows_it(mixed_pxi: Path, tmp_path: Path) -> None:
    path = shutil.copy(mixed_pxi, tmp_path / "a <b> & c.pxi")
    with pixel_llm.open(path) as model:
        text = model.map._repr_html_()
        assert "a &lt;b&gt; &amp; c.pxi" in text and "<b>" not in text and "data:image/png;base64," in text
        assert Image.open(io.BytesIO(model.map._repr_png_())).size[0] > 100
        assert "ModelMap(" in repr(model.map)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[ModelFile, ModelFile]]:
    def other(name: str, weights: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        if name == "blk.1.attn_k.weight":
            weights[3, 5] += 2
        if name == "output_norm.weight":
            weights *= 1.25
        return weights

    a = write_model(tmp_path / "a.pxi", SPECS["plain"], encodings=[F32])
    b = write_model(tmp_path / "b.pxi", SPECS["plain"], encodings=[F32], change=other)
    with ModelFile.open(a) as one, ModelFile.open(b) as two:
        yield one, two


def test_changes_are_sorted_and_exact(pair: tuple[ModelFile, ModelFile]) -> None:
    seen: list[tuple[int, int]] = []
    found = changes(*pair, progress=lambda done, total: seen.append((done, total)))
    assert [c.tensor for c in found[:2]] == ["output_norm.weight", "blk.1.attn_k.weight"]
    assert found[0].relative == pytest.approx(0.25, rel=1e-6) and found[0].changed == 1
    count = 64 * 64
    assert found[1].max == pytest.approx(2, rel=1e-6) and found[1].changed == 1 / count
    assert found[1].rms == pytest.approx(2 / math.sqrt(count), rel=1e-6)
    assert all((c.rms, c.relative, c.max, c.changed) == (0, 0, 0, 0) for c in found[2:])
    assert seen[-1][0] == seen[-1][1] and len(found) == len(pair[0].tensors)


def test_differences_are_of_the_weights(pair: tuple[ModelFile, ModelFile]) -> None:
    read = Differences(*pair).values
    part = read("blk.1.attn_k.weight", 2, 4, 3, 4)
    assert part[1, 1] == pytest.approx(2, rel=1e-6) and np.count_nonzero(part) == 1
    assert not read("token_embd.weight", 0, 0, 5, 64).any()
    assert Differences(*reversed(pair)).values("blk.1.attn_k.weight", 3, 5, 1, 1)[0, 0] == -part[1, 1]


def test_only_like_can_be_compared(pair: tuple[ModelFile, ModelFile], tmp_path: Path) -> None:
    for spec in (SPECS["grouped-query"], SPECS["qkv-bias"], SPECS["tied"]):
        path = write_model(tmp_path / f"{spec.kv_heads}{spec.qkv_bias}{spec.tied_output}.pxi", spec, encodings=[F32])
        with ModelFile.open(path) as other:
            for one, two in ((pair[0], other), (other, pair[0])):
                with pytest.raises(InvalidArgumentError, match="cannot be compared"):
                    changes(one, two)
                with pytest.raises(InvalidArgumentError):
                    Differences(one, two)


def test_other_encodings_and_broken_weights_compare(tmp_path: Path) -> None:
    def broken(name: str, weights: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        if name == "blk.0.attn_norm.weight":
            weights[:3] = [np.nan, np.inf, 0]
        return weights

    a = write_model(tmp_path / "a.pxi", SPECS["plain"], encodings=[F32])
    b = write_model(tmp_path / "b.pxi", SPECS["plain"], encodings=[BF16], change=broken)
    with ModelFile.open(a) as one, ModelFile.open(b) as two:
        found = {c.tensor: c for c in changes(one, two)}
        assert 0 < found["blk.0.attn_q.weight"].relative < 2**-8
        assert found["blk.0.attn_norm.weight"].changed == 3 / 64 and math.isfinite(found["blk.0.attn_norm.weight"].rms)
        part = Differences(one, two).values("blk.0.attn_norm.weight", 0, 0, 1, 4)[0]
        assert np.isnan(part[:2]).all() and part[2] < 0 and part[3] == 0


def test_from_nothing_to_something_is_infinite(tmp_path: Path) -> None:
    def zero(name: str, weights: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        return weights * 0 if name == "output_norm.weight" else weights

    a = write_model(tmp_path / "a.pxi", SPECS["plain"], encodings=[F32], change=zero)
    b = write_model(tmp_path / "b.pxi", SPECS["plain"], encodings=[F32])
    with ModelFile.open(a) as one, ModelFile.open(b) as two:
        assert changes(one, two)[0].relative == math.inf and changes(two, one)[0].relative == 1


def test_a_generation_compares_with_the_next(tmp_path: Path) -> None:
    path = write_model(tmp_path / "m.pxi", SPECS["plain"], encodings=[F32])
    with PxiUpdater(path) as update:
        update.replace_array("output_norm.weight", np.zeros((1, 64), np.float32))
        update.commit()
    with pixel_llm.open(path, generation=1) as old, pixel_llm.open(path) as new:
        assert [c.tensor for c in old.map.changes(new.map) if c.rms] == ["output_norm.weight"]
