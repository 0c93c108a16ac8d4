"""The contact sheet shows what is in the model, and the pictures of tensors show their weights."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from pixel_llm.errors import IntegrityError, InvalidArgumentError, NotFoundError
from pixel_llm.formats.block_statistics import BlockStatistics, loudness
from pixel_llm.formats.colour_maps import BACKGROUND, colour, diverging
from pixel_llm.formats.contact_sheet import MAX_WIDTH, ContactSheet, budget, parameters, plan
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.formats.picture import picture
from pixel_llm.formats.sheet_drawing import draw
from pixel_llm.tests.formats.model_file_helpers import canonical_tensors, import_folder, write_folder

HEAD_DIM = 16


def filled(tensors: dict[str, np.ndarray], **options: object) -> ContactSheet:
    sheet = plan({n: v.shape for n, v in tensors.items()}, title="T", head_dim=HEAD_DIM, **options)
    for name, cell in sheet.cells.items():
        rows = tensors[name].reshape(cell.matrix)
        for start in range(0, len(rows), 50):
            wanted = cell.statistics.wanted(start, start + 50)
            cell.statistics.add(wanted, rows[wanted])
    return sheet


def cell_pixels(sheet: ContactSheet, picture: np.ndarray, name: str) -> np.ndarray:
    cell = sheet.cells[name]
    return picture[cell.y : cell.y + cell.height, cell.x : cell.x + cell.width].astype(int)


def amber(pixels: np.ndarray) -> np.ndarray:
    """What the colours mean, -1 … 1: the place in the map of the nearest colour."""
    distance = np.abs(pixels[..., None, :] - diverging().astype(int)).sum(-1)
    return distance.argmin(-1) / 127.5 - 1


def test_a_loud_head_is_a_loud_stripe() -> None:
    tensors = canonical_tensors()
    tensors["blk.1.attn_q.weight"][2 * HEAD_DIM : 3 * HEAD_DIM] *= 3
    tensors["blk.0.attn_output.weight"][:, HEAD_DIM : 2 * HEAD_DIM] *= 3
    sheet = filled(tensors, width=900)
    image = draw(sheet)
    for name, head in (("blk.1.attn_q.weight", 2), ("blk.0.attn_output.weight", 1)):
        pixels = amber(cell_pixels(sheet, image, name)).mean(0)
        quarter = len(pixels) // 4
        means = [pixels[i * quarter : (i + 1) * quarter].mean() for i in range(4)]
        assert int(np.argmax(means)) == head
        others = [m for i, m in enumerate(means) if i != head]
        assert means[head] - max(others) > 0.5
        # Heads are parted by a thin line of background.
        assert (cell_pixels(sheet, image, name) == BACKGROUND).all(axis=(0, 2)).sum() == 3


def test_an_outlier_channel_is_a_line_through_its_matrices() -> None:
    tensors = canonical_tensors()
    for part in ("ffn_gate", "ffn_up"):
        tensors[f"blk.0.{part}.weight"][:, 40] *= 20
    tensors["blk.0.ffn_down.weight"][40] *= 20
    sheet = filled(tensors, width=1600)
    image = draw(sheet)
    for part in ("ffn_gate", "ffn_up", "ffn_down"):
        cell = sheet.cells[f"blk.0.{part}.weight"]
        lines = cell_pixels(sheet, image, cell.name).sum(2).mean(1)
        assert abs(int(np.argmax(lines)) - 40 * cell.height // 64) <= 1


def test_rare_tokens_show() -> None:
    tensors = canonical_tensors()
    tensors["token_embd.weight"][80:] *= 0.1
    sheet = filled(tensors, width=800)
    pixels = amber(cell_pixels(sheet, draw(sheet), "token_embd.weight")).mean(0)
    border = 80 * len(pixels) // 96
    assert pixels[border + 5 :].max() < pixels[: border - 5].min()


def test_layers_are_in_order_and_cells_apart() -> None:
    shapes = {n: v.shape for n, v in canonical_tensors(layers=12).items()}
    shuffled = dict(sorted(shapes.items(), reverse=True))
    sheet = plan(shuffled, title="T", width=1000)
    assert set(sheet.cells) == set(shapes)
    order = sorted(sheet.cells.values(), key=lambda c: (c.y, c.x))
    numbers = [int(m[1]) for c in order if (m := re.match(r"blk\.(\d+)\.", c.name))]
    assert numbers == sorted(numbers)
    assert order[0].name == "token_embd.weight"
    assert [c.name for c in order[-2:]] == ["output.weight", "output_norm.weight"]
    covered = np.zeros((sheet.height, sheet.width), int)
    for cell in order:
        assert cell.x >= 0 and cell.x + cell.width <= sheet.width and cell.y + cell.height <= sheet.height
        covered[cell.y : cell.y + cell.height, cell.x : cell.x + cell.width] += 1
    assert covered.max() == 1
    first = [c.name.removeprefix("blk.0.") for c in order if c.name.startswith("blk.0.")]
    assert first == [
        "attn_norm.weight",
        "attn_q.weight",
        "attn_k.weight",
        "attn_v.weight",
        "attn_output.weight",
        "ffn_norm.weight",
        "ffn_gate.weight",
        "ffn_up.weight",
        "ffn_down.weight",
    ]


@pytest.mark.parametrize("layers", [1, 48, 128])
@pytest.mark.parametrize("nbytes", [0, 10**8, 10**11])
def test_the_sheet_stays_small(layers: int, nbytes: int) -> None:
    shapes = {n: v.shape for n, v in canonical_tensors(layers=layers).items()}
    sheet = plan(shapes, title="T", nbytes=nbytes)
    size = sheet.width * sheet.height * 3
    assert size <= max(budget(nbytes), 240 * 12 * (layers + 20) * 3)
    assert sheet.width == MAX_WIDTH or nbytes < 10**11
    assert draw(sheet).shape == (sheet.height, sheet.width, 3)


@pytest.mark.parametrize(
    "shapes",
    [
        {"x": (1,)},
        {"x": (1, 1), "y": (1, 5000), "z": (5000, 1)},
        {"blk.0.attn_q.weight": (3, 1), "blk.9.strange.bias": (7,), "blk.3.attn_k.weight": (1, 1)},
        {f"t{i}": (3, 3) for i in range(300)},
        {"token_embd.weight": (2, 2), "output.weight": (2, 2), "output.bias": (2,)},
    ],
)
def test_tensors_of_any_shape(shapes: dict[str, tuple[int, ...]]) -> None:
    for width in (240, 1000):
        sheet = plan(shapes, title="A very long title " * 20, subtitle="s" * 500, head_dim=1, width=width)
        for cell in sheet.cells.values():
            wanted = cell.statistics.wanted(0, cell.matrix[0])
            cell.statistics.add(wanted, np.ones((len(wanted), cell.matrix[1]), np.float32))
        assert draw(sheet).shape == (sheet.height, width, 3)


def test_it_is_the_same_every_time_and_says_what_it_is() -> None:
    tensors = canonical_tensors()
    one, two = draw(filled(tensors, width=600)), draw(filled(tensors, width=600))
    np.testing.assert_array_equal(one, two)
    tensors["blk.1.ffn_up.weight"][7] *= 4
    assert (draw(filled(tensors, width=600)) != one).any()
    assert parameters({"a": (1000, 1000), "b": (500,)}) == "1.0M parameters"
    assert parameters({"a": (20,)}) == "20 parameters"


def test_block_statistics_equal_the_definition() -> None:
    values = np.random.default_rng(3).standard_normal((37, 53)).astype(np.float32)
    values[5, 6], values[7, 8] = np.nan, np.inf
    whole = BlockStatistics(37, 53, 5, 7)
    for start in range(0, 37, 10):
        rows = whole.wanted(start, min(37, start + 10))
        whole.add(rows, values[rows])
    clean = np.where(np.isfinite(values), values, 0).astype(np.float64)
    rows, cols = np.arange(6) * 37 // 5, np.arange(8) * 53 // 7
    for i in range(5):
        # Each row of blocks is sampled in at least most of its rows: with this few weights, in all that were drawn.
        drawn = whole.wanted(int(rows[i]), int(rows[i + 1]))
        for j in range(7):
            block = clean[drawn, cols[j] : cols[j + 1]]
            assert whole.rms()[i, j] == pytest.approx(np.sqrt((block**2).mean()), rel=1e-9)
    sparse = BlockStatistics(10_000, 512, 4, 4, sample=100)
    assert 4 <= len(sparse.wanted(0, 10_000)) <= 8
    assert len(sparse.wanted(20, 20)) == 0


def test_noise_stays_dark_and_structure_glows() -> None:
    rng = np.random.default_rng(0)
    noise = BlockStatistics(600, 600, 60, 60)
    rows = noise.wanted(0, 600)
    values = rng.standard_normal((600, 600)).astype(np.float32)
    noise.add(rows, values[rows])
    loud = BlockStatistics(600, 600, 60, 60)
    values[100:110] *= 4
    loud.add(rows, values[rows])
    assert np.abs(loudness(noise)).mean() < 0.2
    assert loudness(loud)[10].min() > 0.8
    assert not loudness(BlockStatistics(4, 4, 2, 2)).any()


def test_the_colour_map() -> None:
    table = diverging().astype(int)
    light = table @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(light[:128]) <= 0).all() and (np.diff(light[128:]) >= 0).all()
    assert (table[:90, 2] > table[:90, 0]).all() and (table[166:, 0] > table[166:, 2]).all()
    np.testing.assert_array_equal(colour(np.array([-9, np.nan, 9])), diverging()[[0, 128, 255]])


@pytest.fixture
def model(tmp_path: Path) -> ModelFile:
    tensors = canonical_tensors()
    tensors["blk.0.attn_q.weight"][:] = 0.01
    tensors["blk.0.attn_q.weight"][3, 9] = -1
    tensors["blk.0.attn_q.weight"][50, 60] = 1
    import_folder(write_folder(tmp_path / "src", tensors), tmp_path / "m.pxi")
    return ModelFile.open(tmp_path / "m.pxi")


def test_page_0_is_the_sheet_for_any_program(tmp_path: Path, model: ModelFile) -> None:
    sheet = model.pxi.contact_sheet()
    with Image.open(tmp_path / "m.pxi") as image:
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), sheet)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "m.pxi", key=0), sheet)
    assert len(np.unique(sheet.reshape(-1, 3), axis=0)) > 50


def test_pictures_of_the_model_and_its_tensors(model: ModelFile) -> None:
    sheet = picture(model, max_size=1200)
    assert sheet.mode == "RGB" and sheet.width == 1200
    weights = np.asarray(picture(model, "blk.0.attn_q.weight", max_size=64)).astype(int)
    assert weights.shape == (64, 64, 3)
    assert amber(weights)[50, 60] == 1 and amber(weights)[3, 9] == -1
    assert picture(model, "blk.0.attn_q.weight").size == (512, 512)  # squares of 8 × 8
    assert picture(model, "output_norm.weight").size == (512, 8)


def test_a_tensor_beyond_the_cap_keeps_its_outliers(model: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pixel_llm.formats.picture._CHUNK", 64 * 5)
    monkeypatch.setattr("pixel_llm.formats.picture._ZOOM", 1)
    small = np.asarray(picture(model, "output.weight", max_size=64)).astype(int)
    assert small.shape == (64, 64, 3)
    values = model.tensors["output.weight"].rows()
    row, col = np.unravel_index(np.argmax(values), values.shape)
    assert amber(small)[row * 64 // 96, col] > 0.99


def test_pictures_refuse_nonsense(tmp_path: Path, model: ModelFile) -> None:
    with pytest.raises(NotFoundError, match=r"blk\.0\.attn_q\.weight"):
        picture(model, "attn_q")
    for size in (0, 63, 1 << 15):
        with pytest.raises(InvalidArgumentError, match="max_size"):
            picture(model, max_size=size)
    offset = model.pxi.pages["output.weight"].offset
    model.close()
    data = bytearray((tmp_path / "m.pxi").read_bytes())
    data[offset + 3] ^= 1
    (tmp_path / "m.pxi").write_bytes(data)
    with ModelFile.open(tmp_path / "m.pxi") as damaged:
        with pytest.raises(IntegrityError, match=r"output\.weight"):
            picture(damaged, "output.weight")
        picture(damaged, "token_embd.weight")
