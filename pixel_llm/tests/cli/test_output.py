"""How numbers and text are shown."""

from __future__ import annotations

import pytest

from pixel_llm.cli.output import clean, human_bytes, human_count, human_seconds


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (98_362_432, "98.4 MB"),
        (999_960_000, "1.0 GB"),
        (14e9, "14.0 GB"),
        (2.5e12, "2.5 TB"),
        (2.5e15, "2500.0 TB"),
    ],
)
def test_bytes(count: float, text: str) -> None:
    assert human_bytes(count) == text


def test_counts_and_durations() -> None:
    assert [human_count(n) for n in (12, 1500, 134_515_008, 7_600_000_000)] == ["12", "1.5 k", "134.5 M", "7.6 B"]
    assert [human_seconds(s) for s in (0.0004, 0.34, 2.34, 185)] == ["0 ms", "340 ms", "2.3 s", "3 min 05 s"]


def test_control_characters_do_not_reach_a_terminal() -> None:
    assert clean("a\x1b]0;title\x07b\r\n\tc\u202e é 🌍") == "a�]0;title�b�\n\tc� é 🌍"
