"""Keys and secrets are taken out of whatever is logged: by the name of the field, by the form of the value, and by
being the value of an environment variable whose name says that it is one."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[redacted]"
# Models write what is logged: each pattern begins with something rare and looks only so far, so that no text is slow.
_NAMES = re.compile(
    r"api[-_]?key|apikey|authorization|passw(or)?d|passphrase|secret|credential|private[-_]?key|cookie"
    r"|(^|[-_])(access|auth|refresh|bearer|id|session)?[-_]?token$",
    re.IGNORECASE,
)
_FORMS = re.compile(
    r"sk-[A-Za-z0-9_-]{16,}"  # OpenAI and those who speak its protocol
    r"|AIza[A-Za-z0-9_-]{30,}"  # Google
    r"|ya29\.[A-Za-z0-9_-]{20,}"
    r"|(?:gh[pousr]|github_pat)_[A-Za-z0-9_]{20,}"
    r"|hf_[A-Za-z0-9]{20,}"
    r"|xox[abprs]-[A-Za-z0-9-]{10,}"
    r"|AKIA[A-Z0-9]{16}"
    r"|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}"  # a JSON web token
)
_BEARER = re.compile(r"(\b(?:bearer|basic)\s{1,9})[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_IN_URL = re.compile(r"(://[^\s/:@]{0,200}:)[^\s/@]{1,500}(@)")
_IN_QUERY = re.compile(r"([?&](?:key|api_key|apikey|access_token|token)=)[^&\s\"']+", re.IGNORECASE)
_PRIVATE = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)", re.DOTALL
)
_SHORTEST = 8  # characters of a secret: shorter values would take common words out of everything


class Redactor:
    """Takes secrets out of values. `environment` is where secrets are known from; it is read once."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        environment = os.environ if environment is None else environment
        values = {v for name, v in environment.items() if _NAMES.search(name) and len(v) >= _SHORTEST}
        longest_first = sorted(values, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        """`text` without secrets."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        text = _PRIVATE.sub(HIDDEN, text)
        text = _FORMS.sub(HIDDEN, text)
        text = _BEARER.sub(rf"\1{HIDDEN}", text)
        text = _IN_URL.sub(rf"\1{HIDDEN}\2", text)
        return _IN_QUERY.sub(rf"\1{HIDDEN}", text)

    def value(self, value: Any, name: str = "") -> Any:
        """The same for any JSON value; a field with a telling `name` is taken out whatever it holds."""
        if name and _NAMES.search(name) and value not in (None, "", True, False):
            return HIDDEN
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {str(k): self.value(v, str(k)) for k, v in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(v) for v in value]
        return value
