"""Roadmaps of one file and of folders."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from pixel_llm.cli import docs_coach
from pixel_llm.coach.roadmap import load_roadmap
from pixel_llm.coach.roadmap.loader import solution
from pixel_llm.errors import NotFoundError, TaskFormatError

ONE_FILE = """
name: Mine
protected_paths: [LICENSE]
phases:
  - id: one
    name: First
    measure: it works
    tasks:
      - id: a
        title: Do a
        target_files: [a.py]
        visible_tests: [tests/test_a.py]
        hidden_tests: [{path: hidden.py, content: "def test(): assert 1"}]
      - {id: b, title: Do b, depends_on: [a], protected_paths: [deploy, LICENSE], test_command: make test}
  - {id: two, name: Second, depends_on: [one], tasks: [{id: c, title: Do c}]}
"""


@pytest.fixture
def one_file(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text("def test_a(): ...\n")
    (tmp_path / "roadmap.yaml").write_text(ONE_FILE)
    return tmp_path / "roadmap.yaml"


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    files = {
        "roadmap.yaml": "name: Built\nprotected_paths: [secret]\n",
        "0_first/phase.yaml": "name: First\nmeasure: done\n",
        "0_first/b-task/task.yaml": "title: B\ntarget_files: [b.py]\n",
        "0_first/b-task/tests/visible/test_b.py": "visible",
        "0_first/b-task/tests/visible/data/x.txt": "data",
        "0_first/b-task/tests/hidden/test_h.py": "hidden",
        "0_first/b-task/solutions/good/b.py": "good",
        "0_first/b-task/tests/visible/__pycache__/x.pyc": "no",
        "0_first/a-task/task.yaml": "title: A\ndepends_on: [b-task]\n",
        "1_second/phase.yaml": "name: Second\ndepends_on: [0_first]\n",
        "1_second/c-task/task.yaml": "title: C\n",
        "notes/readme.txt": "no phase",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_one_file_holds_everything(one_file: Path) -> None:
    roadmap = load_roadmap(one_file)
    a, b, c = roadmap.tasks
    assert (a.phase, b.phase, c.phase) == ("one", "one", "two")
    assert [(t.path, t.content) for t in a.visible_tests] == [("tests/test_a.py", "def test_a(): ...\n")]
    assert a.hidden_tests[0].path == "hidden.py" and b.test_command == ("make", "test")
    assert a.protected_paths == ("LICENSE",) and b.protected_paths == ("LICENSE", "deploy")
    assert c.depends_on == ("a", "b")
    assert roadmap.phase("one").measure == "it works"


def test_json_is_read_too(one_file: Path) -> None:
    other = one_file.with_suffix(".json")
    other.write_text(json.dumps(yaml.safe_load(ONE_FILE)))
    assert load_roadmap(other) == load_roadmap(one_file)


def test_a_roadmap_that_people_write_obeys_the_schema(one_file: Path) -> None:
    schema = json.loads(docs_coach.pages()["docs/schemas/coach-roadmap.schema.json"])
    data = yaml.safe_load(ONE_FILE)
    jsonschema.validate(data, schema)
    data["phases"][0]["tasks"][0]["titel"] = "x"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema)


def test_folders_hold_tests_and_solutions(folders: Path) -> None:
    roadmap = load_roadmap(folders)
    assert [(t.phase, t.id) for t in roadmap.tasks] == [
        ("0_first", "a-task"),
        ("0_first", "b-task"),
        ("1_second", "c-task"),
    ]
    b = roadmap.tasks[1]
    assert [(t.path, t.content) for t in b.visible_tests] == [
        ("coach_tests/b-task/visible/data/x.txt", "data"),
        ("coach_tests/b-task/visible/test_b.py", "visible"),
    ]
    assert [t.path for t in b.hidden_tests] == ["coach_tests/b-task/hidden/test_h.py"]
    assert roadmap.tasks[2].depends_on == ("a-task", "b-task") and b.protected_paths == ("secret",)
    assert [(f.path, f.content) for f in solution(folders, b, "good")] == [("b.py", "good")]
    for kind in ("wrong", "../good"):
        with pytest.raises(NotFoundError, match="no solution"):
            solution(folders, b, kind)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: c", "id: a", "task a occurs twice"),
        ("depends_on: [a]", "depends_on: [z]", "task b depends on z, which is not in the roadmap"),
        ("depends_on: [one]", "depends_on: [three]", "phase two depends on three"),
        ("id: two, name: Second, depends_on: [one]", "id: one, name: Second", "phase one occurs twice"),
        ("title: Do c", "title: Do c, phase: three", "says phase 'three' but stands in 'two'"),
        ("tests/test_a.py", "tests/gone.py", "task a.visible_tests: there is no test tests/gone.py"),
        ("tests/test_a.py", "../../etc/passwd", "task a.visible_tests: .*not below"),
        ("title: Do a", "titel: Do a", r"phases.0.tasks.0.titel: unknown key \(did you mean title\?\)"),
        ("title: Do a", "priority: 3", "phases.0.tasks.0.title: is missing"),
        ("name: Mine", "name: [Mine]", "roadmap.yaml: name: "),
        ("phases:", "phase:", "phase: unknown key"),
    ],
)
def test_mistakes_are_named_with_their_place(one_file: Path, old: str, new: str, message: str) -> None:
    assert old in ONE_FILE
    one_file.write_text(ONE_FILE.replace(old, new))
    with pytest.raises(TaskFormatError, match=message):
        load_roadmap(one_file)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("0_first/b-task/task.yaml", "titel: B", r"b-task/task.yaml: titel: unknown key"),
        ("0_first/b-task/task.yaml", "title: B\nid: c", "id: is given by the folder"),
        ("0_first/b-task/task.yaml", "title: B\nhidden_tests: []", "hidden_tests: is given by the folder"),
        ("0_first/phase.yaml", "name: A\ntasks: []", "tasks: is given by the folder"),
        ("roadmap.yaml", "name: A\nphases: []", "phases are folders here"),
        ("0_first/b-task/task.yaml", "- a", "a mapping was expected"),
    ],
)
def test_mistakes_in_folders_are_named_with_their_file(folders: Path, name: str, text: str, message: str) -> None:
    (folders / name).write_text(text)
    with pytest.raises(TaskFormatError, match=message):
        load_roadmap(folders)


def test_tests_that_are_no_text_are_refused(folders: Path) -> None:
    (folders / "0_first/b-task/tests/visible/test_b.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TaskFormatError, match=r"test_b.py: byte 0: not UTF-8"):
        load_roadmap(folders)


def test_an_unknown_phase_comes_with_the_nearest(one_file: Path) -> None:
    with pytest.raises(NotFoundError, match=r"did you mean one\?"):
        load_roadmap(one_file).phase("onee")
    with pytest.raises(NotFoundError):
        load_roadmap(one_file.parent / "gone.yaml")
