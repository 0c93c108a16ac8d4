import pytest

from tinypixel.tokenizer import Tokenizer, train


def test_merges():
    tokenizer = Tokenizer([(b"a", b"b"), (b"ab", b"c")])
    assert tokenizer.encode("abcab") == [257, 256] and tokenizer.decode([257, 256]) == "abcab"
    assert tokenizer.vocab_size == 258


def test_train():
    assert train("aaabdaaabac", 1).encode("aaab") == [256, 97, 98]


def test_bad_merge():
    with pytest.raises(ValueError):
        Tokenizer([(b"ab", b"c")])
