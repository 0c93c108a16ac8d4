"""What earlier attempts taught, for the next one."""
_CUT = '[...]'

def merge(lessons: list[str], new: list[str], limit: int=20) -> list[str]:
    """Each lesson once, what came up again last, the newest `limit` of them."""
    raise NotImplementedError('to be written')

def feedback(task: str, best: str, failing: str, lessons: list[str], budget: int) -> str:
    """A prompt of at most `budget` characters."""
    raise NotImplementedError('to be written')

def _joined(task: str, best: str, failing: str, lessons: list[str]) -> str:
    raise NotImplementedError('to be written')

def _key(text: str) -> str:
    raise NotImplementedError('to be written')
