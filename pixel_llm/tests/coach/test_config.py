"""Settings: file, environment, flags; what is generated from them."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import pixel_llm
from pixel_llm.cli import docs_coach
from pixel_llm.coach import config as module
from pixel_llm.coach.config import CoachConfig, database, load, names, state_folder, variables
from pixel_llm.coach.structured import parse
from pixel_llm.errors import InvalidArgumentError, NotFoundError, PixelLLMError, TaskFormatError

ROOT = Path(pixel_llm.__file__).parent.parent


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in variables():
        monkeypatch.delenv(name, raising=False)


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "coach.yaml").write_text(
        "loop: {max_attempts: 4, accept_score: 4, prompt_limit: 4000}\nwriter: {model: f}\n"
    )
    monkeypatch.setenv("PIXEL_LLM_COACH_LOOP__ACCEPT_SCORE", "5")
    monkeypatch.setenv("PIXEL_LLM_COACH_LOOP__PROMPT_LIMIT", "5000")
    monkeypatch.setenv("PIXEL_LLM_COACH_PROTECTED_PATHS", '["LICENSE", "./deploy/"]')
    made = load(tmp_path, flags={"loop.prompt_limit": 6000, "writer.model": None, "run.parallel": 2})
    assert (made.loop.max_attempts, made.loop.accept_score, made.loop.prompt_limit) == (4, 5, 6000)
    assert (made.writer.model, made.run.parallel, made.protected_paths) == ("f", 2, ("LICENSE", "deploy"))


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path) == CoachConfig()
    (tmp_path / "coach.yaml").write_text("")
    assert load(tmp_path) == CoachConfig()


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"mine\.yaml"):
        load(tmp_path, file=tmp_path / "mine.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lop: {}", r"coach.yaml: lop: unknown key \(did you mean loop\?\)"),
        ("loop: {max_atempts: 1}", r"loop.max_atempts: unknown key \(did you mean max_attempts\?\)"),
        ("zzz: 1", r"zzz: unknown key \(known: branch, database"),
        ("loop: {max_attempts: 99}", r"loop.max_attempts: .*20.*not '99'"),
        ("loop: {max_attempts: many}", r"loop.max_attempts: .*integer"),
        ("writer: {kind: gpt}", r"writer.kind: .*'ollama'.*not 'gpt'"),
        ("loop: 3", "loop: "),
        ("- a", "a mapping was expected, not a list"),
        ("a: b: c", r"line 1, column \d+: not YAML"),
        ("loop: {}\nloop: {}", "line 2, column 1: not YAML: the key 'loop' occurs twice"),
        ("x: &a [1]\ny: *a", r"line 2, column \d: not YAML: aliases"),
        ("protected_paths: [../x]", "protected_paths.0: .*not below"),
        ("x: !!python/object/apply:os.system [ls]", "line 1"),
        ("x: " + "[" * 50 + "]" * 50, "nested deeper than 40"),
        ("x: " + "[" * 5000, "not YAML|nested"),
        ("\x00", "not YAML"),
    ],
)
def test_mistakes_in_the_file_are_named_with_their_place(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "coach.yaml").write_text(text)
    with pytest.raises(TaskFormatError, match=message):
        load(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PIXEL_LLM_COACH_LOP__X", "1", "PIXEL_LLM_COACH_LOP__X: unknown environment variable"),
        ("PIXEL_LLM_COACH_WRITER__MODL", "x", r"did you mean PIXEL_LLM_COACH_WRITER__MODEL\?"),
        ("PIXEL_LLM_COACH_LOOP__MAX_ATTEMPTS", "many", "PIXEL_LLM_COACH_LOOP__MAX_ATTEMPTS: .*integer"),
        ("PIXEL_LLM_COACH_PROTECTED_PATHS", "a,b", "JSON list"),
    ],
)
def test_mistakes_in_the_environment_name_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidArgumentError, match=message):
        load(tmp_path)


def test_mistakes_in_flags_name_the_setting(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match=r"flag for run.parallel: .*not '0'"):
        load(tmp_path, flags={"run.parallel": 0})
    with pytest.raises(InvalidArgumentError, match=r"did you mean run.parallel\?"):
        load(tmp_path, flags={"run.paralel": 1})


@given(st.binary(max_size=200) | st.text(alphabet="{}[]:,-#&*!|>'\"%@` \nabcloop", max_size=80).map(str.encode))
def test_hostile_files_end_in_settings_or_one_of_our_errors(data: bytes) -> None:
    try:
        made = parse(data.decode("utf-8", "replace"), file="x")
        CoachConfig() if made is None else module.build(CoachConfig, made, file="x")
    except PixelLLMError:
        pass


def test_every_setting_says_what_it_is_and_has_a_variable() -> None:
    text = docs_coach.example()
    assert all(f"{name.split('.')[-1]}:" in text for name in names())
    assert sorted(variables().values()) == sorted(names())
    schema = CoachConfig.model_json_schema()
    for section in (schema, *schema["$defs"].values()):
        assert all(p.get("description") or "$ref" in p or "default" in p for p in section["properties"].values())


def test_the_example_is_the_defaults_and_obeys_the_schema(tmp_path: Path) -> None:
    text = docs_coach.example()
    assert load(tmp_path, file=_write(tmp_path / "x.yaml", text)) == CoachConfig()
    jsonschema.validate(yaml.safe_load(text), CoachConfig.model_json_schema())


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", sorted(docs_coach.pages()))
def test_generated_files_are_current(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == docs_coach.pages()[name], (
        "run: python -m pixel_llm.cli.docs_coach"
    )


def test_the_database_is_a_url_or_below_the_project(tmp_path: Path) -> None:
    assert database(CoachConfig(), tmp_path) == str(tmp_path / ".pixel-llm" / "coach.sqlite")
    assert database(CoachConfig(database="postgresql://h/n"), tmp_path) == "postgresql://h/n"


def test_the_state_folder_is_ignored_by_git(tmp_path: Path) -> None:
    state_folder(tmp_path)
    assert (state_folder(tmp_path) / ".gitignore").read_text().endswith("\n*\n")
