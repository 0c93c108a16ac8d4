import pytest

from tinypixel.extract import AnswerError, files


def test_named_in_the_fence_and_above():
    answer = "Here:\n```python src/a.py\nx = 1\n```\n`src/b.py`\n```python\ny = 2\n```\n"
    assert files(answer, ["src/a.py", "src/b.py"]) == {"src/a.py": "x = 1\n", "src/b.py": "y = 2\n"}


def test_only_block():
    assert files("```python\nx = 1\n```", ["a.py"]) == {"a.py": "x = 1\n"}


def test_placeholder():
    with pytest.raises(AnswerError, match="placeholder"):
        files("```a.py\nx = 1\n# ... rest of the code unchanged ...\n```", ["a.py"])
