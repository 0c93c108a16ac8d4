import pytest

from tinypixel.texels import layers, locate


def test_first_and_high_half():
    assert locate(0, 0, 10, 64) == (0, 0, 0, 0, 0)
    assert locate(0, 16, 10, 64) == (0, 0, 0, 0, 4)


def test_layers():
    assert layers(49152, 576) == (18, 8192, 6)
    with pytest.raises(ValueError):
        layers(1, 40)
