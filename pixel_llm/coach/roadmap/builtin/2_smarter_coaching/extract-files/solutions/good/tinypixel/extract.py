"""Whole files out of a model's answer in Markdown."""

import re

_OPEN = re.compile(r"^(`{3,})([^`]*)$")
_ABOVE = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*")
_PLACEHOLDER = re.compile(
    r"^(the )?(rest|remaining|remainder|existing|other|previous)?( of)?( the| your)? ?"
    r"(code|file|implementation|functions|methods|class)? ?(is |are |stays |remains )?"
    r"(unchanged|here|the same|same as (before|above)|goes here)$"
)


class AnswerError(ValueError):
    """The answer does not hold what was asked for."""


def files(answer: str, targets: list[str]) -> dict[str, str]:
    """Content of each target."""
    found: dict[str, str] = {}
    nameless: list[str] = []
    for path, content in _blocks(answer):
        if path is None:
            nameless.append(content)
        elif path in targets:
            found[path] = content
    if len(targets) == 1 and targets[0] not in found and len(nameless) == 1:
        found[targets[0]] = nameless[0]
    for target in targets:
        if target not in found:
            raise AnswerError(f"there is no block for {target}")
        for line in found[target].splitlines():
            if _is_placeholder(line):
                raise AnswerError(f"{target}: a placeholder stands for code: {line.strip()}")
    return {target: found[target] for target in targets}


def _blocks(answer: str):
    lines = answer.splitlines()
    number = 0
    while number < len(lines):
        fence = _OPEN.match(lines[number])
        if not fence:
            number += 1
            continue
        close = re.compile("^" + "`" * len(fence[1]) + "`* *$")
        end = next((i for i in range(number + 1, len(lines)) if close.match(lines[i])), None)
        if end is None:
            raise AnswerError(f"the fence in line {number + 1} is not closed")
        content = lines[number + 1 : end]
        yield _path(fence[2], lines[number - 1] if number else ""), "".join(line + "\n" for line in content)
        number = end + 1


def _path(info: str, above: str) -> str | None:
    words = info.split()
    candidates = [words[-1]] if words else []
    marked = _ABOVE.findall(above)
    if marked:
        candidates.append((marked[-1][0] or marked[-1][1]).strip())
    return next((c for c in candidates if "." in c or "/" in c), None)


def _is_placeholder(line: str) -> bool:
    text = line.strip()
    if not re.match(r"(#|//|--|/\*|\.\.\.)", text) and not re.match(r"[\[(<]", text):
        return False
    words = re.sub(r"[#/*\-.…\[\]()<>]+", " ", text.lower())
    words = " ".join(words.split())
    return bool(words) and bool(_PLACEHOLDER.match(words))
