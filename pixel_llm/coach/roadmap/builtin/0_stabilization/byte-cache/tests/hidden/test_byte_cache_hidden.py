import numpy as np
import pytest

from tinypixel.cache import ByteCache


def test_against_a_plain_list():
    random = np.random.default_rng(1)
    cache, entries = ByteCache(100), []
    for _ in range(2000):
        key = int(random.integers(12))
        held = dict(entries)
        if random.random() < 0.4:
            expected = held.get(key)
            assert cache.get(key) == expected
            if key in held:
                entries = [e for e in entries if e[0] != key] + [(key, expected)]
        else:
            value = bytes(int(random.integers(0, 130)))
            cache.put(key, value)
            entries = [e for e in entries if e[0] != key]
            if len(value) <= 100:
                entries.append((key, value))
                while sum(len(v) for _, v in entries) > 100:
                    entries.pop(0)
        assert cache.keys() == [k for k, _ in entries]
        assert cache.used == sum(len(v) for _, v in entries)


def test_replacing_counts_once():
    cache = ByteCache(10)
    for _ in range(5):
        cache.put("a", b"1234")
    assert cache.used == 4 and cache.keys() == ["a"]


def test_too_long_drops_the_old_one():
    cache = ByteCache(3)
    cache.put("a", b"1")
    cache.put("a", b"1234")
    assert cache.get("a") is None and cache.used == 0


def test_zero_budget():
    cache = ByteCache(0)
    cache.put("a", b"")
    cache.put("b", b"x")
    assert cache.keys() == ["a"]


def test_clear_and_bad_budget():
    cache = ByteCache(3)
    cache.put("a", b"1")
    cache.clear()
    assert cache.used == 0 and cache.keys() == []
    with pytest.raises(ValueError):
        ByteCache(-1)
