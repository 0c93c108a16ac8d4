"""DecoderSpec: JSON and back, and what it refuses."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixel_llm.errors import InvalidArgumentError, PxiFormatError
from pixel_llm.models import DecoderSpec, Rotary
from pixel_llm.models.rotary import inverse_frequencies
from pixel_llm.testing.specs import GEMMA_LIKE, PLAIN, SPECS


@pytest.mark.parametrize("name", SPECS)
def test_json_round_trip(name: str) -> None:
    assert DecoderSpec.from_json(SPECS[name].to_json()) == SPECS[name]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"layers": 0}, "layers"),
    ({"layers": 1 << 20}, "layers"),
    ({"kv_heads": 3}, "kv_heads"),
    ({"norm_eps": 0.0}, "norm_eps"),
    ({"attention_scale": math.nan}, "attention_scale"),
    ({"activation": "relu"}, "activation"),
    ({"sliding_layers": (True,)}, "sliding_layers"),
    ({"sliding_layers": (True, False)}, "sliding_window"),
    ({"output_softcap": -1.0}, "output_softcap"),
    ({"rotary": replace(PLAIN.rotary, kind="neox")}, "rotary"),
    ({"rotary": replace(PLAIN.rotary, scaling="yarn")}, "rotary"),
    ({"rotary": replace(PLAIN.rotary, dims=15)}, "rotary"),
    ({"rotary": replace(PLAIN.rotary, dims=18)}, "rotary"),
    ({"rotary": replace(PLAIN.rotary, base=0.5)}, "rotary"),
    ({"local_rotary": replace(PLAIN.rotary, factor=0.0)}, "local_rotary"),
    ({"rotary": replace(PLAIN.rotary, scaling="llama3", low_freq_factor=4.0)}, "rotary"),
]


@pytest.mark.parametrize(("changes", "part"), REFUSED)
def test_refused(changes: dict[str, Any], part: str) -> None:
    with pytest.raises(PxiFormatError, match=rf"spec\.{part}"):
        replace(PLAIN, **changes)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_hostile_json(data: st.DataObject) -> None:
    value = GEMMA_LIKE.to_json()
    junk = st.none() | st.booleans() | st.integers(-(2**35), 2**35) | st.floats() | st.text(max_size=3)
    junk = junk | st.lists(junk, max_size=3) | st.dictionaries(st.sampled_from(["kind", "base", "x"]), junk)
    for name in data.draw(st.lists(st.sampled_from([*value, "unknown"]), min_size=1, max_size=3)):
        if data.draw(st.booleans()):
            value[name] = data.draw(junk)
        else:
            value.pop(name, None)
    try:
        spec = DecoderSpec.from_json(value)
    except PxiFormatError as error:
        assert error.part is not None and error.part.startswith("spec")
    else:
        assert DecoderSpec.from_json(spec.to_json()) == spec


def test_rotary_of_layers() -> None:
    assert [GEMMA_LIKE.rotary_of(i) is GEMMA_LIKE.local_rotary for i in range(3)] == [True, False, True]


def test_inverse_frequencies() -> None:
    plain = Rotary(kind="half", base=10000.0, dims=64)
    expected = 10000.0 ** (-np.arange(0, 64, 2) / 64)
    np.testing.assert_allclose(inverse_frequencies(plain), expected, rtol=1e-6)
    linear = inverse_frequencies(replace(plain, scaling="linear", factor=4.0))
    np.testing.assert_allclose(linear, expected / 4, rtol=1e-6)
    factors = np.linspace(1, 8, 32, dtype=np.float32)
    np.testing.assert_allclose(
        inverse_frequencies(replace(plain, scaling="factors"), factors), expected / factors, rtol=1e-6
    )
    with pytest.raises(InvalidArgumentError, match="32"):
        inverse_frequencies(replace(plain, scaling="factors"), factors[:5])
    llama3 = inverse_frequencies(
        replace(plain, scaling="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_context=8192)
    )
    wavelength = 2 * np.pi / expected
    short, long = wavelength < 8192 / 4, wavelength > 8192
    assert short.any() and long.any() and not (short | long).all()
    np.testing.assert_allclose(llama3[short], expected[short], rtol=1e-6)
    np.testing.assert_allclose(llama3[long], expected[long] / 8, rtol=1e-6)
    between = ~(short | long)
    assert ((llama3[between] < expected[between]) & (llama3[between] > expected[between] / 8)).all()
