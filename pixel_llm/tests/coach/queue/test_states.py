"""Whatever is done to the queue, in whatever order: every state is the one that follows."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from pixel_llm.coach.queue import TaskQueue
from pixel_llm.coach.queue.states import WAITING, waiting_state
from pixel_llm.coach.types import AgentKind, Claim, TaskState
from pixel_llm.errors import InvalidArgumentError, TaskStateError
from pixel_llm.tests.coach.queue.support import task


class Queue(RuleBasedStateMachine):
    """Workers and people at random. `claims` holds those that were ever given, lost ones too."""

    names = Bundle("names")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.queue = TaskQueue(Path(self.folder.name) / "queue.sqlite")
        self.claims: list[Claim] = []
        self.made = 0

    def teardown(self) -> None:
        self.queue.close()
        self.folder.cleanup()

    @initialize(target=names)
    def first(self) -> object:
        self.queue.add_many([task("a"), task("b", "a"), task("c", "a", "b"), task("d", agent=AgentKind.human)])
        return multiple("a", "b", "c", "d")

    @rule(target=names, before=st.lists(names, max_size=3, unique=True), human=st.booleans())
    def add(self, before: list[str], human: bool) -> str:
        self.made += 1
        agent = AgentKind.human if human else AgentKind.local
        self.queue.add_many([task(f"t{self.made}", *before, agent=agent)])
        return f"t{self.made}"

    @rule(name=names, before=st.lists(names, max_size=2, unique=True))
    def update(self, name: str, before: list[str]) -> None:
        spec = self.queue.get(name).spec.model_copy(update={"depends_on": tuple(b for b in before if b != name)})
        with suppress(InvalidArgumentError, TaskStateError):  # a cycle, or a worker holds it
            self.queue.add_many([spec], update=True)

    @rule()
    def claim(self) -> None:
        ready = [t for t in self.queue.list(states=[TaskState.ready]) if t.spec.agent is AgentKind.local]
        claim = self.queue.claim("w")
        assert (claim is None) == (not ready)
        if claim is not None:
            assert claim.task.id in {t.id for t in ready}
            self.claims.append(claim)

    @rule(
        number=st.integers(0, 9),
        state=st.sampled_from([TaskState.accepted, TaskState.needs_human, TaskState.failed, None]),
    )
    def end(self, number: int, state: TaskState | None) -> None:
        if not self.claims:
            return
        claim = self.claims[number % len(self.claims)]
        before = self.queue.get(claim.task.id)
        try:
            if state is None:
                self.queue.release(claim)
            else:
                self.queue.finish(claim, state)
        except TaskStateError:
            assert self.queue.get(claim.task.id) == before
        else:
            assert before.state in (TaskState.running, state)

    @rule(name=names, decision=st.sampled_from(["accept", "cancel", "hand_to_human", "retry", "reject"]))
    def decide(self, name: str, decision: str) -> None:
        with suppress(TaskStateError):
            getattr(self.queue, decision)(name, *(["wrong"] if decision == "reject" else []))

    @invariant()
    def states_follow(self) -> None:
        tasks = {t.id: t for t in self.queue.list()}
        for found in tasks.values():
            if found.state in WAITING:
                before = [(d, str(tasks[d].state)) for d in found.spec.depends_on]
                state, _ = waiting_state(found.spec.agent, before)
                assert found.state is state, f"{found.id} is {found.state}, {state} follows from {before}"
            assert (found.lease_expires is not None) == (found.state is TaskState.running)


TestQueue = Queue.TestCase
TestQueue.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
