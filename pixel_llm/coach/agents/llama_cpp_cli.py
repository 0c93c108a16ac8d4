"""llama.cpp's command line: the last resort, since it loads the model anew for each answer."""

from __future__ import annotations

import codecs
import os
import selectors
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from pixel_llm.coach.agents.base import AgentCallError, AgentUnavailableError, Availability, OnText
from pixel_llm.coach.agents.pricing import LOCAL
from pixel_llm.coach.agents.retrying import Answer
from pixel_llm.coach.types import Completion, Message, Usage

COMMANDS = ("llama-completion", "llama-cli")
_MOST_BYTES = 2.5  # of a token, so that the context holds the prompt


class LlamaCppCommand:
    """A writer that runs `llama-completion`, or `llama-cli` where llama.cpp is older than that.

    model: a GGUF file. seconds: what one answer may take, loading included. Tokens are not counted, since the command
    does not say how many there were.
    """

    name = "llama.cpp command"

    def __init__(self, model: str | os.PathLike[str] = "", *, seconds: float = 600.0) -> None:
        self._file = Path(model)
        self.model = self._file.name
        self._seconds = seconds

    @property
    def endpoint(self) -> str:
        """The command without what changes from call to call."""
        return f"{self._program() or COMMANDS[0]} -m {self._file}"

    def is_available(self) -> Availability:
        """Whether command and model are there."""
        if self._program() is None:
            remedy = "install llama.cpp, e.g. brew install llama.cpp"
            return Availability(ok=False, why_not="llama.cpp's command is not installed", remedy=remedy)
        if not self._file.is_file():
            why = f"there is no model file {self._file}" if self.model else "no model file is named"
            return Availability(ok=False, why_not=why, remedy="set writer.model to a GGUF file")
        return Availability(ok=True)

    def price(self, input_tokens: int, output_tokens: int) -> Decimal | None:
        """Nothing."""
        return Decimal(0)

    def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int = 4096,
        temperature: float = 0.2,
        seed: int | None = None,
        on_text: OnText | None = None,
    ) -> Completion:
        """One answer; see `Writer.complete`. Several turns become one prompt with their roles written out."""
        available = self.is_available()
        if not available.ok:
            raise AgentUnavailableError(available.why_not, remedy=available.remedy)
        program = self._program()
        assert program is not None
        system = "\n\n".join(m.content for m in messages if m.role == "system")
        turns = [m for m in messages if m.role != "system"]
        prompt = turns[0].content if len(turns) == 1 else "\n\n".join(f"{m.role}: {m.content}" for m in turns)
        context = int(sum(len(m.content.encode()) for m in messages) / _MOST_BYTES) + 64 * len(messages) + max_tokens
        with tempfile.TemporaryDirectory(prefix="pixel-llm-llama-") as folder:
            (Path(folder) / "system").write_text(system, encoding="utf-8")
            (Path(folder) / "prompt").write_text(prompt, encoding="utf-8")
            command = [program, "-m", str(self._file.absolute()), "-c", str(context), "-n", str(max_tokens)]
            command += ["--temp", str(temperature), "-s", str(seed if seed is not None else -1)]
            command += ["-sysf", f"{folder}/system", "-f", f"{folder}/prompt"]
            command += ["--single-turn", "--no-display-prompt", "--simple-io"]
            answer = Answer(seconds=self._seconds, max_tokens=max_tokens, on_text=on_text)
            cut = self._run(command, answer)
        text = answer.text.rstrip().removesuffix("> EOF by user").removesuffix("[end of text]").strip("\n ")
        if not text:
            raise AgentCallError("llama.cpp's command gave no answer")
        return Completion(
            text=text,
            model=self.model,
            finish_reason="length" if cut else "unknown",
            usage=Usage(cost_usd=Decimal(0), priced_by=LOCAL),
            seconds=answer.seconds,
            endpoint=" ".join(command),
        )

    def _run(self, command: list[str], answer: Answer) -> bool:
        """Run the command into `answer`; True if it was stopped because it wrote too much."""
        with tempfile.TemporaryFile() as errors:
            try:
                process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
            except OSError as error:
                raise AgentUnavailableError(f"{command[0]} cannot be started: {error}") from None
            assert process.stdout is not None
            try:
                cut = _read(process.stdout.fileno(), answer, time.monotonic() + self._seconds)
                if not cut and process.wait(timeout=10):
                    errors.seek(0)
                    last = errors.read()[-500:].decode("utf-8", "replace").strip()
                    raise AgentCallError(f"{command[0]} ended with status {process.returncode}: {last}")
                return cut
            finally:
                process.kill()
                process.wait()
                process.stdout.close()

    def _program(self) -> str | None:
        return next((found for name in COMMANDS if (found := shutil.which(name))), None)


def _read(stdout: int, answer: Answer, until: float) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        while time.monotonic() < until:
            if not selector.select(1.0):
                continue
            data = os.read(stdout, 1 << 16)
            if not answer.add(decoder.decode(data, final=not data)):
                return True
            if not data:
                return False
    raise AgentCallError("llama.cpp's command: no answer in time")
