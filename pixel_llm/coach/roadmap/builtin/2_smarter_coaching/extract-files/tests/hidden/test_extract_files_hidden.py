import pytest

from tinypixel.extract import AnswerError, files


def block(path, text, ticks="```"):
    return f"{ticks}python {path}\n{text}{ticks}\n"


def test_longer_fences_hold_shorter_ones():
    text = 'DOC = """\n```\nexample\n```\n"""\n'
    assert files(block("a.py", text, "````"), ["a.py"]) == {"a.py": text}
    assert files("```a.py\nx\n`````  \n", ["a.py"]) == {"a.py": "x\n"}


def test_an_indented_fence_inside_is_content():
    assert files("```a.py\n    ```\nx\n```\n", ["a.py"]) == {"a.py": "    ```\nx\n"}


def test_last_one_counts_and_others_are_ignored():
    answer = block("a.py", "1\n") + block("b.py", "2\n") + "```sh\nls\n```\n" + block("a.py", "3\n")
    assert files(answer, ["a.py"]) == {"a.py": "3\n"}


def test_name_above():
    assert files("The file **pkg/a.py** (see `b.py`):\n```\nx\n```", ["b.py"]) == {"b.py": "x\n"}
    assert files("**a.py**\n```python\nx\n```", ["a.py"]) == {"a.py": "x\n"}
    assert files("**important** words\n```python\nx\n```", ["a.py"]) == {"a.py": "x\n"}


def test_two_nameless_blocks_are_nobody_s():
    with pytest.raises(AnswerError, match="a.py"):
        files("```\nx\n```\n```\ny\n```\n", ["a.py"])
    with pytest.raises(AnswerError, match="b.py"):
        files(block("a.py", "1\n") + "```\nx\n```\n", ["a.py", "b.py"])


def test_empty_and_unclosed():
    assert files("```a.py\n```\n", ["a.py"]) == {"a.py": ""}
    with pytest.raises(AnswerError, match="not closed"):
        files("```a.py\nx = 1\n", ["a.py"])
    with pytest.raises(AnswerError):
        files("", ["a.py"])


@pytest.mark.parametrize(
    "line",
    ["# rest of the code unchanged", "    // ... existing code here ...", "-- remaining code stays the same", "/* same as before */",
     "# [rest of the code unchanged]", "# ... SAME AS BEFORE ...", "... rest of the code unchanged ...", "# existing code here"],
)  # fmt: skip
def test_placeholders(line):
    with pytest.raises(AnswerError, match="(?s)a.py.*placeholder|placeholder.*a.py"):
        files(block("a.py", f"x = 1\n{line}\n"), ["a.py"])


@pytest.mark.parametrize(
    "line",
    ["# the same as before, but for negative numbers", "...", "# ...", "    ...", "x = 'rest of the code unchanged'", "# keeps the rest of the code unchanged when called twice", "#", "[]", "()"],
)  # fmt: skip
def test_no_placeholders(line):
    assert files(block("a.py", f"x = 1\n{line}\n"), ["a.py"])["a.py"].endswith(line + "\n")
