"""What is taken out of a model's answer, and what is refused."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixel_llm.coach.loop.extract import Extraction, extract
from pixel_llm.coach.loop.placeholders import placeholder
from pixel_llm.coach.types import MAX_TEXT

CODE = "def add(a, b):\n    return a + b\n"


def nothing(path: str) -> None:
    return None


def take(answer: str, *targets: str, before: dict[str, str] | None = None, cut_off: bool = False) -> Extraction:
    files = before or {}
    return extract(answer, targets or ("add.py",), files.get, cut_off=cut_off)


@pytest.mark.parametrize(
    "answer",
    [
        f"```python add.py\n{CODE}```",
        f"```add.py\n{CODE}```",
        f"```python:add.py\n{CODE}```",
        f'```python title="add.py"\n{CODE}```',
        f"```python file=add.py\n{CODE}```",
        f"~~~python add.py\n{CODE}~~~",
        f"  ```python add.py\n{CODE}  ```",
        f"### add.py\n\n```python\n{CODE}```",
        f"**add.py**\n```python\n{CODE}```",
        f"**`add.py`**:\n\n```python\n{CODE}```",
        f"File: add.py\n```python\n{CODE}```",
        f"Here is the new `add.py`:\n```python\n{CODE}```",
        f"1. add.py\n```python\n{CODE}```",
        f"```python\n# add.py\n{CODE}```",
        f"```python\n# File: add.py\n{CODE}```",
        f"Sure!\n\n```python\n{CODE}```\n\nHope that helps.",
        f"```\n{CODE}```",
        CODE,
        f"```python add.py\r\n{CODE}```".replace("\n", "\r\n"),
        f"```python ./add.py\n{CODE}```",
    ],
)
def test_the_ways_in_which_models_name_a_file(answer: str) -> None:
    found = take(answer)
    assert (dict(found.files), found.problems) == ({"add.py": CODE}, ())


def test_several_files_one_of_them_in_a_folder() -> None:
    found = take(
        f"```python src/add.py\n{CODE}```\nand\n```json\n```\n### config.json\n```json\n{{}}\n```",
        "src/add.py",
        "config.json",
    )
    assert found.files == {"src/add.py": CODE, "config.json": "{}\n"}
    assert found.problems == ()


def test_a_name_without_its_folder_is_the_target_of_that_name_if_there_is_one_only() -> None:
    assert take(f"```python add.py\n{CODE}```", "src/add.py").files == {"src/add.py": CODE}
    assert not take(f"```python add.py\n{CODE}```", "src/add.py", "lib/add.py").files


def test_the_longest_unnamed_block_is_the_file_and_usage_is_not() -> None:
    found = take(f"```sh\npip install x\n```\n```python\n{CODE}```\n```python\nadd(1, 2)\n```")
    assert found.files == {"add.py": CODE}
    assert found.notes == ("add.py: 3 blocks have no path; the longest one counts",)


def test_the_last_of_two_versions_counts() -> None:
    found = take(f"```python add.py\npass\n```\nWait, that is wrong.\n```python add.py\n{CODE}```")
    assert found.files == {"add.py": CODE}
    assert found.notes == ("add.py: written twice; the last version counts",)


def test_files_that_are_not_targets_are_not_written() -> None:
    found = take(f"```python add.py\n{CODE}```\n```python tests/test_add.py\ndef test(): pass\n```")
    assert found.files == {"add.py": CODE}
    assert found.notes == ("tests/test_add.py: not a file of this task; it was not written",)


@pytest.mark.parametrize("path", ["../add.py", "/etc/passwd", "a/../../x.py", "C:\\x.py", "conftest.py"])
def test_no_path_but_a_target_is_ever_written(path: str) -> None:
    found = take(f"```python {path}\n{CODE}```", "add.py", "sub.py")
    assert not found.files
    assert found.problems


def test_a_fence_in_a_docstring_does_not_end_the_file() -> None:
    code = 'def add(a, b):\n    """Adds.\n\n```\nadd(1, 2)\n```\n    """\n    return a + b\n'
    assert take(f"```python add.py\n{code}```\nDone.").files == {"add.py": code}


def test_a_longer_fence_holds_shorter_ones() -> None:
    text = "# Title\n\n```sh\nls\n```\n"
    assert take(f"````markdown README.md\n{text}````", "README.md").files == {"README.md": text}


def test_an_answer_that_was_cut_off_is_refused_and_says_where() -> None:
    found = take("```python add.py\ndef add(a, b):\n    retu", cut_off=True)
    assert not found.files
    assert "add.py: the answer stops in the middle of the file, at the token limit" in found.problems[0]
    assert "without a closing fence" in take("```python add.py\ndef add(a, b):").problems[0]


def test_only_the_last_fence_of_a_finished_answer_may_be_forgotten() -> None:
    assert take(f"```python add.py\n{CODE}").files == {"add.py": CODE}
    assert not take(f"```python add.py\n{CODE}", cut_off=True).files
    assert not take("```text add.txt\nhalf a", "add.txt").files


@pytest.mark.parametrize("answer", ["", "I cannot do that.", "add", "x\n\ny", "no fence here: a + b"])
def test_an_answer_without_a_file_says_what_is_wanted(answer: str) -> None:
    found = take(answer)
    assert not found.files
    assert "put add.py in a fence" in found.problems[0]


def test_a_missing_new_file_is_a_problem_and_an_untouched_old_one_is_none() -> None:
    answer = f"```python add.py\n{CODE}```"
    assert take(answer, "add.py", "sub.py").problems == ("sub.py: the answer does not contain this file",)
    assert take(answer, "add.py", "sub.py", before={"sub.py": "x = 1\n"}).problems == ()


@pytest.mark.parametrize(
    "comment",
    [
        "# ...",
        "# …",
        "# rest of the code unchanged",
        "# ... rest of the code unchanged ...",
        "# The rest of the file remains the same.",
        "# ... (existing code) ...",
        "# existing code here",
        "# [rest of the implementation here]",
        "# <rest of the class>",
        "# other methods remain unchanged",
        "# all other functions stay the same",
        "# previous code...",
        "# ... other methods ...",
        "# keep the existing code",
        "# same as before",
        "# your code here",
        "# implementation goes here",
        "# code omitted for brevity",
        "    # remaining methods unchanged",
    ],
)
def test_a_placeholder_is_refused(comment: str) -> None:
    found = take(f"```python add.py\n{CODE}{comment}\n```")
    assert len(found.problems) == 1
    assert "stands for code that was left out; write the whole file" in found.problems[0]


@pytest.mark.parametrize(
    "line",
    [
        "# The rest of the code handles negative numbers.",
        "# keep the rest of the string for the next token",
        "# existing code calls this twice, so be idempotent",
        "x = 1  # same as before",
        "# Other imports",
        "# This function returns the remaining items.",
        "# See above.",
        "# Insert the value into the table",
        "text = '# ... rest of the code unchanged ...'",
        '"""\n# rest of the code unchanged\n"""',
        "...",
        "# tests: see test_add.py",
        "# unchanged values are skipped",
        "# Your name goes into the header.",
    ],
)
def test_an_honest_comment_is_none(line: str) -> None:
    assert placeholder(f"{CODE}{line}\n", "add.py", None) is None


def test_a_placeholder_that_was_there_before_may_stay() -> None:
    before = {"add.py": f"{CODE}# your code here\n"}
    assert take(f"```python add.py\n{CODE}# your code here\n```", before=before).problems == ()


def test_placeholders_in_other_languages() -> None:
    assert take("```js a.js\nlet a\n// ... rest of code ...\n```", "a.js").problems
    assert take("```html a.html\n<p>\n<!-- rest of the file unchanged -->\n```", "a.html").problems


def edit(search: str, replace: str, path: str = "add.py") -> str:
    return f"{path}\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"


OLD = "def add(a, b):\n    return a - b\n\n\ndef sub(a, b):\n    return a - b\n"


def test_a_search_and_replace_block_changes_its_place_only() -> None:
    answer = edit("def add(a, b):\n    return a - b\n", CODE)
    for text in (answer, f"```python\n{answer}```", f"add.py\n```\n{answer.split(chr(10), 1)[1]}```"):
        found = take(text, before={"add.py": OLD})
        assert found.problems == ()
        assert found.files == {"add.py": CODE + "\n\ndef sub(a, b):\n    return a - b\n"}


def test_blocks_apply_one_after_the_other() -> None:
    answer = edit("def add(a, b):\n", "def plus(a, b):\n") + edit("def plus(a, b):\n    return a - b\n", CODE)
    assert take(answer, before={"add.py": OLD}).files["add.py"].startswith(CODE)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (edit("    return a - b\n", "    return a + b\n"), "is there 2 times"),
        (edit("    return a * b\n", "    return a + b\n"), "is not in the file"),
        (edit("def add(a, b):\n    return a - b\n", "# ... existing code ...\n"), "left out"),
        (edit("x\n", "y\n", path="other.py"), "name one of the task's files"),
        ("add.py\n<<<<<<< SEARCH\ndef add(a, b):\n", "does not end"),
        ("add.py\n<<<<<<< SEARCH\nx\n>>>>>>> REPLACE\n=======\n", "does not end"),
    ],
)
def test_a_block_that_cannot_be_applied_is_refused(answer: str, why: str) -> None:
    found = take(answer, "add.py", "b.py", before={"add.py": OLD, "b.py": ""})
    assert why in " ".join(found.problems)


def test_spaces_at_the_ends_of_lines_do_not_keep_a_block_from_its_place() -> None:
    found = take(edit("def add(a, b):  \n    return a - b\n", CODE), before={"add.py": OLD})
    assert found.files["add.py"].startswith(CODE)


def test_a_block_with_nothing_to_search_makes_a_new_file_only() -> None:
    assert take(edit("", CODE)).files == {"add.py": CODE}
    assert "is not in the file" in take(edit("", CODE), before={"add.py": OLD}).problems[0]


def test_a_file_beyond_the_limit_is_refused() -> None:
    found = take(edit("x\n", "a" * 10 + "\n"), before={"add.py": "x\n" + "y" * MAX_TEXT})
    assert not found.files
    assert "a file has 1,000,000 at most" in found.problems[0]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000,
        "-" * 200_000 + "1",
        "a" + ".b" * 20_000,
        "[" * 99 + "]" * 99,
        "\0",
        "if 1:\n" + " " * 90 + "x" * 9000,
        "x = '\\d'",
    ],
)
def test_source_that_is_hard_on_parsers_is_only_text(text: str) -> None:
    assert take(f"```python add.py\n{text}\n```\n```").files["add.py"].strip() == text.strip()


PIECES = st.sampled_from(
    [
        "```",
        "````",
        "~~~",
        "```python add.py",
        "add.py",
        "<<<<<<< SEARCH",
        "=======",
        ">>>>>>> REPLACE",
        "x = 1",
        "# ...",
        "",
    ]
)


@given(st.lists(st.one_of(PIECES, st.text(string.printable, max_size=12)), max_size=25), st.booleans())
def test_whatever_comes_only_targets_are_written_and_nothing_is_raised(lines: list[str], cut_off: bool) -> None:
    found = take("\n".join(lines), "add.py", "sub.py", before={"sub.py": "x = 1\n"}, cut_off=cut_off)
    assert set(found.files) <= {"add.py", "sub.py"}
    assert found.files or found.problems
