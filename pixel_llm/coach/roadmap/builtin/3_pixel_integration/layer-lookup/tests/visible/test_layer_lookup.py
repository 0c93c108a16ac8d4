import pytest

from tinypixel.layout import layout
from tinypixel.lookup import from_json, layer_at, layer_box, to_json

PLACES = layout({"blk.0.attn_q": (4, 8), "blk.0.attn_k": (2, 8), "blk.1.attn_q": (4, 8)}, gap=2)


def test_json():
    assert to_json(PLACES[:1]) == '{"version":1,"places":[["blk.0.attn_q",0,0,8,4]]}'
    assert from_json(to_json(PLACES)) == PLACES
    with pytest.raises(ValueError):
        from_json("[]")


def test_layers():
    assert layer_box(PLACES, 0) == (0, 0, 18, 4)
    assert layer_at(PLACES, 7) == 1 and layer_at(PLACES, 5) is None
