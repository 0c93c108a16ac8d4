import pytest

from tinypixel.layout import Place, layout
from tinypixel.lookup import from_json, layer_at, layer_box, to_json

PLACES = layout({f"blk.{n}.{k}": (3 + n, 5) for n in range(12) for k in ("attn_q", "ffn_up")} | {"output": (2, 2), "token_embd": (9, 2)}, gap=1)


def test_layer_one_is_not_layer_ten():
    for n in range(12):
        x, y, width, height = layer_box(PLACES, n)
        assert (x, width, height) == (0, 11, 3 + n)
        assert layer_at(PLACES, y) == layer_at(PLACES, y + height - 1) == n
        assert layer_at(PLACES, y + height) is None


def test_outside_of_layers():
    assert layer_at(PLACES, -5) is None and layer_at([], 0) is None
    with pytest.raises(KeyError):
        layer_box(PLACES, 12)


def test_round_trip_is_exact():
    assert from_json(to_json(PLACES)) == PLACES and all(isinstance(p, Place) for p in from_json(to_json(PLACES)))
    assert from_json(to_json([])) == []
    strange = [Place('a "quoted" ü name', -5, -6, 1, 1)]
    assert from_json(to_json(strange)) == strange and "\n" not in to_json(strange)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", "null", '{"version":1}', '{"places":[]}', '{"version":2,"places":[]}', '{"version":true,"places":[]}', '{"version":1,"places":{}}',
     '{"version":1,"places":[],"more":1}', '{"version":1,"places":[["a",0,0,1]]}', '{"version":1,"places":[["a",0,0,1,1,1]]}',
     '{"version":1,"places":[["a",0,0,1,true]]}', '{"version":1,"places":[["a",0,0,1,1.0]]}', '{"version":1,"places":[[1,0,0,1,1]]}',
     '{"version":1,"places":[["a",0,0,0,1]]}', '{"version":1,"places":[["a",0,0,1,-1]]}', '{"version":1,"places":[["a",0,0,1,1],["a",5,5,1,1]]}',
     '{"version":1,"places":["abcde"]}', "[" * 100_000],
)  # fmt: skip
def test_refused(text):
    with pytest.raises(ValueError):
        from_json(text)
