"""Tests of the pixel codec."""

import pytest

from tinypixel.codec import from_pixels, to_pixels


def test_round_trip():
    for data in (b"", b"abc", b"hello world" * 100):
        assert from_pixels(to_pixels(data), len(data)) == data


def test_shape():
    assert to_pixels(b"a" * 3600).shape == (2, 1024, 3)


def test_bad_length():
    with pytest.raises(ValueError):
        from_pixels(to_pixels(b"abc"), 10_000)
