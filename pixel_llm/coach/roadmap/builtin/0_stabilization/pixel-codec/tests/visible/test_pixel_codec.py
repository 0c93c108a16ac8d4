import pytest

from tinypixel.codec import from_pixels, to_pixels


def test_round_trip():
    data = bytes(range(256)) * 3
    pixels = to_pixels(data, 16)
    assert pixels.shape[1:] == (16, 3) and from_pixels(pixels, len(data)) == data


def test_the_plan_s_example():
    assert to_pixels(b"x" * 3600).shape == (2, 1024, 3)


def test_a_length_beyond_the_pixels():
    with pytest.raises(ValueError):
        from_pixels(to_pixels(b"abc", 1), 4)
