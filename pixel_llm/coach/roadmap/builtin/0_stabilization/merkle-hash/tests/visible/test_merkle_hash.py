from hashlib import sha256

from tinypixel.merkle import check, proof, root


def leaf(data):
    return sha256(b"\0" + data).digest()


def test_two_bands():
    assert root(b"abcdef", 3) == sha256(b"\1" + leaf(b"abc") + leaf(b"def")).digest()


def test_proof():
    way = proof(b"abcdef", 1, 3)
    assert way == [("left", leaf(b"abc"))]
    assert check(b"def", way, root(b"abcdef", 3)) and not check(b"deF", way, root(b"abcdef", 3))
