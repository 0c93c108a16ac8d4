import pytest

from tinypixel.layout import find, layout


def test_two_layers():
    shapes = {"token_embd": (100, 8), "blk.0.attn_q": (8, 8), "blk.0.attn_k": (4, 8), "blk.1.attn_q": (8, 8), "output": (100, 8)}
    places = layout(shapes, gap=2)
    assert [p.name for p in places] == ["token_embd", "blk.0.attn_q", "blk.0.attn_k", "blk.1.attn_q", "output"]
    assert places[2] == ("blk.0.attn_k", 10, 0, 8, 4)
    assert find(places, 10, 3) == ("blk.0.attn_k", 3, 0)
    assert find(places, 9, 3) is None


def test_unknown_names():
    with pytest.raises(ValueError, match="blk.0.mystery"):
        layout({"blk.0.mystery": (1, 1)})
