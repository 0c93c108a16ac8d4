import numpy as np
import pytest

from tinypixel.gpu import run

ADD = """
@group(0) @binding(0) var<storage, read> a: array<u32>;
@group(0) @binding(1) var<storage, read> b: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;
@compute @workgroup_size(1) fn main(@builtin(workgroup_id) id: vec3u) {
  y[id.x] = a[id.x % arrayLength(&a)] + b[id.x % arrayLength(&b)] + 100u * id.y + 1000u * id.z;
}
"""


def test_unwritten_output_is_poisoned():
    out = np.frombuffer(run(ADD, [np.zeros(3, np.uint32)] * 2, 12, (2, 1, 1)), np.uint32)
    assert out.tolist() == [0, 0, 0xFFFFFFFF]


def test_order_of_inputs_and_padding():
    a, b = np.array([1, 2, 3], np.uint8), np.array([[1, 9], [2, 9]], np.uint32)[:, 0]
    out = np.frombuffer(run(ADD, [a, b], 8, (2, 1, 1)), np.uint32)
    assert out.tolist() == [0x00030201 + 1, 0x00030201 + 2]


def test_empty_input():
    assert np.frombuffer(run(ADD, [np.zeros(0, np.uint32), np.array([7], np.uint32)], 4, (1, 1, 1)), np.uint32).tolist() == [7]


def test_same_device_and_no_memory_of_the_last_run():
    for n in range(1, 20):
        out = np.frombuffer(run(ADD, [np.full(1, n, np.uint32)] * 2, 4 * n, (n, 1, 1)), np.uint32)
        assert out.tolist() == [2 * n] * n


@pytest.mark.parametrize("out_bytes", [0, -4, 3, 6])
def test_output_size(out_bytes):
    with pytest.raises(ValueError):
        run(ADD, [np.zeros(1, np.uint32)] * 2, out_bytes, (1, 1, 1))


def test_a_broken_module():
    with pytest.raises(Exception, match="(?s)."):
        run("fn main( {", [], 4, (1, 1, 1))
