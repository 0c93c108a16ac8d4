"""Whole files out of a model's answer in Markdown."""
import re
_OPEN = re.compile('^(`{3,})([^`]*)$')
_ABOVE = re.compile('`([^`]+)`|\\*\\*([^*]+)\\*\\*')
_PLACEHOLDER = re.compile('^(the )?(rest|remaining|remainder|existing|other|previous)?( of)?( the| your)? ?(code|file|implementation|functions|methods|class)? ?(is |are |stays |remains )?(unchanged|here|the same|same as (before|above)|goes here)$')

class AnswerError(ValueError):
    """The answer does not hold what was asked for."""

def files(answer: str, targets: list[str]) -> dict[str, str]:
    """Content of each target."""
    raise NotImplementedError('to be written')

def _blocks(answer: str):
    raise NotImplementedError('to be written')

def _path(info: str, above: str) -> str | None:
    raise NotImplementedError('to be written')

def _is_placeholder(line: str) -> bool:
    raise NotImplementedError('to be written')
