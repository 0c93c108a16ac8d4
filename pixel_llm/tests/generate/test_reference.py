"""Generation with a real decoder."""

from __future__ import annotations

import numpy as np

from pixel_llm.backends import load_decoder
from pixel_llm.backends.base import Chunk
from pixel_llm.generate import SamplingParams, Session, generate_ids, score
from pixel_llm.models import spec_from_config
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.tiny import CONFIGS

NO_END: frozenset[int] = frozenset()


def test_cache_reuse_changes_nothing() -> None:
    spec = spec_from_config(CONFIGS["llama"])
    decoder = load_decoder(memory_model(spec, seed=3), backend="reference", context_length=64)
    params = SamplingParams(temperature=0.8, top_p=0.95, seed=11, max_tokens=12)
    session = Session(decoder)
    list(session.generate([5, 6, 7, 8, 9], params, eos=NO_END))
    reused = list(session.generate([5, 6, 7, 8, 20, 21], params, eos=NO_END))
    fresh = list(generate_ids(decoder, [5, 6, 7, 8, 20, 21], params, eos=NO_END))
    assert reused == fresh
    assert len(fresh) == 12
    decoder.close()


def test_greedy_follows_the_scores() -> None:
    spec = spec_from_config(CONFIGS["llama"])
    decoder = load_decoder(memory_model(spec, seed=3), backend="reference", context_length=64)
    made = list(generate_ids(decoder, [1, 2, 3], SamplingParams(max_tokens=20), eos=NO_END))
    found = score(decoder, [1, 2, 3, *made])
    assert found.argmax[2:-1].tolist() == made
    (logits,) = decoder.forward([Chunk(0, np.array([1, 2, 3]), "all")])
    wide = logits.astype(np.float64)
    wide -= np.logaddexp.reduce(wide, axis=1, keepdims=True)
    assert np.allclose(found.logprobs[:2], [wide[0, 2], wide[1, 3]], atol=1e-4)
    decoder.close()
