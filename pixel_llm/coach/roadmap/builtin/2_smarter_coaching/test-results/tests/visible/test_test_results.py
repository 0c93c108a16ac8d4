from tinypixel.results import read

XML = """<testsuites><testsuite><testcase classname="t" name="a"/><testcase classname="t" name="b">{}</testcase></testsuite></testsuites>"""


def test_passed_and_failed():
    assert read(XML.format(""), ["t::a", "t::b"], 0) == (True, 2, 0, 0, "")
    found = read(XML.format("<failure/>"), ["t::a", "t::b"], 1)
    assert not found.ok and found.failed == 1 and "failed" in found.reason and "t::b" in found.reason


def test_missing():
    assert "missing" in read("<testsuites/>", ["t::a"], 0).reason
