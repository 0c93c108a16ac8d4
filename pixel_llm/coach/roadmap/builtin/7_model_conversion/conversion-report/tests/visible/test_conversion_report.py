import numpy as np
import pytest

from tinypixel.report import agreement, passes


def test_equal():
    logits = np.random.default_rng(0).standard_normal((5, 7)).astype(np.float32)
    report = agreement(logits, logits, [0, 1, 2, 3, 4])
    assert report[:5] == (4, 0.0, 0.0, 0, 1.0) and report.perplexity[0] == report.perplexity[1]
    assert passes(report, 0.01, 0.99)[0]


def test_rows():
    with pytest.raises(ValueError):
        agreement(np.zeros((1, 3)), np.zeros((1, 3)), [0])
