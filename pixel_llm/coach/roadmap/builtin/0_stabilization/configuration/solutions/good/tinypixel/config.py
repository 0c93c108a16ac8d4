"""Settings from a file, the environment and flags."""

import difflib
import math
import tomllib

_DEFAULTS = {"attempts": 3, "accept_score": 8, "budget_usd": None, "review": True, "model": ""}
_PREFIX = "COACH_"


class ConfigError(ValueError):
    """A setting is unknown, of a wrong type or out of range."""


def load(text: str, environ: dict[str, str], flags: dict[str, object]) -> dict[str, object]:
    """All settings: flags over environment over file over defaults."""
    try:
        from_file = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"the file is not TOML: {error}") from None
    from_environment = {
        name[len(_PREFIX) :].lower(): value for name, value in environ.items() if name.startswith(_PREFIX)
    }
    given = {key: value for key, value in flags.items() if value is not None}
    for source in (from_file, from_environment, given):
        for key in source:
            _known(key)
    parsed = {key: _parsed(key, value) for key, value in from_environment.items()}
    out = {**_DEFAULTS, **from_file, **parsed, **given}
    for source in (from_file, parsed, given):
        for key, value in source.items():
            _check(key, value)
    return out


def _known(key: str) -> None:
    if key not in _DEFAULTS:
        near = difflib.get_close_matches(key, _DEFAULTS, 1)
        raise ConfigError(f"there is no setting {key}" + (f", did you mean {near[0]}?" if near else ""))


def _parsed(key: str, value: str) -> object:
    text = value.strip()
    if key == "model":
        return value
    if key == "review":
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), value)
    if key == "budget_usd":
        if not text:
            return None
        try:
            return float(text)
        except ValueError:
            return value
    try:
        return int(text)
    except ValueError:
        return value


def _check(key: str, value: object) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if key == "review":
        ok = isinstance(value, bool)
    elif key == "model":
        ok = isinstance(value, str)
    elif key == "budget_usd":
        ok = value is None or (number and math.isfinite(value) and value >= 0)
    else:
        ok = isinstance(value, int) and number and 1 <= value <= 10
    if not ok:
        raise ConfigError(f"{key}: {value!r} is not allowed")
