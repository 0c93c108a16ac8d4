import numpy as np

from tinypixel.online import combine, part


def test_one_stretch():
    q, keys, values = np.ones(2), np.array([[0.0, 0.0], [0.0, 0.0]]), np.array([[1.0, 0.0], [3.0, 2.0]])
    assert combine([part(q, keys, values, 1.0)]).tolist() == [2, 1]
