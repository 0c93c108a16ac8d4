import numpy as np
import pytest

from tinypixel.sampling import choose, probabilities

LOGITS = np.log(np.array([0.5, 0.3, 0.2], np.float32))


def test_top_p_and_choose():
    assert np.allclose(probabilities(LOGITS, top_p=0.75), [0.625, 0.375, 0])
    assert choose(LOGITS, 0.0) == 0 and choose(LOGITS, 0.6) == 1 and choose(LOGITS, 0.99) == 2


def test_greedy():
    assert probabilities(LOGITS, temperature=0).tolist() == [1, 0, 0]
    with pytest.raises(ValueError):
        probabilities(LOGITS, temperature=-1)
