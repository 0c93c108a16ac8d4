"""Why a task does not start."""
_WAITING = ('pending', 'blocked')

def why(task: str, states: dict[str, str], needs: dict[str, list[str]]) -> list[str]:
    """The root causes, and the way to each."""
    raise NotImplementedError('to be written')
