"""Parameters and sampling."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pixel_llm.errors import BackendError, InvalidArgumentError
from pixel_llm.generate import Sampler, SamplingParams

LOGITS = np.log(np.array([0.05, 0.4, 0.1, 0.3, 0.15], np.float32))


def _counts(params: SamplingParams, draws: int = 4000, logits: np.ndarray = LOGITS) -> np.ndarray:
    sampler = Sampler(params)
    return np.bincount([sampler.sample(logits) for _ in range(draws)], minlength=len(logits)) / draws


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("temperature", v) for v in (-0.1, float("nan"), float("inf"), "1", None, True)),
        *(("top_k", v) for v in (-1, 1.5, "2", True)),
        *(("top_p", v) for v in (0, 1.1, -1, float("nan"))),
        *(("min_p", v) for v in (-0.1, 1.1)),
        *(("repetition_penalty", v) for v in (0, -1, 1e-300, 1e300, float("inf"))),
        *(("seed", v) for v in (-1, 1.0, "x")),
        *(("max_tokens", v) for v in (0, -1, 2.5)),
        *(("stop", v) for v in ("abc", ("",), (5,), None, {"a"})),
        *(("speculate", v) for v in (1, None, "yes")),
    ],
)
def test_invalid_parameters_are_named(name: str, value: Any) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        SamplingParams(**{name: value})
    assert caught.value.part == name


def test_parameters_are_frozen_and_stop_is_a_tuple() -> None:
    params = SamplingParams(stop=["a"])  # type: ignore[arg-type]
    assert params.stop == ("a",)
    with pytest.raises(AttributeError):
        params.seed = 5  # type: ignore[misc]


def test_greedy_takes_the_lowest_of_equals() -> None:
    assert Sampler(SamplingParams()).sample(np.array([0, 3, 1, 3], np.float32)) == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_logits_that_are_not_finite_are_an_error(bad: float, temperature: float) -> None:
    with pytest.raises(BackendError, match="token 2"):
        Sampler(SamplingParams(temperature=temperature)).sample(np.array([0, 1, bad], np.float32))


def test_a_seed_repeats_and_seeds_differ() -> None:
    logits = np.zeros(1000, np.float32)

    def draw(seed: int | None) -> list[int]:
        sampler = Sampler(SamplingParams(temperature=1, seed=seed))
        return [sampler.sample(logits) for _ in range(20)]

    assert draw(7) == draw(7)
    assert draw(7) != draw(8)
    assert draw(None) != draw(None)


def test_temperature_scales_logits() -> None:
    found = _counts(SamplingParams(temperature=2, seed=1), 20_000)
    wanted = np.exp(LOGITS / 2) / np.exp(LOGITS / 2).sum()
    assert np.abs(found - wanted).max() < 0.015


def test_tiny_temperature_is_greedy_and_huge_is_uniform() -> None:
    assert _counts(SamplingParams(temperature=1e-300, seed=1), 50)[1] == 1
    assert np.abs(_counts(SamplingParams(temperature=1e9, seed=1)) - 0.2).max() < 0.03


@pytest.mark.parametrize(
    ("params", "kept"),
    [
        ({"top_k": 2}, {1, 3}),
        ({"top_k": 99}, {0, 1, 2, 3, 4}),
        ({"top_p": 0.35}, {1}),
        ({"top_p": 0.45}, {1, 3}),
        ({"top_p": 0.72}, {1, 3, 4}),
        ({"min_p": 0.3}, {1, 3, 4}),
        ({"min_p": 1.0}, {1}),
        ({"top_k": 3, "top_p": 0.6}, {1, 3}),
        ({"top_p": 1e-9}, {1}),
    ],
)
def test_which_tokens_stay(params: dict[str, Any], kept: set[int]) -> None:
    found = _counts(SamplingParams(temperature=1, seed=3, **params))
    assert set(np.flatnonzero(found)) == kept
    wanted = np.where(np.isin(np.arange(5), sorted(kept)), np.exp(LOGITS), 0)
    assert np.abs(found - wanted / wanted.sum()).max() < 0.04


def test_top_k_keeps_what_ties_with_the_last() -> None:
    found = _counts(SamplingParams(temperature=1, seed=3, top_k=2), logits=np.array([1, 2, 1, 0], np.float32))
    assert set(np.flatnonzero(found)) == {0, 1, 2}


def test_top_p_comes_after_top_k() -> None:
    # Of the two that top-k leaves, 0.4 is 57 %: enough on its own for 0.5, and not enough of all five.
    assert set(np.flatnonzero(_counts(SamplingParams(temperature=1, seed=3, top_k=2, top_p=0.5)))) == {1}
    assert set(np.flatnonzero(_counts(SamplingParams(temperature=1, seed=3, top_p=0.5)))) == {1, 3}


def test_top_p_on_a_large_vocabulary_equals_a_full_sort() -> None:
    from pixel_llm.generate.sampler import _nucleus

    random = np.random.default_rng(5)
    for scale in (0.1, 1.0, 4.0):
        weights = np.exp(random.normal(0, scale, 50_000))
        probabilities = weights / weights.sum()
        for top_p in (0.01, 0.5, 0.9, 0.999):
            order = np.argsort(-probabilities, kind="stable")
            count = int(np.searchsorted(np.cumsum(probabilities[order]), top_p)) + 1
            assert set(np.flatnonzero(_nucleus(probabilities, top_p))) == set(order[:count])


def test_repetition_penalty() -> None:
    logits = np.array([2.0, 1.9, -1.0, -1.1], np.float32)
    params = SamplingParams(repetition_penalty=1.2)
    sampler = Sampler(params, [0])
    assert sampler.sample(logits) == 1
    # Now 0 and 1 are both penalised: 1.667 and 1.583.
    assert sampler.sample(logits) == 0
    negative = np.array([-1.0, -1.1], np.float32)
    assert Sampler(params, [0]).sample(negative) == 1
    assert logits[0] == 2.0
    assert Sampler(params, [10**6]).sample(logits) == 0
