"""What tokens cost: the listed prices of genai-prices, whose version goes into the record."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

from pixel_llm.coach.types import Usage

LOCAL = "local"


@dataclass(frozen=True)
class Pricing:
    """Where a service's prices are to be found: by provider's id, by its URL, or nowhere, since it costs nothing."""

    provider: str = ""
    url: str = ""

    @property
    def local(self) -> bool:
        """A model of one's own, on this machine or in this network."""
        return not self.provider and _is_private(self.url)

    def cost(self, model: str, input_tokens: int, output_tokens: int) -> Decimal | None:
        """US dollars, or None where genai-prices does not know the provider or the model."""
        if self.local:
            return Decimal(0)
        import genai_prices

        usage = genai_prices.Usage(input_tokens=input_tokens, output_tokens=output_tokens)
        try:
            if self.provider:
                return genai_prices.calc_price(usage, model, provider_id=self.provider).total_price
            return genai_prices.calc_price(usage, model, provider_api_url=self.url).total_price
        except LookupError:
            return None

    def usage(self, model: str, input_tokens: int | None, output_tokens: int | None) -> Usage:
        """Token counts as the service gave them, with their price."""
        counts = (input_tokens or 0, output_tokens or 0)
        cost = self.cost(model, *counts)
        if self.local:
            by: str | None = LOCAL
        else:
            by = price_list() if cost is not None else None
        return Usage(input_tokens=counts[0], output_tokens=counts[1], cost_usd=cost, priced_by=by)


def price_list() -> str:
    """Name and version of the price list."""
    import genai_prices

    return f"genai-prices {genai_prices.__version__}"


def _is_private(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if not host or host == "localhost" or host.endswith((".localhost", ".local", ".lan", ".internal")):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host
