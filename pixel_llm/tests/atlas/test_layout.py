"""Where weights lie: no overlaps, every weight once, both directions agree, for every shape of model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixel_llm.atlas.layout import Layout, kind_of, layer_of
from pixel_llm.atlas.layout_plan import ALIGN_X, ALIGN_Y, Heads, plan_layout
from pixel_llm.errors import InvalidArgumentError, NotFoundError, UnsupportedError
from pixel_llm.models.spec import DecoderSpec
from pixel_llm.testing.specs import SPECS


def layout_of(spec: DecoderSpec) -> Layout:
    return plan_layout(spec.tensor_shapes(), Heads(spec.heads, spec.kv_heads, spec.head_dim))


def painted(layout: Layout) -> dict[tuple[int, int], tuple[str, int, int]]:
    """Every pixel of a small layout, by brute force; fails where two regions share one."""
    found: dict[tuple[int, int], tuple[str, int, int]] = {}
    for r in layout.regions:
        for dy in range(r.height):
            for dx in range(r.width):
                assert (r.x + dx, r.y + dy) not in found
                found[r.x + dx, r.y + dy] = (r.tensor, r.row + dy, r.col + dx)
    return found


def check_tiling(layout: Layout) -> None:
    """Each tensor's regions cover it exactly, no two regions of the plane overlap, all start on the grid."""
    for name, (rows, cols) in layout.shapes.items():
        covered = np.zeros((rows, cols), np.int8)
        for r in layout.regions_of(name):
            covered[r.row : r.row + r.height, r.col : r.col + r.width] += 1
        assert (covered == 1).all(), name
    b = layout.bounds
    plane = np.zeros((b.height, b.width), np.int8)
    for r in layout.regions:
        assert r.x % ALIGN_X == 0 and r.y % ALIGN_Y == 0
        plane[r.y - b.y : r.y - b.y + r.height, r.x - b.x : r.x - b.x + r.width] += 1
    assert plane.max() == 1 and plane.sum() == sum(rows * cols for rows, cols in layout.shapes.values())


@pytest.mark.parametrize("name", SPECS)
def test_every_weight_lies_once(name: str) -> None:
    check_tiling(layout_of(SPECS[name]))


def test_both_directions_over_a_whole_model() -> None:
    layout = layout_of(SPECS["grouped-query"])
    pixels = painted(layout)
    for (x, y), (tensor, row, col) in list(pixels.items())[::7]:
        element = layout.locate(x, y)
        assert element is not None and (element.tensor, element.row, element.col) == (tensor, row, col)
        assert layout.pixel(tensor, row, col) == (x, y)
        assert element.layer == layer_of(tensor)
    b = layout.bounds
    empty = [(x, y) for x in range(b.x - 1, b.x + b.width + 1, 5) for y in range(b.y - 1, b.y + b.height + 1, 3)]
    assert all((layout.locate(x, y) is None) == ((x, y) not in pixels) for x, y in empty)


def test_heads_are_rows_of_queries_and_columns_of_the_output() -> None:
    spec = SPECS["grouped-query"]  # 4 heads of 16, 2 KV heads
    layout = layout_of(spec)
    for row in range(spec.heads * spec.head_dim):
        element = layout.locate(*layout.pixel("blk.1.attn_q.weight", row, 5))
        assert element is not None and element.head == row // spec.head_dim and element.layer == 1
        turned = layout.locate(*layout.pixel("blk.1.attn_output.weight", 7, row))
        assert turned is not None and turned.head == row // spec.head_dim
    rows_of = {h: [r.y for r in layout.regions_of("blk.0.attn_q.weight") if r.head == h] for h in range(spec.heads)}
    keys = {r.head: r.y for r in layout.regions_of("blk.0.attn_k.weight")}
    values = {r.head: r.y for r in layout.regions_of("blk.0.attn_v.weight")}
    assert keys == values
    for head in range(spec.heads):  # the first query head of a group stands beside its KV head
        if head % 2 == 0:
            assert rows_of[head] == [keys[head // 2]]


def test_smollm2_is_a_grid_of_three_by_three_heads() -> None:
    layers = {f"blk.{i}.attn_q.weight": (576, 576) for i in range(2)}
    layout = plan_layout(
        {"token_embd.weight": (4096, 576), **layers, "blk.0.attn_k.weight": (192, 576)}, Heads(9, 3, 64)
    )
    heads = layout.regions_of("blk.0.attn_q.weight")
    assert sorted({r.x for r in heads}) == [0, 608, 1216] and len({r.y for r in heads}) == 3
    assert [r.head for r in sorted(heads, key=lambda r: (r.y, r.x))] == list(range(9))


def test_the_order_of_things() -> None:
    layout = layout_of(SPECS["plain"])
    top = {name: min(r.y for r in layout.regions_of(name)) for name in layout.shapes}
    left = {name: min(r.x for r in layout.regions_of(name)) for name in layout.shapes}
    assert top["token_embd.weight"] < top["blk.0.attn_q.weight"] < top["blk.1.attn_q.weight"] < top["output.weight"]
    row = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]
    places = [left[f"blk.0.{part}.weight"] for part in row]
    assert places == sorted(places) and len({top[f"blk.0.{part}.weight"] for part in row}) == 1
    assert left["blk.0.attn_norm.weight"] > max(r.x + r.width for r in layout.regions_of("blk.0.ffn_down.weight"))
    assert top["blk.1.attn_norm.weight"] == top["blk.1.attn_q.weight"] < top["blk.1.ffn_norm.weight"]


@pytest.mark.parametrize("name", SPECS)
def test_no_block_mixes_vectors_with_matrices(name: str) -> None:
    layout = layout_of(SPECS[name])
    size = 1 << layout.max_level
    lines, matrices = set(), set()
    for r in layout.regions:
        across = range(r.x // size, (r.x + r.width - 1) // size + 1)
        down = range(r.y // size, (r.y + r.height - 1) // size + 1)
        (lines if layout.shapes[r.tensor][0] == 1 else matrices).update((x, y) for x in across for y in down)
    assert lines and not lines & matrices


def test_adapters_lie_to_the_left_beside_their_layer() -> None:
    spec = SPECS["plain"]
    extra = {
        "blk.1.attn_q.weight.lora_a": (4, 64),
        "blk.1.attn_q.weight.lora_b": (64, 4),
        "token_embd.weight.delta": (9, 64),
    }
    layout = plan_layout({**spec.tensor_shapes(), **extra}, Heads(spec.heads, spec.kv_heads, spec.head_dim))
    check_tiling(layout)
    plain = layout_of(spec)
    for name in spec.tensor_shapes():  # what was there does not move
        assert layout.regions_of(name) == plain.regions_of(name)
    for name in extra:
        assert all(r.x + r.width <= 0 for r in layout.regions_of(name)) and kind_of(name) == "adapter"
    assert layout.regions_of("blk.1.attn_q.weight.lora_b")[0].y == layout.regions_of("blk.1.attn_q.weight")[0].y
    assert layout.bounds.x < 0


STEMS = ["attn_q.weight", "attn_k.weight", "attn_v.weight", "attn_output.weight", "attn_norm.weight", "ffn_gate.weight"]
STEMS += ["ffn_up.weight", "ffn_down.weight", "ffn_gate.bias", "odd.weight", "x.lora_a", "router"]
TOP = ["token_embd.weight", "output.weight", "output_norm.weight", "rope_freqs.weight", "a", "b.delta"]
names = st.one_of(st.builds("blk.{}.{}".format, st.integers(0, 5), st.sampled_from(STEMS)), st.sampled_from(TOP))
shapes = st.one_of(st.tuples(st.integers(1, 90)), st.tuples(st.integers(1, 70), st.integers(1, 70)))
heads = st.builds(Heads, st.integers(0, 9), st.integers(0, 4), st.integers(0, 12))


@given(st.dictionaries(names, shapes, min_size=1, max_size=14), heads)
def test_any_tensors_are_laid_out_without_overlap(tensors: dict[str, tuple[int, ...]], heads: Heads) -> None:
    layout = plan_layout(tensors, heads)
    check_tiling(layout)
    again = plan_layout(tensors, heads)
    assert again.regions == layout.regions and again.labels == layout.labels and again.to_json() == layout.to_json()


@given(st.dictionaries(names, shapes, min_size=1, max_size=8), heads, st.data())
def test_there_and_back(tensors: dict[str, tuple[int, ...]], heads: Heads, data: st.DataObject) -> None:
    layout = plan_layout(tensors, heads)
    name = data.draw(st.sampled_from(sorted(layout.shapes)))
    rows, cols = layout.shapes[name]
    row, col = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, cols - 1))
    element = layout.locate(*layout.pixel(name, row, col))
    assert element is not None and (element.tensor, element.row, element.col) == (name, row, col)


@given(st.dictionaries(names, shapes, min_size=1, max_size=6), st.integers(0, 7))
def test_counts_are_the_weights_of_each_block(tensors: dict[str, tuple[int, ...]], level: int) -> None:
    layout = plan_layout(tensors)
    size, b = 1 << level, layout.bounds
    x, y = b.x // size - 1, b.y // size - 1
    width, height = (b.x + b.width) // size - x + 2, (b.y + b.height) // size - y + 2
    count = layout.count(level, x, y, width, height)
    expected = np.zeros_like(count)
    for px, py in painted(layout):
        expected[py // size - y, px // size - x] += 1
    np.testing.assert_array_equal(count, expected)
    tiles = layout.tiles(level)
    assert len(tiles) == len(set(tiles))
    assert set(tiles) == {(px // (256 << level), py // (256 << level)) for px, py in painted(layout)}


def test_what_cannot_be_laid_out_is_refused() -> None:
    for bad in ({}, {"a": (2, 3, 4)}, {"a": (0,)}, {"a": ()}):
        with pytest.raises(InvalidArgumentError):
            plan_layout(bad)
    with pytest.raises(UnsupportedError):
        plan_layout({f"blk.{i}.a.weight": (1 << 31, 1 << 31) for i in range(200)})
    layout = plan_layout({"a": (3, 4)})
    with pytest.raises(NotFoundError):
        layout.pixel("b", 0, 0)
    for row, col in ((-1, 0), (3, 0), (0, 4), (0, -1)):
        with pytest.raises(InvalidArgumentError):
            layout.pixel("a", row, col)


def test_hostile_names_and_shapes_take_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these would be billions of regions or tiles."""
    monkeypatch.setattr("pixel_llm.atlas.layout_plan.MAX_REGIONS", 5000)
    heads = Heads(4096, 4096, 1)
    with pytest.raises(UnsupportedError, match="regions"):
        plan_layout({f"blk.{i}.attn_q.weight": (4096, 1) for i in range(2)}, heads)
    assert len(plan_layout({"blk.0.attn_q.weight": (1 << 31, 1)}, Heads(1 << 31, 1 << 31, 1)).regions) == 1
    layout = plan_layout({"a.weight": (1 << 31, 1 << 31)})
    with pytest.raises(UnsupportedError, match="tiles"):
        layout.tiles(4)
    assert len(layout.tiles(layout.max_level)) <= 4


def test_huge_models_are_laid_out_at_once() -> None:
    layers = {}
    for i in range(126):  # Llama 3.1 405B
        b = f"blk.{i}."
        layers |= {
            b + "attn_q.weight": (16384, 16384),
            b + "attn_k.weight": (1024, 16384),
            b + "attn_v.weight": (1024, 16384),
        }
        layers |= {b + "attn_output.weight": (16384, 16384), b + "ffn_down.weight": (16384, 53248)}
        layers |= {b + "ffn_gate.weight": (53248, 16384), b + "ffn_up.weight": (53248, 16384)}
    layout = plan_layout({"token_embd.weight": (128256, 16384), **layers}, Heads(128, 8, 128))
    b = layout.bounds
    assert len(layout.regions) < 50_000 and 1 / 12 < b.width / b.height < 12
    # A strip for every row of a vocabulary would be a million regions.
    assert len(plan_layout({"token_embd.weight": (1 << 20, 1), "blk.0.ffn_down.weight": (4, 1 << 30)}).regions) <= 5000
