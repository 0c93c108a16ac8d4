import io
import json
import pathlib

import pytest

from tinypixel.runlog import RunLog


def line(secrets, event="e", **fields):
    stream = io.StringIO()
    RunLog(stream, secrets, lambda: 0).write(event, **fields)
    return stream.getvalue()


def written(secrets, event="e", **fields):
    return json.loads(line(secrets, event, **fields))


def test_everywhere():
    class Odd:
        def __repr__(self):
            return "<Odd hunter22>"

    text = line(["hunter22"], "hunter22 came", a=["x hunter22", {"hunter22": ("hunter22",)}], odd=Odd(), path=pathlib.PurePosixPath("/hunter22"))
    assert "hunter22" not in text and text.count("[redacted]") == 6


def test_longer_secrets_first_and_short_ones_ignored():
    assert written(["abcd", "abcdefgh", "x", ""], note="abcdefgh abcd x")["note"] == "[redacted] [redacted] x"


def test_names_of_secrets():
    fields = {"X-Api-Key": "a1", "token": "a2", "Authorization": "Bearer a3", "db": {"PASSWORD": "a4", "tokens_in": "a5"}, "monkey": "a6", "keys": "a7", "key": 7}
    found = written([], headers=fields)["headers"]
    assert found == {"X-Api-Key": "[redacted]", "token": "[redacted]", "Authorization": "[redacted]", "db": {"PASSWORD": "[redacted]", "tokens_in": "a5"},
                     "monkey": "[redacted]", "keys": "a7", "key": 7}  # fmt: skip


def test_ascii_and_order():
    text = line([], "é\n\u2028", b=1, a=2)
    assert text.isascii() and text.count("\n") == 1 and list(json.loads(text)) == ["time", "event", "b", "a"]
    assert json.loads(text)["event"] == "é\n\u2028"


def test_what_json_does_not_know():
    found = written([], a=float("nan"), b=[float("inf"), float("-inf")], c={1, 1}, d=b"x", e={3: 4}, f=(1, 2))
    assert found["a"] == "NaN" and found["b"] == ["Infinity", "-Infinity"] and found["c"] == "{1}" and found["d"] == "b'x'"
    assert found["e"] == {"3": 4} and found["f"] == [1, 2]


def test_a_circle():
    circle = []
    circle.append(circle)
    assert "..." in line([], a=circle)


def test_arguments_stay_and_names_are_taken():
    fields = {"token": "t", "list": [1]}
    line([], a=fields)
    assert fields == {"token": "t", "list": [1]}
    log = RunLog(io.StringIO(), [], lambda: 0)
    with pytest.raises(ValueError):
        log.write("e", time=3)
    with pytest.raises((ValueError, TypeError)):
        log.write("e", **{"event": 3})


def test_flushes():
    class Stream(io.StringIO):
        flushed = 0

        def flush(self):
            self.flushed += 1

    stream = Stream()
    RunLog(stream, [], lambda: 0).write("e")
    assert stream.flushed >= 1
