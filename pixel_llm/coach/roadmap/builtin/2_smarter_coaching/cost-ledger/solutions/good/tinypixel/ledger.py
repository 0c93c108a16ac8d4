"""What calls of models have cost."""

from decimal import Decimal, InvalidOperation

_MILLION = Decimal(1_000_000)


class Ledger:
    """Calls, tokens and dollars by task and by agent. `prices`: dollars for a million tokens in and out, by model."""

    def __init__(self, prices: dict[str, tuple[str, str]]) -> None:
        self._prices = {model: tuple(_price(model, text) for text in pair) for model, pair in prices.items()}
        self._calls: list[tuple[str, str, int, int, Decimal | None]] = []

    def record(self, task: str, agent: str, model: str, tokens_in: int, tokens_out: int) -> Decimal | None:
        """Note a call; its cost, None where the model has no price."""
        if tokens_in < 0 or tokens_out < 0:
            raise ValueError(f"{task}: a call of {tokens_in} and {tokens_out} tokens")
        cost = self._cost(model, tokens_in, tokens_out)
        self._calls.append((task, agent, tokens_in, tokens_out, cost))
        return cost

    def cost(self, task: str) -> Decimal | None:
        """The sum for a task; None if a part of it is not known."""
        costs = [call[4] for call in self._calls if call[0] == task]
        return None if None in costs else sum(costs, Decimal(0))

    def stats(self) -> dict[str, dict]:
        """Sums by agent."""
        out: dict[str, dict] = {}
        for agent in sorted({call[1] for call in self._calls}):
            calls = [call for call in self._calls if call[1] == agent]
            out[agent] = {
                "calls": len(calls),
                "tokens_in": sum(call[2] for call in calls),
                "tokens_out": sum(call[3] for call in calls),
                "cost": sum((call[4] for call in calls if call[4] is not None), Decimal(0)),
                "unpriced": sum(call[4] is None for call in calls),
            }
        return out

    def within(self, budget: Decimal, task_tokens_in: int, task_tokens_out: int, model: str) -> bool:
        """Whether a call would keep the sum of all within the budget."""
        cost = self._cost(model, task_tokens_in, task_tokens_out)
        spent = sum((call[4] for call in self._calls if call[4] is not None), Decimal(0))
        return cost is not None and spent + cost <= budget

    def _cost(self, model: str, tokens_in: int, tokens_out: int) -> Decimal | None:
        if model not in self._prices:
            return None
        price_in, price_out = self._prices[model]
        return (tokens_in * price_in + tokens_out * price_out) / _MILLION


def _price(model: str, text: str) -> Decimal:
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or price < 0:
        raise ValueError(f"{model}: {text!r} is not a price")
    return price
