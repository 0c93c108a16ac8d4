"""Comments that stand for code which a model left out: "# ... rest of the code unchanged ...".

Whole phrases on a line of their own only: "the rest of the code handles zero" is a comment like any other.
"""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import PurePosixPath

_COMMENT = re.compile(r"^\s*(?:#|//|--|;|/\*|\*|<!--|%)\s?(?P<text>.*?)\s*(?:\*/|-->)?\s*$")
_THING = (
    r"(?:code|file|class(?:es)?|functions?|methods?|modules?|implementations?|contents?|imports?|program|script|logic"
    r"|tests?)"
)
_LEFT = (
    r"(?:unchanged|(?:is |are )?the same|as (?:before|above|is)|same as (?:before|above)|(?:goes )?here|omitted"
    r"|not shown|elided)"
)
_VERB = r"(?: (?:is|are|remains?|stays?|goes))?"
_REST = r"(?:remaining|remainder)"
_DOTS = r"(?:\.{3,}|\u2026)"
_PHRASES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        _DOTS,
        rf"(?:the )?(?:rest|remainder) of (?:the |this |your )?(?:\w+ )?{_THING}{_VERB}(?: {_LEFT})?",
        rf"(?:all )?(?:the )?(?:other|existing|previous|original|remaining|earlier) {_THING}{_VERB} {_LEFT}",
        rf"(?:{_THING}|the rest|everything else|all else){_VERB} (?:{_LEFT}|omitted for brevity)",
        r"(?:same|unchanged) (?:as|from) (?:before|above|the original|the previous (?:version|code|answer))",
        rf"(?:keep|leave) (?:the )?(?:rest|existing|other|remaining|original)(?: (?:of the )?{_THING})?(?: {_LEFT})?",
        rf"(?:(?:add|insert|put|write|place) )?(?:your|the|existing|more) {_THING} (?:goes )?here",
        rf"{_DOTS} ?\(?.*\b(?:existing|rest of|{_REST}|previous|unchanged|omitted|same as|other {_THING})\b.*",
        rf"\(?(?:the )?(?:existing|rest|{_REST}|previous|other|unchanged|more) ?(?:of )?(?:the )?{_THING}?\)? ?{_DOTS}",
    )
)


def placeholder(content: str, path: str, original: str | None) -> str | None:
    """The first comment of `content` that stands for left-out code, or None. One that the file had before is none."""
    known = {line.strip() for line in (original or "").splitlines()}
    for comment in _comments(content, path):
        match = _COMMENT.match(comment)
        text = match["text"].strip(" \t([<>])") if match else ""
        if comment.strip() in known:
            continue
        if any(phrase.fullmatch(t) for phrase in _PHRASES for t in (text, text.rstrip(".!: ")) if t):
            return comment.strip()
    return None


def _comments(content: str, path: str) -> list[str]:
    """Comments on lines of their own: a string or a docstring may say what it likes."""
    if PurePosixPath(path).suffix in (".py", ".pyi"):
        try:
            tokens = list(tokenize.generate_tokens(io.StringIO(content).readline))
        except (tokenize.TokenError, SyntaxError, ValueError):
            pass  # Python that does not even tokenize: look at it line by line
        else:
            return [t.string for t in tokens if t.type == tokenize.COMMENT and t.line.strip() == t.string]
    return content.splitlines()
