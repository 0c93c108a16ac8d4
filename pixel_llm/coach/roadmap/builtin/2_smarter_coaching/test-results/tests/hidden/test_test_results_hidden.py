import pytest

from tinypixel.results import read


def report(*cases):
    return "<testsuites><testsuite>" + "".join(f'<testcase classname="t" name="{n}">{inner}</testcase>' for n, inner in cases) + "</testsuite></testsuites>"


PASS, FAIL, SKIP = "", "<failure/>", "<skipped/>"


@pytest.mark.parametrize(
    ("cases", "expected", "code", "words", "counts"),
    [
        ([("a", PASS), ("x", PASS)], ["t::a", "t::b"], 0, ["missing", "t::b"], (2, 0, 0)),
        ([("a", PASS), ("a", PASS), ("b", PASS)], ["t::a", "t::b"], 0, ["twice", "t::a"], (3, 0, 0)),
        ([("a", PASS), ("other", FAIL)], ["t::a"], 1, ["failed", "t::other"], (1, 1, 0)),
        ([("a", SKIP), ("b", PASS)], ["t::a", "t::b"], 0, ["skipped", "t::a"], (1, 0, 1)),
        ([("a", PASS)], ["t::a"], 5, ["exit code", "5"], (1, 0, 0)),
        ([("a", PASS)], ["t::a"], -9, ["exit code", "-9"], (1, 0, 0)),
        ([("a", PASS)], [], 0, ["no tests"], (1, 0, 0)),
        ([("a", "<failure/><error/>")], ["t::a"], 1, ["failed"], (0, 1, 0)),
        ([("a", "<error/>")], ["t::a"], 1, ["failed"], (0, 1, 0)),
        ([("b", FAIL)], ["t::a"], 1, ["missing"], (0, 1, 0)),
    ],
)  # fmt: skip
def test_reasons(cases, expected, code, words, counts):
    found = read(report(*cases), expected, code)
    assert not found.ok and all(word in found.reason for word in words)
    assert (found.passed, found.failed, found.skipped) == counts


def test_a_skipped_extra_is_no_harm():
    assert read(report(("a", PASS), ("x", SKIP)), ["t::a"], 0).ok
    assert read(report(("a", "<system-out>hello</system-out>")), ["t::a"], 0).ok


@pytest.mark.parametrize("xml", ["", "<a>", "plain", '<!DOCTYPE x [<!ENTITY e "e">]><testsuites/>', '<!doctype x><testsuites/>'])
def test_not_xml(xml):
    found = read(xml, ["t::a"], 0)
    assert found[:4] == (False, 0, 0, 0) and "not XML" in found.reason
