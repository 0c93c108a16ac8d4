"""Commands that run a model: generate, chat, score, validate."""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import pixel_llm
from pixel_llm.backends.cpu import compiler
from pixel_llm.cli import agreement, running
from pixel_llm.core.pxi import PxiFile, PxiUpdater
from pixel_llm.generate import SamplingParams
from pixel_llm.testing.hf_folder import write_hf_folder
from pixel_llm.testing.tiny import CONFIGS
from pixel_llm.tests.cli.conftest import Cli

REFERENCE = ("--backend", "reference")


def test_generate_streams_text_and_keeps_statistics_apart(cli: Cli, tiny_pxi: Path) -> None:
    report = cli("generate", tiny_pxi, "-p", "hello world", "-n", 20, *REFERENCE, "--json").json
    assert report["finish_reason"] == "length" and len(report["ids"]) == report["tokens"] == 20
    assert report["prompt_tokens"] == 2 and report["tokens_per_second"] > 0
    shown = cli("generate", tiny_pxi, "-p", "hello world", "-n", 20, *REFERENCE)
    assert shown.code == 0 and shown.out.rstrip("\n") == report["text"].rstrip("\n")
    assert "tokens/s" in shown.err and "ended by length" in shown.err


def test_generate_gives_what_the_library_gives(cli: Cli, tiny_pxi: Path) -> None:
    with pixel_llm.open(tiny_pxi) as model:
        decoder = model.decoder(backend="reference", context_length=100)
        params = SamplingParams(temperature=0.8, seed=5, max_tokens=12)
        expected = model.generate("the world", params, decoder=decoder)
        assert "".join(event.text for event in model.stream("the world", params, decoder=decoder)) == expected.text
    options = ("-t", 0.8, "--seed", 5, "-n", 12, *REFERENCE, "--json")
    report = cli("generate", tiny_pxi, "-p", "the world", *options).json
    assert report["ids"] == list(expected.ids) and report["text"] == expected.text
    assert cli("generate", tiny_pxi, "-p", "-", *options, stdin=b"the world").json["ids"] == report["ids"]


def test_a_cache_that_keeps_nothing_is_named(
    cli: Cli, tiny_pxi: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not "the first time": each start compiles where compiled kernels cannot be kept."""
    monkeypatch.setattr(compiler, "_ENGINES", {})
    monkeypatch.setattr(compiler, "_UNKEPT", {})
    monkeypatch.setattr(running, "SLOW", 0.0)
    (tmp_path / "file").write_text("no folder")
    options = ("generate", tiny_pxi, "-p", "hello", "-n", 2, "--backend", "cpu")
    said = cli(*options).err
    assert "the first time" in said and "kept" not in said
    compiler._ENGINES.clear()
    monkeypatch.setenv("PIXEL_LLM_CACHE", str(tmp_path / "file"))
    said = " ".join(cli(*options).err.split())
    assert "the first time" not in said
    assert "could not be kept in" in said and "PIXEL_LLM_CACHE" in said
    assert [path.parts[: len(tmp_path.parts) + 1] for path in compiler.unkept()] == [(tmp_path / "file").parts]


@pytest.mark.parametrize("bits", [8, 16])
def test_kv_bits_reach_the_backend(cli: Cli, tiny_pxi: Path, monkeypatch: pytest.MonkeyPatch, bits: int) -> None:
    asked: list[object] = []
    load = pixel_llm.api.load_decoder
    monkeypatch.setattr(
        pixel_llm.api, "load_decoder", lambda *a, **k: asked.append(k["kv_bits"]) or load(*a, **k | {"kv_bits": 16})
    )
    options = (*REFERENCE, "--kv-bits", bits)
    text = tiny_pxi.parent / "kv_bits.txt"
    text.write_text("hello world")
    for command in (("generate", tiny_pxi, "-p", "hello", "-n", 2), ("score", tiny_pxi, "-f", text)):
        assert cli(*command, *options).code == 0
    assert cli("chat", tiny_pxi, "-n", 2, *options, stdin=b"hello\n").code == 0
    assert asked == [bits] * 3
    assert cli("score", tiny_pxi, "-f", text, *REFERENCE, "--kv-bits", 4).code == 2


def test_kv_bits_on_the_cpu_backend(cli: Cli, tiny_pxi: Path) -> None:
    options = ("-p", "hello world", "-n", 4, "--backend", "cpu", "--threads", 1, "--kv-bits", 8, "--json")
    assert cli("generate", tiny_pxi, *options).json["tokens"] == 4


def test_generate_stops_at_the_first_stop_string(cli: Cli, tiny_pxi: Path) -> None:
    options = ("-p", "hello", "-n", 30, *REFERENCE, "--json")
    whole = cli("generate", tiny_pxi, *options).json["text"]
    first, second = whole[8:10], whole[4:6]
    report = cli("generate", tiny_pxi, *options, "--stop", first, "--stop", second).json
    assert report["finish_reason"] == "stop"
    assert report["text"] == whole[: min(whole.index(first), whole.index(second))]


def test_speculation_changes_the_speed_alone(cli: Cli, tiny_pxi: Path) -> None:
    options = ("-p", "hello world " * 10, "-n", 100, "-t", 0.05, "--seed", 4, *REFERENCE)
    plain = cli("generate", tiny_pxi, *options, "--no-speculate", "--json").json
    speculated = cli("generate", tiny_pxi, *options, "--json").json
    assert speculated["ids"] == plain["ids"] and speculated["finish_reason"] == plain["finish_reason"]
    assert plain["drafted"] == plain["accepted"] == 0
    assert 0 < speculated["accepted"] < speculated["drafted"]
    shown = cli("generate", tiny_pxi, *options, "--speculate")
    assert f"{speculated['accepted']} of {speculated['drafted']} drafted tokens right" in shown.err
    assert "drafted" not in cli("generate", tiny_pxi, *options, "--no-speculate").err
    chat = [
        cli("chat", tiny_pxi, "-t", 0.05, "--seed", 4, "-n", 60, *REFERENCE, *more, stdin=b"hello hello\nworld\n")
        for more in ([], ["--no-speculate"])
    ]
    assert chat[0].out == chat[1].out and "drafted" not in chat[1].err


def test_generate_with_the_chat_template(cli: Cli, tiny_pxi: Path) -> None:
    options = ("-n", 3, *REFERENCE, "--json")
    plain = cli("generate", tiny_pxi, "-p", "hello", *options).json
    chat = cli("generate", tiny_pxi, "-p", "hello", "--chat", *options).json
    # <|bos|> <|user|> hello <|eos|> <|assistant|>
    assert (plain["prompt_tokens"], chat["prompt_tokens"]) == (1, 5)
    assert cli("generate", tiny_pxi, "-p", "hello", "--system", "be brief", *options).code == 2


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["-p", "x", "-t", "-1"], 2, "temperature"),
        (["-p", "x", "--top-p", "1.5"], 2, "top_p"),
        (["-p", "x", "-n", "0"], 2, "max_tokens"),
        (["-p", ""], 2, "empty"),
        (["-p", "x", "--backend", "gpu", "--adapter", "no such"], 5, "adapter 'no such'"),
        (["-p", "x", "--adapter", "99"], 2, "the reference backend takes no adapter ('99')"),
        (["-p", "x " * 25_000], 2, "context"),
    ],
)
def test_generate_says_what_is_wrong(cli: Cli, tiny_pxi: Path, options: list[str], code: int, words: str) -> None:
    ran = cli("generate", tiny_pxi, *(options if "gpu" in options else [*options, *REFERENCE]))
    assert (ran.code, ran.out) == (code, "") and words in ran.err


def test_a_prompt_that_is_not_utf8(cli: Cli, tiny_pxi: Path, tmp_path: Path) -> None:
    assert cli("generate", tiny_pxi, "-p", "-", stdin=b"a\xff").code == 2
    ran = cli("generate", tiny_pxi, "-p", b"a\xff".decode("utf-8", "surrogateescape"), *REFERENCE)
    assert ran.code == 2 and "--prompt: is not UTF-8" in ran.err
    ran = cli("chat", tiny_pxi, "-n", 2, *REFERENCE, stdin=b"hello\na\xff\nhello\n")
    assert ran.code == 2 and "the message: is not UTF-8" in ran.err and ran.err.count("ended by") == 1
    (tmp_path / "t").write_bytes(b"abc\xff")
    ran = cli("score", tiny_pxi, "-f", tmp_path / "t")
    assert ran.code == 2 and "UTF-8 (byte 3)" in ran.err


def test_score(cli: Cli, tiny_pxi: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_bytes("hello world\r\nthe wörld 🌍".encode())
    report = cli("score", tiny_pxi, "--text-file", text, *REFERENCE, "--json").json
    assert set(report) == {"ids", "logprobs", "argmax", "perplexity"}
    assert len(report["argmax"]) == len(report["ids"]) == len(report["logprobs"]) + 1
    assert all(value < 0 for value in report["logprobs"])
    assert report["perplexity"] == pytest.approx(math.exp(-np.mean(report["logprobs"])))
    with pixel_llm.open(tiny_pxi) as model:
        assert report["ids"] == model.tokenizer.encode("hello world\r\nthe wörld 🌍")
    assert cli("score", tiny_pxi, "-f", "-", *REFERENCE, "--json", stdin=text.read_bytes()).json == report
    shown = cli("score", tiny_pxi, "-f", text, *REFERENCE)
    assert shown.code == 0 and f"{report['perplexity']:.4f}" in shown.out


def test_score_says_what_is_wrong(cli: Cli, tiny_pxi: Path, tmp_path: Path) -> None:
    assert cli("score", tiny_pxi, "-f", tmp_path / "gone").code == 4
    assert cli("score", tiny_pxi, "-f", tmp_path).code == 5
    (tmp_path / "short").write_text("", encoding="utf-8")
    assert cli("score", tiny_pxi, "-f", tmp_path / "short", *REFERENCE).code == 2
    (tmp_path / "long").write_text("x " * 20_000, encoding="utf-8")
    ran = cli("score", tiny_pxi, "-f", tmp_path / "long", *REFERENCE)
    assert ran.code == 2 and "20000" in ran.err


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("generate", "-p", ""), "the prompt is empty"),
        (("generate", "-p", "x " * 25_000), "model's context 20000 (shorten the prompt)"),
        (("score", "-f", "-"), "at least 2 tokens"),
    ],
)
def test_a_text_that_cannot_do_is_refused_before_the_model_is_loaded(
    cli: Cli, tiny_pxi: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], words: str
) -> None:
    monkeypatch.setattr(pixel_llm.api.Model, "decoder", lambda *a, **k: pytest.fail("loaded"))
    ran = cli(command[0], tiny_pxi, *command[1:])
    assert ran.code == 2 and words in ran.err


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_streams_that_are_closed(tiny_pxi: Path, closed: int) -> None:
    """As a service manager, or `>&-` in a shell, may start us."""
    prompt = "-" if closed == 0 else "hello"
    options = ["generate", str(tiny_pxi), "-p", prompt, "-n", "3", *REFERENCE]
    code = (
        f"import os, sys; os.close({closed});"
        "os.execv(sys.executable, [sys.executable, '-m', 'pixel_llm.cli', *sys.argv[1:]])"
    )
    run = subprocess.run([sys.executable, "-c", code, *options], capture_output=True, text=True, check=False)
    assert run.returncode == (2 if closed == 0 else 0), run.stderr  # without stdin the prompt is empty
    assert "defect" not in run.stderr and "Traceback" not in run.stderr
    assert bool(run.stdout) == (closed == 2)


def test_chat_with_piped_lines(cli: Cli, tiny_pxi: Path) -> None:
    lines = b"/help\nhello\n\n/reset\n/nope\nhello\n/exit\nhello\n"
    ran = cli("chat", tiny_pxi, "-t", 0, "-n", 8, *REFERENCE, stdin=lines)
    assert ran.code == 0
    answers = ran.out.split("\n")
    with pixel_llm.open(tiny_pxi) as model:
        decoder = model.decoder(backend="reference", context_length=100)
        expected = model.generate("hello", SamplingParams(max_tokens=8), chat=True, decoder=decoder).text
    # After /reset the same question has the same answer, and nothing follows /exit.
    assert ran.out == (expected + "\n" * (not expected.endswith("\n"))) * 2, answers
    assert "/reset" in ran.err and "no command /nope" in ran.err and "forgotten" in ran.err
    assert ran.err.count("ended by") == 2


def test_chat_ends_at_a_piped_message_that_is_too_long(cli: Cli, tiny_pxi: Path) -> None:
    lines = b"hello\n" + b"x " * 300 + b"\nhello\n"
    ran = cli("chat", tiny_pxi, "-t", 0, "-n", 4, "--context-length", 200, *REFERENCE, stdin=lines)
    assert ran.code == 2 and ran.err.count("ended by") == 1
    assert "Error: the message takes" in ran.err and "larger context length" in ran.err


def test_chat_needs_a_template(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    write_hf_folder(folder, "llama")
    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    del settings["chat_template"]
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    pixel_llm.import_model(folder, tmp_path / "plain.pxi")
    ran = cli("chat", tmp_path / "plain.pxi", stdin=b"hello\n")
    assert ran.code == 3 and "chat template" in ran.err


# The terminal becomes the process's own, so that a typed Ctrl-C is a signal.
OWN_TERMINAL = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from pixel_llm.cli.main import run
run()
"""


class Terminal:
    """A command on a pseudo-terminal."""

    def __init__(self, *arguments: object, kind: str = "dumb") -> None:
        import pty

        self.master, slave = pty.openpty()
        command = [sys.executable, "-c", OWN_TERMINAL, *map(str, arguments)]
        environment = {**os.environ, "TERM": kind, "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
        )
        os.close(slave)
        self.seen = ""

    def wait_for(self, text: str, seconds: float = 60) -> None:
        """Read until `text` appears after what was waited for before."""
        import select

        end = time.monotonic() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.master], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{text!r} did not come; there was {self.seen[-2000:]!r}"
            try:
                self.seen += os.read(self.master, 65536).decode(errors="replace")
            except OSError:
                raise AssertionError(f"it ended before {text!r}: {self.seen[-2000:]!r}") from None
        self.seen = self.seen.split(text, 1)[1]

    def send(self, text: str) -> None:
        os.write(self.master, text.encode())

    def wait(self) -> int:
        """Read to the end; the exit code."""
        with contextlib.suppress(OSError):
            while os.read(self.master, 65536):
                pass
        return self.process.wait(30)

    def send_until(self, key: str, text: str) -> None:
        """Press `key` until `text` appears: one that comes before readline listens is lost, as in any program."""
        for _ in range(30):
            self.send(key)
            with contextlib.suppress(AssertionError):
                return self.wait_for(text, seconds=2)
        raise AssertionError(f"{text!r} did not come; there was {self.seen[-2000:]!r}")

    def wait_for_anything(self, seconds: float = 60) -> None:
        """Read until there is something after what was waited for before."""
        import select

        while not self.seen:
            ready, _, _ = select.select([self.master], [], [], seconds)
            assert ready, "nothing came"
            self.seen += os.read(self.master, 65536).decode(errors="replace")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def terminal(tiny_pxi: Path) -> Iterator[Terminal]:
    options = ("-t", 0, "-n", 19_000, "--context-length", 20_000, "--no-speculate")  # a long answer, token by token
    made = Terminal("chat", tiny_pxi, *options, *REFERENCE)
    yield made
    made.close()


def test_ctrl_c_stops_the_answer_and_not_the_program(terminal: Terminal) -> None:
    terminal.wait_for("> ")
    terminal.send("hello\n")
    terminal.wait_for("hello\r\n")
    terminal.wait_for_anything()  # the answer has begun, and takes its time
    terminal.send("\x03")
    terminal.wait_for("ended by interrupted")
    terminal.wait_for("> ")
    terminal.send("/reset\n")  # it is still there
    terminal.wait_for("forgotten")
    terminal.wait_for("> ")
    terminal.send_until("\x03", "/exit or Ctrl-D leaves")  # at the prompt it only explains
    terminal.send("/exit\n")
    assert terminal.wait() == 0


# Each pass tells its tokens and takes a moment, so that a signal can come in a certain one.
SLOW = """
import sys, time
from pixel_llm.backends.reference.decoder import ReferenceDecoder
forward = ReferenceDecoder.forward
def slow(self, chunks):
    print("pass of", len(chunks[0].ids), file=sys.stderr, flush=True)
    time.sleep(0.2)
    return forward(self, chunks)
ReferenceDecoder.forward = slow
from pixel_llm.cli.main import run
run()
"""


def test_ctrl_c_stops_a_prompt_that_is_being_read(cli: Cli, tiny_pxi: Path) -> None:
    """After the pass that runs, and the conversation is as if the message had never been sent."""
    options = ("-t", 0, "-n", 5, "--no-speculate", *REFERENCE)
    expected = cli("chat", tiny_pxi, *options, stdin=b"hello\nworld\n")
    command = [sys.executable, "-c", SLOW, "chat", tiny_pxi, *options]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*map(str, command)], **pipes) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(b"hello\n" + b"x " * 1500 + b"\nworld\n")
        process.stdin.close()
        for line in iter(process.stderr.readline, b""):
            if line == b"pass of 256\n":
                break
        else:
            pytest.fail("there was no long pass")
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read().decode()
        assert process.stdout.read().decode() == expected.out
    assert process.returncode == 0
    assert "interrupted before the answer began" in rest and rest.count("pass of 256") == 0


def test_chat_goes_on_after_a_typed_message_that_is_too_long(tiny_pxi: Path) -> None:
    made = Terminal("chat", tiny_pxi, "-t", 0, "-n", 4, "--context-length", 200, *REFERENCE)
    try:
        made.wait_for("> ")
        made.send("x " * 300 + "\n")
        made.wait_for("the message takes")
        made.wait_for("> ")
        made.send("hello\n")
        made.wait_for("ended by length")
        made.wait_for("> ")
        made.send("/exit\n")
        assert made.wait() == 0
    finally:
        made.close()


def test_ctrl_d_leaves(terminal: Terminal) -> None:
    terminal.wait_for("> ")
    terminal.send("\x04")
    assert terminal.wait() == 0


def test_a_terminal_sees_progress_and_the_whole_path(tiny_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / ("a-long-name" * 12 + ".pxi")
    shown = Terminal("import", tiny_folder, "-o", out, kind="xterm")
    try:
        shown.wait_for("importing")
        shown.wait_for("lossless")
        shown.wait_for(f"{out}  ")
        assert shown.wait() == 0
        shown = Terminal("generate", out, "-p", "hello " * 600, "-n", 5, *REFERENCE, kind="xterm")
        shown.wait_for("reading the prompt")
        shown.wait_for("tokens/s")
        assert shown.wait() == 0
    finally:
        shown.close()


def test_ctrl_c_ends_generate_with_130(tiny_pxi: Path) -> None:
    options = ["-p", "hello", "-n", "19000", *REFERENCE]
    command = [sys.executable, "-u", "-m", "pixel_llm.cli", "generate", str(tiny_pxi), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        assert process.stdout.read(10)
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert b"Traceback" not in process.stderr.read()
    assert process.returncode == 130


@pytest.mark.parametrize("quant", ["none", "q8"])
def test_validate_agrees(cli: Cli, tiny_folder: Path, tmp_path: Path, quant: str) -> None:
    out = tmp_path / "m.pxi"
    pixel_llm.import_model(tiny_folder, out, quant=quant)
    ran = cli("validate", out, "--against", tiny_folder, "--json")
    assert ran.code == 0 and ran.json["ok"]
    assert ran.json["bound"]["name"] == ("lossless" if quant == "none" else "q8")
    assert ran.json["logits"]["agreement"] > 0.9 and not any(e["faults"] for e in ran.json["encodings"].values())
    assert ran.json["encodings"][{"none": "f32"}.get(quant, quant)]["max_error"] == (
        0 if quant == "none" else pytest.approx(ran.json["encodings"]["q8"]["stated_error"], rel=1e-6)
    )
    shown = cli("validate", out, "--against", tiny_folder)
    assert shown.code == 0 and "they agree" in shown.out


def test_validate_finds_other_weights(cli: Cli, tiny_pxi: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_hf_folder(other, {**CONFIGS["llama"], "max_position_embeddings": 20_000}, seed=1)
    ran = cli("validate", tiny_pxi, "--against", other, "--json")
    assert ran.code == 1 and not ran.json["ok"] and ran.json["encodings"]["f32"]["faults"] == 21
    assert "THEY DO NOT AGREE" in cli("validate", tiny_pxi, "--against", other).out


def test_validate_finds_the_smallest_difference(cli: Cli, tiny_folder: Path, tiny_pxi: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(tiny_pxi, tmp_path / "copy.pxi"))
    with PxiUpdater(copy) as update:
        with PxiFile(copy) as file:
            values = file.array("output_norm.weight").copy()
        values[0, 0] = np.nextafter(values[0, 0], np.float32(9))
        update.replace_array("output_norm.weight", values)
        update.commit()
    ran = cli("validate", copy, "--against", tiny_folder, "--json")
    assert ran.code == 1 and ran.json["encodings"]["f32"]["faults"] == 1


def test_validate_refuses_another_model(cli: Cli, tiny_pxi: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_hf_folder(other, "llama")
    ran = cli("validate", tiny_pxi, "--against", other)
    assert ran.code == 2 and "context_length is 128, not 20000" in ran.err
    assert cli("validate", tiny_pxi, "--against", tmp_path / "gone").code == 4


def test_a_difference_that_is_no_number_counts() -> None:
    a = np.array([[1, np.nan, np.inf]], np.float32)
    assert agreement._largest_difference(a, a.copy()) == 0
    assert agreement._largest_difference(a, np.array([[1, 2, np.inf]], np.float32)) == math.inf
    assert agreement._largest_difference(a, np.array([[1.5, np.nan, np.inf]], np.float32)) == 0.5
