import pytest

from tinypixel.capabilities import Availability, probe, summary

YES = {"environ": {"KEY": "s3cret-value"}, "which": lambda command: f"/bin/{command}", "reachable": lambda url: None}


def test_all_there():
    assert probe("x", command="c", variable="KEY", url="http://h", **YES) == ("x", True, "", "")
    assert probe("x", **{**YES, "which": lambda command: None}).ok


@pytest.mark.parametrize("value", [None, "", "  \n"])
def test_variable(value):
    environ = {} if value is None else {"KEY": value}
    found = probe("x", variable="KEY", **{**YES, "environ": environ})
    assert not found.ok and "KEY is not set" in found.why_not and "export" in found.remedy and "KEY=" in found.remedy


def test_order_of_checks():
    asked = []
    parts = {"environ": {}, "which": lambda c: asked.append("which"), "reachable": lambda u: asked.append("reachable")}
    found = probe("x", command="c", variable="KEY", url="http://h", **parts)
    assert asked == ["which"] and "c is not installed" in found.why_not


def test_url_says_why():
    found = probe("x", url="http://127.0.0.1:1", **{**YES, "reachable": lambda url: "timed out"})
    assert not found.ok and "http://127.0.0.1:1" in found.why_not and "timed out" in found.why_not

    def refuses(url):
        raise ConnectionRefusedError("nobody listens")

    assert "nobody listens" in probe("x", url="http://h", **{**YES, "reachable": refuses}).why_not


def test_a_defect_is_not_hidden():
    def broken(url):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        probe("x", url="http://h", **{**YES, "reachable": broken})


def test_the_key_is_never_shown():
    found = probe("x", variable="KEY", url="http://h", **{**YES, "reachable": lambda url: "no"})
    assert "s3cret" not in repr(found) + summary([found])


def test_summary():
    none = Availability("a", False, "why", "")
    assert summary([none]) == "a: why\nNo agent is available."
    assert summary([]) == "No agent is available."
    assert summary([none, Availability("b", True, "", "")]) == "a: why\nb: available"
