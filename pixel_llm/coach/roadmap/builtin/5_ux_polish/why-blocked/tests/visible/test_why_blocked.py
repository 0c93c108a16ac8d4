from tinypixel.blocked import why

STATES = {"a": "failed", "b": "blocked", "c": "blocked", "d": "accepted", "e": "running"}
NEEDS = {"b": ["a", "d"], "c": ["b", "e"]}


def test_roots():
    assert why("c", STATES, NEEDS) == ["waits for a (failed) via b", "waits for e (running)"]
    assert why("b", STATES, NEEDS) == ["waits for a (failed)"]
    assert why("e", STATES, NEEDS) == ["e is running"]
