import io
import json

from tinypixel.runlog import RunLog


def written(secrets, event, **fields):
    stream = io.StringIO()
    RunLog(stream, secrets, lambda: 1.5).write(event, **fields)
    assert stream.getvalue().count("\n") == 1
    return json.loads(stream.getvalue())


def test_line():
    assert written([], "attempt", number=2, nested={"a": [1, None]}) == {"time": 1.5, "event": "attempt", "number": 2, "nested": {"a": [1, None]}}


def test_secrets():
    assert written(["sk-1234"], "call", url="http://x?k=sk-1234", api_key="other")["url"] == "http://x?k=[redacted]"
