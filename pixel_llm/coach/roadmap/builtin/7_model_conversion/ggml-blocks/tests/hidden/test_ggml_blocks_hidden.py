import numpy as np
import pytest

from tinypixel.blocks import q4_0_blocks, q4_0_planes, q8_0_blocks, q8_0_planes


def test_scale_first():
    data = np.float16(1.5).tobytes() + bytes(range(256 - 16, 256)) + bytes(range(16))
    codes, scales = q8_0_planes(data, 1, 32)
    assert scales.tolist() == [[1.5]] and codes.tolist() == [[*range(-16, 0), *range(16)]]
    codes, scales = q4_0_planes(np.float16(-2).tobytes() + bytes(range(16)), 1, 32)
    assert scales.tolist() == [[-2]] and codes.tolist() == [list(range(16))]


@pytest.mark.parametrize(("size", "planes", "blocks", "kind", "width"), [(34, q8_0_planes, q8_0_blocks, np.int8, 96), (18, q4_0_planes, q4_0_blocks, np.uint8, 48)])
def test_any_bytes(size, planes, blocks, kind, width):
    random = np.random.default_rng(size)
    for _ in range(20):
        data = random.integers(0, 256, 5 * 3 * size, dtype=np.uint8).tobytes()
        codes, scales = planes(data, 5, 96)
        assert codes.dtype == kind and codes.shape == (5, width) and scales.dtype == np.float16 and scales.shape == (5, 3)
        for array in (codes, scales):
            assert array.flags.c_contiguous and array.flags.writeable
        assert blocks(codes, scales) == data
        assert blocks(np.asfortranarray(codes), scales[:, ::-1][:, ::-1]) == data


@pytest.mark.parametrize("planes", [q8_0_planes, q4_0_planes])
@pytest.mark.parametrize(("rows", "columns"), [(0, 32), (1, 0), (1, 31), (-1, -32), (1, 64)])
def test_shapes(planes, rows, columns):
    with pytest.raises(ValueError):
        planes(bytes(34 if planes is q8_0_planes else 18), rows, columns)


def test_planes_that_do_not_fit():
    codes, scales = q8_0_planes(bytes(68), 1, 64)
    for bad in ((codes.view(np.uint8), scales), (codes, scales.astype(np.float32)), (codes[:, :32], scales), (codes[0], scales[0])):
        with pytest.raises(ValueError):
            q8_0_blocks(*bad)
    with pytest.raises(ValueError):
        q4_0_blocks(codes, scales)
