from hashlib import sha256

import pytest

from tinypixel.merkle import check, proof, root


def node(tree):
    if isinstance(tree, bytes):
        return sha256(b"\0" + tree).digest()
    return sha256(b"\1" + node(tree[0]) + node(tree[1])).digest()


@pytest.mark.parametrize(
    ("data", "tree"),
    [
        (b"", b""), (b"a", b"a"), (b"ab", (b"a", b"b")), (b"abc", ((b"a", b"b"), b"c")),
        (b"abcde", (((b"a", b"b"), (b"c", b"d")), b"e")), (b"abcdef", (((b"a", b"b"), (b"c", b"d")), (b"e", b"f"))),
        (b"abcdefg", (((b"a", b"b"), (b"c", b"d")), ((b"e", b"f"), b"g"))),
    ],
)  # fmt: skip
def test_shapes(data, tree):
    assert root(data, 1) == node(tree)


@pytest.mark.parametrize("length", [1, 2, 3, 5, 8, 13, 21, 100])
@pytest.mark.parametrize("band", [1, 4, 7, 1000])
def test_every_proof(length, band):
    data = bytes(i * 37 % 256 for i in range(length))
    top = root(data, band)
    for index in range(-(-length // band)):
        part = data[index * band : (index + 1) * band]
        way = proof(data, index, band)
        assert check(part, way, top)
        assert not check(part + b"x", way, top)
        assert not check(part, [*way, ("left", bytes(32))], top)
    for wrong in (-1, -(-length // band)):
        with pytest.raises(IndexError):
            proof(data, wrong, band)


def test_leaf_is_no_inner_node():
    inner = sha256(b"\0a").digest() + sha256(b"\0b").digest()
    assert not check(b"\1" + inner, [], root(b"ab", 1)) and root(inner, 64) != root(b"ab", 1)


@pytest.mark.parametrize("entry", [("up", bytes(32)), ("left", bytes(31)), ("left", "x" * 32), ("left",), None, ("left", b"", b"")])
def test_malformed(entry):
    assert check(b"a", [entry], bytes(32)) is False


def test_band():
    with pytest.raises(ValueError):
        root(b"a", 0)
