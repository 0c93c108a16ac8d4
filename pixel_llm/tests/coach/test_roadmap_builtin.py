"""The built-in roadmap: every task's good solution passes its tests, the stub and the wrong answer do not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pixel_llm.coach.roadmap import load_roadmap
from pixel_llm.coach.roadmap.format import builtin

RUNNER = Path(__file__).parent / "roadmap_runner.py"
TASKS = sorted(path.parent.name for path in builtin().glob("*/*/task.yaml"))
PASSED, FAILED = 0, 1  # pytest's exit codes


@pytest.mark.parametrize("task", TASKS)
def test_solutions(task: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-P", str(RUNNER), str(builtin()), task, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    expected = {
        "good": {"visible": PASSED, "hidden": PASSED},
        "stub": {"hidden": FAILED},
        "wrong": {"hidden": FAILED},
    }
    assert json.loads(done.stdout) == expected, done.stderr


def test_it_loads_with_every_phase_of_the_plan() -> None:
    roadmap = load_roadmap(builtin())
    assert [phase.id for phase in roadmap.phases] == [
        "0_stabilization",
        "1_gpu_core",
        "2_smarter_coaching",
        "3_pixel_integration",
        "4_tiny_model",
        "5_ux_polish",
        "6_full_inference",
        "7_model_conversion",
        "8_self_improvement",
    ]
    assert len(roadmap.tasks) >= 40
    for task in roadmap.tasks:
        assert task.visible_tests and task.hidden_tests and task.target_files and task.description, task.id


def test_solutions_hold_the_targets_and_nothing_else() -> None:
    for task in load_roadmap(builtin()).tasks:
        folder = builtin() / task.phase / task.id / "solutions"
        for solution in ("good", "stub", "wrong"):
            root = folder / solution
            files = {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()}
            assert files == set(task.target_files), (task.id, solution)
        good, wrong, stub = ((folder / s / task.target_files[0]).read_text() for s in ("good", "wrong", "stub"))
        assert len({good, wrong, stub}) == 3, task.id
