"""DecoderConformance: what every backend must do, as tests to inherit.

    class TestMine(DecoderConformance):
        tolerance = 1e-4

        def make(self, model, spec, *, context_length, slots):
            return MyDecoder(model, spec, context_length=context_length, slots=slots)

pytest collects the inherited tests; this module itself needs NumPy alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pixel_llm.backends.base import Chunk, Decoder
from pixel_llm.backends.reference.decoder import ReferenceDecoder
from pixel_llm.errors import BackendError, ContextLengthError, InvalidArgumentError
from pixel_llm.formats.encodings import ENCODINGS
from pixel_llm.formats.model_file import ModelFile
from pixel_llm.models.spec import DecoderSpec
from pixel_llm.testing.memory_model import memory_model
from pixel_llm.testing.specs import GEMMA_LIKE, PLAIN, SPECS

Logits = NDArray[np.float32]
LENGTH = 24


class DecoderConformance:
    """Inherit it and write `make`.

    `tolerance` is the largest absolute difference of a logit from the reference backend's that this backend states, on
    models whose logits have a deviation of about 1 to 8; `self_tolerance` the largest between two ways of giving it the
    same tokens (several at once or one at a time, alone or beside other slots).
    """

    tolerance: float = 1e-4
    self_tolerance: float = 1e-4

    def make(self, model: ModelFile, spec: DecoderSpec, *, context_length: int, slots: int) -> Decoder:
        """The decoder under test."""
        raise NotImplementedError

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Run the tests that take `spec_name` or `encoding_name` for every one of them."""
        for argument, names in (("spec_name", SPECS), ("encoding_name", ENCODINGS)):
            if argument in metafunc.fixturenames:
                metafunc.parametrize(argument, list(names))

    # Agreement with the reference

    def test_agrees_with_reference(self, spec_name: str) -> None:
        """One pass over a text, everything that a spec can say."""
        self._compare(SPECS[spec_name], memory_model(SPECS[spec_name]))

    def test_encoding_agrees_with_reference(self, encoding_name: str) -> None:
        """Every encoding of weights; the reference reads the same codes."""
        spec = replace(PLAIN, kv_heads=2, qkv_bias=True)
        self._compare(spec, memory_model(spec, encoding=ENCODINGS[encoding_name]))

    def test_encoding_of_tied_output_agrees(self, encoding_name: str) -> None:
        """The embeddings are the output matrix too, and are looked up by row."""
        self._compare(GEMMA_LIKE, memory_model(GEMMA_LIKE, encoding=ENCODINGS[encoding_name]))

    def test_decoding_agrees_with_reference(self, encoding_name: str) -> None:
        """One token at a time, which backends do with other code than a whole text."""
        spec = replace(PLAIN, kv_heads=2)
        model = memory_model(spec, encoding=ENCODINGS[encoding_name])
        with self._decoder(model, spec) as decoder, _reference(model, spec) as reference:
            ids = _ids(spec, 9)
            expected = reference.forward([Chunk(0, ids, "all")])[0]
            found = np.concatenate([decoder.forward([Chunk(0, ids[i : i + 1])])[0] for i in range(len(ids))])
        _close(found, expected, self.tolerance, "one token at a time")

    def test_mixed_encodings(self) -> None:
        """Rows that are not whole groups stay float32 beside grouped ones, as an import leaves them."""
        spec = replace(PLAIN, intermediate_size=83)
        self._compare(spec, memory_model(spec, encoding=ENCODINGS["q4a"]))

    # Shapes

    def test_shapes_and_types(self) -> None:
        """Rows wanted: none, the last, or all; float32, one array a chunk, in order."""
        kinds: tuple[Literal["none", "last", "all"], ...] = ("all", "none", "last")
        with self._decoder(memory_model(PLAIN), PLAIN, slots=3) as decoder:
            assert decoder.spec == PLAIN, "spec"
            assert (decoder.context_length, decoder.slots) == (PLAIN.context_length, 3), "context_length, slots"
            chunks = [Chunk(slot, _ids(PLAIN, 5, slot), kind) for slot, kind in enumerate(kinds)]
            out = decoder.forward(chunks)
            assert [o.shape for o in out] == [(rows, PLAIN.vocab_size) for rows in (5, 0, 1)], "shapes"
            assert all(o.dtype == np.float32 for o in out), "types"
            assert [decoder.length(slot) for slot in range(3)] == [5, 5, 5], "lengths"
            assert decoder.forward([]) == [], "no chunks"

    def test_returned_logits_stay(self) -> None:
        """What one pass returned, the next does not overwrite."""
        with self._decoder(memory_model(PLAIN), PLAIN) as decoder:
            first = decoder.forward([Chunk(0, _ids(PLAIN, 4))])[0]
            before = first.copy()
            decoder.forward([Chunk(0, _ids(PLAIN, 4, 1))])
            assert np.array_equal(first, before), "an earlier result changed"

    def test_ids_are_not_changed(self) -> None:
        """The caller's ids are read only."""
        with self._decoder(memory_model(PLAIN), PLAIN) as decoder:
            ids = _ids(PLAIN, 6)
            ids.flags.writeable = False
            decoder.forward([Chunk(0, ids)])

    # The cache

    def test_cached_steps_equal_one_pass(self, spec_name: str) -> None:
        """A text in chunks of 1, 3, 1, 7, ... gives what it gives at once."""
        spec = SPECS[spec_name]
        with self._decoder(memory_model(spec), spec, slots=2) as decoder:
            ids = _ids(spec, LENGTH)
            whole = decoder.forward([Chunk(0, ids, "all")])[0]
            parts, start = [], 0
            for size in (1, 3, 1, 7, 1, 1, 8, 2):
                parts.append(decoder.forward([Chunk(1, ids[start : start + size], "all")])[0])
                start += size
            assert start == LENGTH == decoder.length(1), "positions"
        _close(np.concatenate(parts), whole, self.self_tolerance, "in chunks")

    def test_last_row_equals_all_rows(self) -> None:
        """Asking for fewer rows changes none."""
        with self._decoder(memory_model(GEMMA_LIKE), GEMMA_LIKE, slots=2) as decoder:
            ids = _ids(GEMMA_LIKE, LENGTH)
            everything, last = decoder.forward([Chunk(0, ids, "all"), Chunk(1, ids, "last")])
        _close(last, everything[-1:], self.self_tolerance, "last row")

    def test_slots_together_equal_alone(self) -> None:
        """Chunks of several slots, of different lengths and starts, in one pass."""
        spec = GEMMA_LIKE
        texts = [_ids(spec, n, seed) for seed, n in enumerate((9, 1, 17, 4))]
        model = memory_model(spec)
        with self._decoder(model, spec, slots=4) as together, self._decoder(model, spec) as alone:
            together.forward([Chunk(2, texts[2][:8], "none")])
            chunks = [Chunk(slot, texts[slot][8 if slot == 2 else 0 :], "all") for slot in (3, 0, 2, 1)]
            found = together.forward(chunks)
            for chunk, logits in zip(chunks, found, strict=True):
                alone.truncate(0, 0)
                expected = alone.forward([Chunk(0, texts[chunk.slot], "all")])[0]
                _close(logits, expected[-len(chunk.ids) :], self.self_tolerance, f"slot {chunk.slot}")

    def test_truncate_and_continue(self) -> None:
        """Positions that were cut off leave no trace, with sliding layers too."""
        spec = GEMMA_LIKE
        ids, other = _ids(spec, LENGTH), _ids(spec, LENGTH, 1)
        with self._decoder(memory_model(spec), spec, slots=2) as decoder:
            expected = decoder.forward([Chunk(0, ids, "all")])[0]
            decoder.forward([Chunk(1, np.concatenate([ids[:10], other]), "none")])
            decoder.truncate(1, 10)
            assert decoder.length(1) == 10, "length after truncate"
            assert decoder.length(0) == LENGTH, "another slot changed"
            found = decoder.forward([Chunk(1, ids[10:], "all")])[0]
            _close(found, expected[10:], self.self_tolerance, "after truncate")
            decoder.truncate(1, 0)
            assert decoder.length(1) == 0, "emptied"
            _close(decoder.forward([Chunk(1, ids, "all")])[0], expected, self.self_tolerance, "after emptying")

    def test_context_can_be_filled(self) -> None:
        """The last position is usable, and a shorter context than the model's is kept to."""
        model = memory_model(PLAIN)
        ids = _ids(PLAIN, 13)
        with self._decoder(model, PLAIN, context_length=13) as decoder, _reference(model, PLAIN) as reference:
            decoder.forward([Chunk(0, ids[:12], "none")])
            found = decoder.forward([Chunk(0, ids[12:])])[0]
            expected = reference.forward([Chunk(0, ids)])[0]
        _close(found, expected, self.tolerance, "the last position")

    def test_text_longer_than_internal_blocks(self) -> None:
        """600 tokens, more than a backend is likely to handle in one block, across a sliding window of 70."""
        spec = replace(PLAIN, context_length=700, sliding_window=70, sliding_layers=(True, False), kv_heads=2)
        model = memory_model(spec)
        ids = _ids(spec, 600)
        with self._decoder(model, spec) as decoder, _reference(model, spec) as reference:
            found = decoder.forward([Chunk(0, ids, "all")])[0]
            expected = np.concatenate([reference.forward([Chunk(0, part, "all")])[0] for part in np.split(ids, 12)])
        _close(found, expected, self.tolerance, "600 tokens")

    # Errors

    def test_context_overflow_changes_nothing(self) -> None:
        """Neither the slot that overflows nor the one beside it in the same pass."""
        ids = _ids(PLAIN, 12)
        with self._decoder(memory_model(PLAIN), PLAIN, context_length=12, slots=2) as decoder:
            expected = decoder.forward([Chunk(0, ids, "all")])[0]
            decoder.truncate(0, 8)
            with _raises(ContextLengthError):
                decoder.forward([Chunk(1, ids[:4]), Chunk(0, ids[:5])])
            assert [decoder.length(0), decoder.length(1)] == [8, 0], "lengths after an overflow"
            found = decoder.forward([Chunk(0, ids[8:], "all")])[0]
            _close(found, expected[8:], self.self_tolerance, "after an overflow")

    def test_bad_chunks(self) -> None:
        """Ids outside the vocabulary, slots outside the range or given twice, no ids: refused, nothing changed."""
        vocab = PLAIN.vocab_size
        good = _ids(PLAIN, 3)
        bad: list[list[Chunk]] = [
            [Chunk(0, np.array([1, vocab], np.int64))],
            [Chunk(0, np.array([-1], np.int64))],
            [Chunk(0, np.array([1 << 40], np.int64))],
            [Chunk(2, good)],
            [Chunk(-1, good)],
            [Chunk(1, good), Chunk(1, good)],
            [Chunk(0, np.array([], np.int64))],
            [Chunk(0, good), Chunk(1, np.array([vocab], np.int64))],
            [Chunk(0, good.astype(np.float64))],
            [Chunk(0, good[None])],
            [Chunk(0, good, "some")],  # type: ignore[arg-type]
        ]
        with self._decoder(memory_model(PLAIN), PLAIN, slots=2) as decoder:
            for chunks in bad:
                with _raises(InvalidArgumentError):
                    decoder.forward(chunks)
                assert [decoder.length(0), decoder.length(1)] == [0, 0], f"lengths after {chunks}"

    def test_bad_slots_and_lengths(self) -> None:
        """`length` and `truncate` refuse what is out of range."""
        with self._decoder(memory_model(PLAIN), PLAIN) as decoder:
            decoder.forward([Chunk(0, _ids(PLAIN, 3), "none")])
            for call in (
                lambda: decoder.length(1),
                lambda: decoder.length(-1),
                lambda: decoder.truncate(1, 0),
                lambda: decoder.truncate(0, -1),
                lambda: decoder.truncate(0, 4),
            ):
                with _raises(InvalidArgumentError):
                    call()
            assert decoder.length(0) == 3, "length after errors"

    def test_closed_decoder(self) -> None:
        """Everything but another `close` raises `BackendError`."""
        decoder = self.make(memory_model(PLAIN), PLAIN, context_length=16, slots=1)
        decoder.close()
        decoder.close()
        for call in (
            lambda: decoder.forward([Chunk(0, _ids(PLAIN, 1))]),
            lambda: decoder.length(0),
            lambda: decoder.truncate(0, 0),
        ):
            with _raises(BackendError):
                call()

    # Help

    def _compare(self, spec: DecoderSpec, model: ModelFile) -> None:
        ids = _ids(spec, LENGTH)
        with self._decoder(model, spec) as decoder, _reference(model, spec) as reference:
            found = decoder.forward([Chunk(0, ids, "all")])[0]
            expected = reference.forward([Chunk(0, ids, "all")])[0]
        _close(found, expected, self.tolerance, "reference")

    @contextlib.contextmanager
    def _decoder(
        self, model: ModelFile, spec: DecoderSpec, *, context_length: int | None = None, slots: int = 1
    ) -> Iterator[Decoder]:
        decoder = self.make(model, spec, context_length=context_length or spec.context_length, slots=slots)
        try:
            yield decoder
        finally:
            decoder.close()


@contextlib.contextmanager
def _reference(model: ModelFile, spec: DecoderSpec) -> Iterator[Decoder]:
    decoder = ReferenceDecoder(model, spec, context_length=spec.context_length)
    yield decoder
    decoder.close()


def _ids(spec: DecoderSpec, n: int, seed: int = 0) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, spec.vocab_size, n)


def _close(found: Logits, expected: Logits, tolerance: float, what: str) -> None:
    assert found.shape == expected.shape, f"{what}: shape {found.shape}, not {expected.shape}"
    assert np.isfinite(found).all(), f"{what}: not finite"
    difference = np.abs(found - expected).max(axis=-1)
    assert difference.max() <= tolerance, (
        f"{what}: logits differ by {difference.max():.3g} (tolerance {tolerance:.3g}) in row {difference.argmax()}"
    )


@contextlib.contextmanager
def _raises(error: type[Exception]) -> Iterator[None]:
    try:
        yield
    except error:
        return
    raise AssertionError(f"no {error.__name__} was raised")
