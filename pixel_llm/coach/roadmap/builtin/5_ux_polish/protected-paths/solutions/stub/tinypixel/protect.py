"""Which files a model's answer may write."""
import pathlib
import re
import stat
_RUNS = ('conftest.py', 'sitecustomize.py', 'usercustomize.py')

class Refused(ValueError):
    """The file must not be written."""

def check(root: pathlib.Path, path: str, targets: set[str], protected: set[str]) -> pathlib.Path:
    """The absolute path of a file that may be written."""
    raise NotImplementedError('to be written')
