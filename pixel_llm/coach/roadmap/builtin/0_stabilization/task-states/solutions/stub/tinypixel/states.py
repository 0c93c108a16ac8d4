"""States of tasks."""
_MOVES = {'ready': {'running', 'cancelled'}, 'running': {'accepted', 'needs_human', 'failed', 'ready'}, 'needs_human': {'accepted', 'ready', 'cancelled'}, 'failed': {'ready', 'cancelled'}, 'pending': {'cancelled'}, 'blocked': {'cancelled'}, 'accepted': set(), 'cancelled': set()}
_STOPPED = {'failed', 'cancelled', 'needs_human'}
_WAITING = {'pending', 'ready', 'blocked'}

def settle(states: dict[str, str], needs: dict[str, list[str]]) -> dict[str, str]:
    """New states: waiting tasks become blocked, ready or pending by what they depend on."""
    raise NotImplementedError('to be written')

def move(states: dict[str, str], task: str, to: str) -> dict[str, str]:
    """New states in which one task has changed."""
    raise NotImplementedError('to be written')
