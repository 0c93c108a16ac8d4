import numpy as np
import pytest

from tinypixel.codec import from_pixels, to_pixels


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 11, 12, 13, 24, 25, 3072, 3073])
@pytest.mark.parametrize("width", [1, 2, 4, 1024])
def test_height_is_the_least(length, width):
    data = bytes(np.random.default_rng(length).integers(0, 256, length, dtype=np.uint8))
    pixels = to_pixels(data, width)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (max(1, -(-length // (3 * width))), width, 3)
    assert pixels.tobytes() == data.ljust(pixels.size, b"\0")
    assert from_pixels(pixels, length) == data


def test_result_is_writable():
    pixels = to_pixels(b"abc", 1)
    pixels[0, 0, 0] = 7
    assert pixels[0, 0, 0] == 7


def test_not_contiguous():
    pixels = to_pixels(bytes(range(24)), 4)
    assert from_pixels(pixels[:, ::2], 6) == bytes([0, 1, 2, 6, 7, 8])


@pytest.mark.parametrize("width", [0, -1])
def test_bad_width(width):
    with pytest.raises(ValueError):
        to_pixels(b"abc", width)


@pytest.mark.parametrize("pixels", [np.zeros((2, 2, 3), np.int16), np.zeros((2, 6), np.uint8), np.zeros((2, 2, 4), np.uint8)])
def test_bad_pixels(pixels):
    with pytest.raises(ValueError):
        from_pixels(pixels, 1)


def test_negative_length():
    with pytest.raises(ValueError):
        from_pixels(to_pixels(b"abc", 1), -1)
