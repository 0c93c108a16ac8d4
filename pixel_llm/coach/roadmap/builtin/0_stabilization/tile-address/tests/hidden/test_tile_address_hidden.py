import pytest

from tinypixel.tiles import address, tiles_of


@pytest.mark.parametrize("x", [-(10**20), -513, -512, -257, -256, -255, -1, 0, 1, 255, 256, 10**20 + 3])
@pytest.mark.parametrize("size", [1, 7, 256])
def test_address_is_exact(x, size):
    (tile_x, tile_y), (column, row) = address(x, -x, size)
    assert 0 <= column < size and 0 <= row < size
    assert tile_x * size + column == x and tile_y * size + row == -x


def test_tiles_left_of_the_origin():
    assert tiles_of(-1, -1, 2, 2) == [(-1, -1), (0, -1), (-1, 0), (0, 0)]
    assert tiles_of(-256, -256, 256, 256) == [(-1, -1)]


def test_exactly_one_tile():
    assert tiles_of(256, 512, 256, 256) == [(1, 2)]


def test_many():
    assert len(tiles_of(-1000, -1000, 2000, 2000, 10)) == 200 * 200


@pytest.mark.parametrize("arguments", [(0, 0, 0, 1), (0, 0, 1, 0), (0, 0, -1, 1), (0, 0, 1, 1, 0), (0, 0, 1, 1, -4)])
def test_refused(arguments):
    with pytest.raises(ValueError):
        tiles_of(*arguments)
