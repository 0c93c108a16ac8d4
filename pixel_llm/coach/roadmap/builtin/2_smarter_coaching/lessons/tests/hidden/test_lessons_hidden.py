import pytest

from tinypixel.lessons import feedback, merge


def test_a_lesson_that_comes_up_again_moves_to_the_end():
    assert merge(["A!", "b", "c"], ["a", " d "]) == ["b", "c", "A!", "d"]


def test_limit_drops_the_oldest():
    assert merge([str(i) for i in range(25)], ["3"], 3) == ["23", "24", "3"]
    assert merge(["a", "b"], [], 0) == []
    assert len(merge([f"n{i}" for i in range(50)], [])) == 20


def test_empty_ones_and_letters_of_all_scripts():
    assert merge([" ", "--", ""], ["é", "É.", "ü"]) == ["é", "ü"]


def test_arguments_stay():
    old, new = ["a"], ["a", "b"]
    merge(old, new)
    assert (old, new) == (["a"], ["a", "b"])


def test_fits_exactly():
    whole = feedback("task", "best", "fail", ["l1", "l2"], 10_000)
    assert feedback("task", "best", "fail", ["l1", "l2"], len(whole)) == whole
    assert feedback("task", "best", "fail", ["l1", "l2"], len(whole) - 1).endswith("## Lessons\n- l2")


def test_never_above_the_budget_and_the_task_stays():
    task, best, failing = "T" * 50, "B" * 300, "\n".join(f"line {i}" for i in range(60))
    lessons = [f"lesson {i}" for i in range(8)]
    least = len("## Task\n") + 50
    for budget in range(least, 1100):
        text = feedback(task, best, failing, lessons, budget)
        assert len(text) <= budget and text.startswith("## Task\n" + task)
        if "## Lessons" in text:
            assert text.endswith("- lesson 7")
        if "## What failed" in text and "line 0\n" not in text:
            rest = text.split("## What failed\n[...]\n")[1]
            assert rest and failing.endswith(rest)
            assert "## Lessons" not in text
        if "## Best" in text and "B" * 300 not in text:
            assert "B\n[...]" in text and "## What failed" not in text
    with pytest.raises(ValueError):
        feedback(task, best, failing, lessons, least - 1)


def test_cut_uses_the_room_there_is():
    text = feedback("t", "", "x" * 100, [], 60)
    assert len(text) == 60 and text.endswith("[...]\n" + "x" * (60 - len("## Task\nt\n\n## What failed\n[...]\n")))
