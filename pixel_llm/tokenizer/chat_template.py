"""Chat templates: from messages to text whose control tokens are the template's own.

The guarantee. A message's text never becomes a control token, not even partly: a control token is recognised only where
every one of its characters was written by the template. How that is known: the template is rendered a second time
with each character that occurs in any control token replaced, in the messages' text, by a private-use character of
its own. What the second rendering still spells as a control token is the template's. Putting the characters back
must give the first rendering, which is what transformers gives; then positions in the two agree and nothing was
changed but what counts as control.

Where putting back does not give the first rendering, the template looked into the text (Qwen3 cuts at "</think>",
some templates escape or change case). Then only those places in the text are replaced that could be, begin or end a
control token; that is accepted if it gives the first rendering and the same control tokens, in order, as the full
replacement, and otherwise the full replacement's rendering is taken. So the limits are: a template that both looks
into the text and is given text with parts of control tokens in it may treat that text as if they were not there;
and text from which a template cuts pieces so that parts of control tokens join is kept from joining at the same
price. Roles are not text: templates may spell control tokens with them, and they must be plain words.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from jinja2 import Template
from jinja2.exceptions import SecurityError, TemplateError, TemplateSyntaxError

from pixel_llm.errors import InvalidArgumentError, PixelLLMError, TokenizerFormatError, UnsupportedError
from pixel_llm.tokenizer.chat_sandbox import Budget, TemplateEnvironment

Messages = Sequence[Mapping[str, Any]]
Part = tuple[str, bool]
"""Text, and whether it is a control token's."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_VERBATIM_KEYS = ("role", "type")


class ChatTemplate:
    """A compiled chat template. Safe to use from several threads."""

    def __init__(self, source: str, variables: Mapping[str, str], special_texts: Sequence[str]) -> None:
        """`variables`: bos_token and the like. `special_texts`: the texts of all control tokens.

        Raises `TokenizerFormatError` for a template that does not parse.
        """
        self._environment = TemplateEnvironment()
        self._lock = threading.Lock()
        self._source = source
        self._variables = dict(variables)
        # A control token of white space alone could not be told from the text's white space; none is known to exist.
        self._texts = sorted((text for text in special_texts if text.strip()), key=lambda text: (-len(text), text))
        self._pattern = re.compile("|".join(map(re.escape, self._texts)) or r"(?!)")
        self._alphabet = frozenset("".join(self._texts))
        self._pieces = (
            frozenset(t[:i] for t in self._texts for i in range(1, len(t))),
            frozenset(t[i:] for t in self._texts for i in range(1, len(t))),
        )
        try:
            self._template: Template = self._environment.from_string(source)
        except TemplateSyntaxError as error:
            raise TokenizerFormatError(f"line {error.lineno}: {error.message}", part="chat_template") from error
        except PixelLLMError:
            raise
        except Exception as error:  # what Jinja's compiler lets through for hostile sources, RecursionError among them
            raise TokenizerFormatError(f"cannot be compiled: {_short(error)}", part="chat_template") from error

    def render(self, messages: Messages, *, add_generation_prompt: bool) -> list[Part]:
        """The conversation as text, cut at the template's control tokens.

        A message is a dict with "role", a plain word, and "content": text, or a list of {"type": "text", "text": ...}.
        Other entries are handed to the template as they are: text, numbers, None, lists and dicts of those. Raises
        `InvalidArgumentError` for other messages and for those that the template refuses; `UnsupportedError` when
        the template does what the sandbox refuses.
        """
        _check_messages(messages)
        plain = self._render(messages, add_generation_prompt)
        private = self._private_characters(messages, plain)
        back = {ord(replacement): char for char, replacement in private.items()}
        table = str.maketrans(private)
        full = self._render(_mapped(messages, lambda text: text.translate(table)), add_generation_prompt)
        chosen = full
        if full.translate(back) != plain:
            partial = self._render(
                _mapped(messages, lambda text: self._replace_risky(text, table)), add_generation_prompt
            )
            same = self._pattern.findall(partial) == self._pattern.findall(full)
            if same and partial.translate(back) == plain:
                chosen = partial
        parts: list[Part] = []
        end = 0
        for match in self._pattern.finditer(chosen):
            parts += [(chosen[end : match.start()].translate(back), False), (match[0], True)]
            end = match.end()
        parts.append((chosen[end:].translate(back), False))
        return [part for part in parts if part[0]]

    def _render(self, messages: Messages, add_generation_prompt: bool) -> str:
        with self._lock:
            try:
                self._environment.budget = Budget(len(self._source) + _text_size(messages))
                variables = {"tools": None, "documents": None, **self._variables}
                # generate() gives pieces, so that the budget is checked before they are joined.
                pieces = self._template.generate(
                    messages=messages, add_generation_prompt=add_generation_prompt, **variables
                )
                return self._environment.concat(pieces)
            except PixelLLMError:
                raise
            except SecurityError as error:
                raise UnsupportedError(f"the template is refused: {_short(error)}", part="chat_template") from error
            except TemplateError as error:
                raise InvalidArgumentError(
                    f"the template refuses these messages: {_short(error)}", part="chat_template"
                ) from error
            except Exception as error:  # anything that an operation in a template may raise
                raise InvalidArgumentError(
                    f"the template fails on these messages: {type(error).__name__}: {_short(error)}",
                    part="chat_template",
                ) from error

    def _private_characters(self, messages: Messages, plain: str) -> dict[str, str]:
        taken = set(plain) | set(self._source) | set(json.dumps(messages, ensure_ascii=False, default=str))
        unused = (char for code in range(0x10FFFD, 0xF0000, -1) if (char := chr(code)) not in taken)
        free = list(islice(unused, len(self._alphabet)))
        if len(free) < len(self._alphabet):
            raise UnsupportedError("the control tokens use too many different characters", part="chat_template")
        return dict(zip(sorted(self._alphabet), free, strict=True))

    def _replace_risky(self, text: str, table: dict[int, str]) -> str:
        """Replace what in `text` is a control token, or could be the beginning or end of one at the text's borders."""
        text = self._pattern.sub(lambda match: match[0].translate(table), text)
        longest = len(self._texts[0]) if self._texts else 0
        heads, tails = self._pieces
        start = next((i for i in range(min(longest, len(text)), 0, -1) if text[:i] in tails), 0)
        stop = next((i for i in range(min(longest, len(text)), 0, -1) if text[-i:] in heads), 0)
        if start + stop >= len(text) or any(text in special for special in self._texts):
            return text.translate(table)
        return (
            text[:start].translate(table) + text[start : len(text) - stop] + text[len(text) - stop :].translate(table)
        )


def _check_messages(messages: object) -> None:
    if not isinstance(messages, list | tuple) or not messages:
        raise InvalidArgumentError("messages are not a list with a message in it")
    for index, message in enumerate(messages):
        part = f"message {index}"
        if not isinstance(message, Mapping) or not isinstance(role := message.get("role"), str):
            raise InvalidArgumentError('is not a dict with a "role"', part=part)
        if not _WORD.fullmatch(role):
            raise InvalidArgumentError(f"the role {role[:80]!r} is not a plain word", part=part)
        content = message.get("content")
        if not isinstance(content, str | list | None):
            raise InvalidArgumentError('"content" is not text', part=part)
        for item in content if isinstance(content, list) else ():
            if not isinstance(item, dict) or item.get("type") != "text" or not isinstance(item.get("text"), str):
                raise InvalidArgumentError('"content" has a part that is not {"type": "text", "text": ...}', part=part)
        _check_value(message, part, 0)


def _check_value(value: object, part: str, depth: int) -> None:
    if depth > 16:
        raise InvalidArgumentError("nests too deeply", part=part)
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str) or not _WORD.fullmatch(key):
                raise InvalidArgumentError(f"the key {str(key)[:80]!r} is not a plain word", part=part)
            if key in _VERBATIM_KEYS and not (isinstance(item, str) and _WORD.fullmatch(item)):
                raise InvalidArgumentError(f'"{key}" is not a plain word', part=part)
            _check_value(item, part, depth + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            _check_value(item, part, depth + 1)
    elif not isinstance(value, str | int | float | bool | None):
        raise InvalidArgumentError(f"holds {type(value).__name__}, which is not text", part=part)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """`value` with all text changed but that under "role" and "type"."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: item if key in _VERBATIM_KEYS else _mapped(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(item, change) for item in value]
    return value


def _text_size(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(map(_text_size, value.values()))
    return sum(map(_text_size, value)) if isinstance(value, list | tuple) else 8


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:300]
