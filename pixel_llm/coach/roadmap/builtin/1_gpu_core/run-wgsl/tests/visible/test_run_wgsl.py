import numpy as np

from tinypixel.gpu import run

DOUBLE = """
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
override factor: f32 = 2.0;
@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&x)) { y[id.x] = factor * x[id.x]; }
}
"""


def test_double():
    x = np.arange(6, dtype=np.float32)
    assert np.frombuffer(run(DOUBLE, [x], 24, (2, 1, 1)), np.float32).tolist() == [0, 2, 4, 6, 8, 10]


def test_constant():
    x = np.ones(4, np.float32)
    assert np.frombuffer(run(DOUBLE, [x], 16, (1, 1, 1), {"factor": 5.0}), np.float32).tolist() == [5] * 4
