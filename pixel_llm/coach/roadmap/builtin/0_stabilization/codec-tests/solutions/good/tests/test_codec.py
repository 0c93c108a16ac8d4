"""Tests of the pixel codec."""

import numpy as np
import pytest

from tinypixel.codec import from_pixels, to_pixels


def test_every_length_round_trips_in_the_least_height():
    for width in (1, 3, 8):
        for length in range(80):
            data = bytes((7 * i + 1) % 256 for i in range(length))
            pixels = to_pixels(data, width)
            assert pixels.shape == (max(1, -(-length // (3 * width))), width, 3)
            assert pixels.dtype == np.uint8
            assert pixels.reshape(-1).tolist() == list(data) + [0] * (pixels.size - length)
            assert from_pixels(pixels, length) == data


def test_default_width():
    assert to_pixels(b"a" * 3600).shape == (2, 1024, 3)


def test_result_is_writable():
    pixels = to_pixels(b"abc", 1)
    pixels[:] = 0


def test_strided_pixels():
    assert from_pixels(to_pixels(bytes(range(24)), 4)[:, ::2], 6) == bytes([0, 1, 2, 6, 7, 8])


def test_what_is_refused():
    good = to_pixels(b"abcdef", 2)
    for call in (
        lambda: to_pixels(b"a", 0),
        lambda: to_pixels(b"a", -2),
        lambda: from_pixels(good, 7),
        lambda: from_pixels(good, -1),
        lambda: from_pixels(good.astype(np.int32), 1),
        lambda: from_pixels(good.reshape(-1), 1),
        lambda: from_pixels(np.zeros((1, 1, 4), np.uint8), 1),
    ):
        with pytest.raises(ValueError):
            call()
