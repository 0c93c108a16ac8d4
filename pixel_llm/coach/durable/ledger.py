"""The ledger of model calls: each is bought once, within the budget and the agents' limits, by all workers together.

A call is written down before it is made, with the most that it may cost, and its answer before anybody uses it. After a
crash an answered call gives its answer again. One that was under way when its process died is asked again only if it
was free: whether the service charged for it nobody can know, so a paid one counts as paid and is not repeated.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from pixel_llm.coach.agents.base import Agent, AgentCallError, AgentUnavailableError
from pixel_llm.coach.loop.tools import Answer, Role
from pixel_llm.coach.queue.rows import storable, to_dollars, to_nano
from pixel_llm.coach.queue.schema import calls
from pixel_llm.coach.queue.store import Store
from pixel_llm.errors import ContextLengthError, PixelLLMError

HOLD = 30.0  # seconds that an open call counts as under way without being heard of
_LOOK_AGAIN = 0.1  # seconds between looks while a limit is reached


class PausedError(PixelLLMError):
    """The work stops here and can be taken up again; nothing of it is lost."""


class BudgetError(PausedError):
    """The next call might cost more than is left of the budget."""


class StoppedError(PausedError):
    """Somebody asked the work to stop."""


@dataclass(frozen=True)
class Limits:
    """Of one agent, for all workers together. None: no limit."""

    parallel: int | None = None
    per_minute: int | None = None


Price = Callable[[Agent, int, int], Decimal | None]
"""The dollars that an agent takes for so many tokens in and out; 0 for one's own model, None where nobody knows."""


class Ledger(Store):
    """Model calls in the queue's database. `ledger(role, key, agent, ...)` makes one; it is the loop's `Calls`.

    `session` is what `budget` is for: one run over many tasks. `stop`, once set, lets no further call begin.
    """

    def __init__(
        self,
        database: str | os.PathLike[str],
        *,
        session: str,
        price: Price,
        budget: Decimal | None = None,
        limits: Mapping[Role, Limits] | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        super().__init__(database)
        self.session = session
        self.budget = budget
        self._price = price
        self._limits = dict(limits or {})
        self._stop = stop or threading.Event()

    def __call__(
        self,
        role: Role,
        key: str,
        agent: Agent,
        kind: type[Answer],
        tokens: tuple[int, int],
        call: Callable[[], Answer],
    ) -> Answer:
        """What `call` gives, or gave when this `key` was bought.

        Waits while the agent's limits are reached. Raises BudgetError and StoppedError before anything is bought, and
        what `call` raises; an AgentCallError is written down like an answer and raised again for the same key.
        """
        name = f"{role} {agent.name} {agent.model}"[:300]
        asked, answered = tokens
        if role == "reviewer":  # a malformed review is asked for once more, with the first answer in the question
            asked, answered = 2 * asked + answered, 2 * answered
        most = self._price(agent, asked, answered)
        if most is None and self.budget is not None:
            raise BudgetError(
                f"nobody knows the price of {agent.model} ({agent.name}), so the budget cannot be kept",
                remedy="leave out the budget, or take a model with a price",
            )
        known = self._begin(role, key, name, to_nano(most) or 0)
        if known is not None:
            return _read(known, kind)
        try:
            with self._held(key):
                answer = call()
        except AgentCallError as error:
            cost = to_nano(error.usage.cost_usd) or (None if error.bought else 0)
            self._close(key, "failed", storable(error.message), cost)
            raise
        except (AgentUnavailableError, ContextLengthError):  # nothing was sent
            with self._writing() as connection:
                connection.execute(delete(calls).where(calls.c.key == key))
            raise
        usage = getattr(getattr(answer, "review", answer), "usage", None)
        cost = None if usage is None or usage.cost_usd is None else to_nano(usage.cost_usd)
        self._close(key, "answered", storable(answer.model_dump_json()), cost)
        return answer

    def spent(self) -> Decimal:
        """Dollars of this session: of finished calls what they cost, of others the most that they may."""
        with self._reading() as connection:
            return to_dollars(self._spent(connection)) or Decimal(0)

    def _begin(self, role: Role, key: str, agent: str, most: int) -> tuple[str, str] | None:
        """Write the call down as open, or give the state and answer that it has."""
        while not self._stop.is_set():
            with self._changing() as connection:
                now = self._now(connection)
                row = connection.execute(select(calls).where(calls.c.key == key)).first()
                if row is not None and row.state != "open":
                    return row.state, row.answer or ""
                if row is not None and row.cost_nano > 0:
                    connection.execute(update(calls).where(calls.c.key == key).values(state="lost"))
                    return "lost", ""
                if self._may_begin(connection, role, key, agent, now):
                    self._check_budget(connection, agent, most)
                    values = {
                        "session": self.session,
                        "agent": agent,
                        "state": "open",
                        "started": now,
                        "expires": now + HOLD,
                        "cost_nano": most,
                    }
                    if row is None:
                        connection.execute(insert(calls).values(key=key, **values))
                    else:
                        connection.execute(update(calls).where(calls.c.key == key).values(values))
                    return None
            self._stop.wait(_LOOK_AGAIN)
        raise StoppedError("stopped before the next model call")

    def _may_begin(self, connection: Connection, role: Role, key: str, agent: str, now: float) -> bool:
        limits = self._limits.get(role, Limits())
        if limits.parallel is not None:
            under_way = and_(calls.c.agent == agent, calls.c.state == "open", calls.c.expires > now, calls.c.key != key)
            if connection.execute(select(func.count()).where(under_way)).scalar_one() >= limits.parallel:
                return False
        if limits.per_minute is not None:
            lately = and_(calls.c.agent == agent, calls.c.started > now - 60)
            if connection.execute(select(func.count()).where(lately)).scalar_one() >= limits.per_minute:
                return False
        return True

    def _check_budget(self, connection: Connection, agent: str, most: int) -> None:
        if self.budget is None or most == 0:
            return
        left = self.budget - (to_dollars(self._spent(connection)) or 0)
        if (to_dollars(most) or 0) > left:
            raise BudgetError(
                f"the next call of {agent} may cost ${to_dollars(most)}, and ${left} of ${self.budget} are left",
                remedy="run again with a new budget: the work goes on where it stopped",
            )

    def _spent(self, connection: Connection) -> int:
        total = select(func.coalesce(func.sum(calls.c.cost_nano), 0)).where(calls.c.session == self.session)
        return int(connection.execute(total).scalar_one())

    def _close(self, key: str, state: str, answer: str, cost_nano: int | None) -> None:
        """`cost_nano` None leaves the most that the call may have cost."""
        values = {"state": state, "answer": answer} | ({} if cost_nano is None else {"cost_nano": cost_nano})
        with self._writing() as connection:
            connection.execute(update(calls).where(calls.c.key == key).values(values))

    @contextmanager
    def _held(self, key: str) -> Iterator[None]:
        """Let others see that the call is under way."""
        done = threading.Event()

        def beat() -> None:
            while not done.wait(HOLD / 3):
                with self._writing() as connection:
                    expires = self._now(connection) + HOLD
                    connection.execute(update(calls).where(calls.c.key == key).values(expires=expires))

        thread = threading.Thread(target=beat, name="coach-call", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def _read(known: tuple[str, str], kind: type[Answer]) -> Answer:
    state, answer = known
    if state == "answered":
        return kind.model_validate_json(answer)
    if state == "failed":
        raise AgentCallError(answer)
    raise AgentCallError(
        "the call was under way when the coach was killed; it may have been paid for, so it is not made again",
        bought=True,
    )
