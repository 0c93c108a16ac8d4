import pathlib

import numpy as np

from tinypixel.gpu import run
from tinypixel.q4 import dequantise, quantise

SOURCE = pathlib.Path("tinypixel/q4_matvec.wgsl").read_text()


def test_one_row_of_ones():
    codes, scales = quantise(np.ones((1, 32), np.float32))
    x = np.ones(32, np.float32)
    y = np.frombuffer(run(SOURCE, [codes, scales, x], 4, (1, 1, 1), {"ROWS": 1, "GROUPS": 1}), np.float32)
    assert y.tolist() == [32]
    assert dequantise(codes, scales).sum() == 32
