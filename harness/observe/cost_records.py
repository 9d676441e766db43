"""Names what §5.2 calls the table of costs and its owners, and makes up costs that agree with themselves."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

TABLE: Final = "cost_records"
# The columns that name an owner, and the tables they lead to.
OWNERS: Final[Mapping[str, str]] = {"task_id": "tasks", "agent_id": "agents"}


def amounts(number: int) -> dict[str, object]:
    """Tokens and costs that no other number has; the totals are sums, and any column that holds cents keeps them."""
    prompt, completion = 1000 + number, 500 + 2 * number
    prompt_cost, completion_cost = Decimal("0.25") * (number + 1), Decimal("0.75") * (number + 2)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_cost": prompt_cost,
        "completion_cost": completion_cost,
        "total_cost": prompt_cost + completion_cost,
    }
