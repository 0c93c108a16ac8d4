from tinypixel.capabilities import Availability, probe, summary

NOTHING = {"environ": {}, "which": lambda command: None, "reachable": lambda url: "connection refused"}


def test_command():
    found = probe("local", command="ollama", **NOTHING)
    assert not found.ok and "ollama is not installed" in found.why_not and "install" in found.remedy


def test_summary():
    found = [Availability("a", True, "", ""), Availability("b", False, "KEY is not set", "export KEY=...")]
    assert summary(found) == "a: available\nb: KEY is not set; export KEY=..."
