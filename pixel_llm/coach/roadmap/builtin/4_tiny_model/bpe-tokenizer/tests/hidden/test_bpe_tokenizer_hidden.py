import pytest

from tinypixel.tokenizer import Tokenizer, train

TEXT = "the plane of weights stretches without end; the weights of the plane are pixels. " * 20


def test_lowest_number_first():
    tokenizer = Tokenizer([(b"b", b"c"), (b"a", b"b"), (b"a", b"bc")])
    assert tokenizer.encode("abc") == [258] and tokenizer.encode("abab") == [257, 257]


def test_leftmost_first():
    assert Tokenizer([(b"a", b"a")]).encode("aaa") == [256, 97]


@pytest.mark.parametrize("text", ["", "a", "\u00e9\u4e2d\U0001f600", TEXT, "\0\n\t"])
def test_round_trip(text):
    for tokenizer in (Tokenizer([]), train(TEXT, 60)):
        assert tokenizer.decode(tokenizer.encode(text)) == text


def test_training_shortens_and_is_deterministic():
    a, b = train(TEXT, 50), train(TEXT, 50)
    assert a.encode(TEXT) == b.encode(TEXT) and a.vocab_size <= 306
    assert len(a.encode(TEXT)) < len(TEXT) / 3


def test_training_ties_and_end():
    assert train("xyab", 5).vocab_size == 256
    tokenizer = train("cdcdabab", 1)
    assert tokenizer.encode("ab") == [256] and tokenizer.encode("cd") == [99, 100]


def test_broken_utf8_and_ids():
    tokenizer = Tokenizer([])
    assert tokenizer.decode([0xC3]) == "\ufffd" and tokenizer.decode([]) == ""
    for bad in (-1, 256):
        with pytest.raises(ValueError, match=str(bad)):
            tokenizer.decode([65, bad])


@pytest.mark.parametrize(("merges", "number"), [([(b"a", b"b"), (b"a", b"b")], "1"), ([(b"a", b"b"), (b"", b"c")], "1"), ([(b"a", b"bc")], "0")])
def test_refused(merges, number):
    with pytest.raises(ValueError, match=number):
        Tokenizer(merges)


def test_long_text():
    tokenizer = train(TEXT, 60)
    ids = tokenizer.encode(TEXT * 60)
    assert len(ids) < 40_000
