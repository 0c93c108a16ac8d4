import pytest

from tinypixel.lessons import feedback, merge


def test_merge():
    assert merge(["Check for None."], ["check for  none", "Close the file"]) == ["Check for None.", "Close the file"]


def test_feedback():
    assert feedback("Do it.", "", "E1", ["a", "b"], 1000) == "## Task\nDo it.\n\n## What failed\nE1\n\n## Lessons\n- a\n- b"
    with pytest.raises(ValueError):
        feedback("Do it.", "", "", [], 5)
