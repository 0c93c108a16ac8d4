import warnings

import numpy as np
import pytest

from tinypixel.report import Agreement, agreement, log_softmax, passes


@pytest.fixture(autouse=True)
def _strict():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_by_hand():
    found = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8], [0.9, 0.05, 0.05]]))
    expected = np.log(np.array([[0.25, 0.5, 0.25], [0.2, 0.2, 0.6], [0.1, 0.1, 0.8]]))
    report = agreement(found, expected, [2, 1, 0])
    assert report.tokens == 2 and report.at == 0 and report.same == 0.5
    assert np.isclose(report.worst, np.log(2)) and np.isclose(report.mean, np.log(2))
    assert np.allclose(report.perplexity, (1 / np.sqrt(0.25 * 0.1), 1 / np.sqrt(0.5 * 0.2)))


def test_the_last_row_does_not_count():
    a = np.random.default_rng(1).standard_normal((4, 5))
    b = a.copy()
    b[3] = -a[3]
    assert agreement(a, b, [0, 1, 2, 3]).worst == 0.0 and agreement(a, b, [0, 1, 2, 3]).same == 1.0


def test_worst_row():
    a = np.zeros((6, 4), np.float32)
    b = a.copy()
    b[2, 1], b[4, 3] = 1, 5
    report = agreement(a, b, [0, 0, 0, 1, 0, 3])
    assert report.at == 4 and np.isclose(report.worst, 5 - np.log(np.exp(5) + 3) + np.log(4))


def test_large_logits():
    found = log_softmax(np.array([[3e38, 3e38, -3e38]], np.float32))
    assert found.dtype == np.float64 and np.allclose(found[0, :2], -np.log(2))
    assert np.isneginf(log_softmax(np.array([[0.0, -np.inf]]))[0, 1])


def test_shift_does_not_matter():
    a = np.random.default_rng(2).standard_normal((3, 9))
    assert agreement(a + 1000, a, [1, 2, 3]).worst < 1e-9


@pytest.mark.parametrize("name", ["found", "expected"])
@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_not_finite(name, bad):
    logits = {"found": np.zeros((3, 4)), "expected": np.zeros((3, 4))}
    logits[name][1, 2] = bad
    with pytest.raises(ValueError, match=f"(?s){name}.*1"):
        agreement(logits["found"], logits["expected"], [0, 1, 2])


@pytest.mark.parametrize("ids", [[0, 1], [0, 1, 4], [0, -1, 1]])
def test_ids(ids):
    with pytest.raises(ValueError):
        agreement(np.zeros((3, 4)), np.zeros((3, 4)), ids)


def test_shapes():
    with pytest.raises(ValueError):
        agreement(np.zeros((3, 4)), np.zeros((3, 5)), [0, 1, 2])


def test_passes():
    report = Agreement(9, 0.01, 1.0, 0, 0.99, (1.0, 1.0))
    assert passes(report, 0.01, 0.99)[0] and passes(report, 0.01, 0.99)[1].startswith("passes")
    for mean, same in ((0.009, 0.5), (0.5, 0.995)):
        ok, text = passes(report, mean, same)
        assert not ok and text.startswith("fails") and "0.01" in text and "99" in text
