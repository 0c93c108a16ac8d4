import numpy as np
import pytest

from tinypixel.layout import find, layout

KINDS = ("attn_q", "attn_k", "attn_v", "attn_o", "ffn_gate", "ffn_up", "ffn_down")


def test_embedding_and_output():
    places = {p.name: p for p in layout({"output": (7, 3), "token_embd": (5, 4)}, gap=10)}
    assert places["token_embd"] == ("token_embd", 0, -15, 4, 5) and places["output"] == ("output", 0, 0, 3, 7)
    assert [p.name for p in layout({"output": (7, 3), "token_embd": (5, 4)})] == ["token_embd", "output"]


def test_layers_by_number_and_by_the_highest():
    shapes = {f"blk.{n}.{k}": (3 + 5 * (k == "attn_v"), 2) for n in (10, 2, 0) for k in ("ffn_down", "attn_v", "attn_q")}
    places = layout(shapes, gap=1)
    assert [p.name for p in places] == [f"blk.{n}.{k}" for n in (0, 2, 10) for k in ("attn_q", "attn_v", "ffn_down")]
    assert [p.y for p in places] == [0] * 3 + [9] * 3 + [18] * 3
    assert [p.x for p in places] == [0, 3, 6] * 3


def test_nothing_overlaps_and_every_pixel_is_found():
    random = np.random.default_rng(0)
    shapes = {f"blk.{n}.{k}": tuple(int(v) for v in random.integers(1, 9, 2)) for n in range(3) for k in KINDS}
    shapes |= {"token_embd": (6, 5), "output": (4, 9)}
    places = layout(shapes, gap=0)
    seen = set()
    for place in places:
        assert (place.height, place.width) == shapes[place.name]
        for row in range(place.height):
            for column in range(place.width):
                at = (place.x + column, place.y + row)
                assert at not in seen and find(places, *at) == (place.name, row, column)
                seen.add(at)


@pytest.mark.parametrize("name", ["blk.0.attn_x", "blk.-1.attn_q", "blk.01.attn_q", "blk.0.attn_q.weight", "norm", ""])
def test_names(name):
    with pytest.raises(ValueError):
        layout({name: (1, 1)})


def test_sizes():
    for shapes, gap in (({"output": (0, 1)}, 1), ({"blk.0.attn_q": (1, -1)}, 1), ({"output": (1, 1)}, -1)):
        with pytest.raises(ValueError):
            layout(shapes, gap)
    assert layout({}) == []
