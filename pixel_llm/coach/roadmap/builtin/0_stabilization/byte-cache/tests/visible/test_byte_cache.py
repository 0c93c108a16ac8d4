from tinypixel.cache import ByteCache


def test_least_recently_used_goes_first():
    cache = ByteCache(6)
    cache.put("a", b"aa")
    cache.put("b", b"bb")
    cache.put("c", b"cc")
    cache.get("a")
    cache.put("d", b"dd")
    assert cache.keys() == ["c", "a", "d"] and cache.used == 6
    assert cache.get("b") is None
