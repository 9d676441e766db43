"""Steps about prices: the file that states them, and what calls are charged by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pytest
from pytest_bdd import given, parsers, then, when

from fixtures import amounts
from fixtures.inputs import Draw
from fixtures.prices import Repriced
from harness import money
from harness.errors import CannotTell
from harness.observe.sql import Sql
from harness.probes.pricing import COMPLETION, PROMPT, Amounts, PriceFile, PriceList
from harness.targets.platform import Platform
from harness.targets.terms import Call, Cost, Way
from steps.costs import Noise, make_owners, prepare_noise, record_noise

PARTS: Final = ("prompt", "completion", "total")
OF_TASK: Final = "SELECT * FROM cost_records WHERE replace(task_id::text, '-', '') = replace(%s, '-', '')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """A platform with a task to charge beside noise, the prices that hold there, and our own look at its database."""

    platform: Platform
    prices: PriceList
    database: Sql
    noise: Noise
    task_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One call, the cost that the platform answered for it, and what it costs by the file."""

    call: Call
    answered: Cost
    due: Amounts


@when("the pricing file is read with a safe loader", target_fixture="price_file")
def _(request: pytest.FixtureRequest) -> PriceFile:
    # Asked for in the step, not as an argument: here a file that cannot be read is the platform's failure.
    return request.getfixturevalue("pricing_file")


@then("no key is given twice")
def _(price_file: PriceFile) -> None:
    repeated = price_file.repeated_keys()
    assert not repeated, f"keys given twice, of which one is lost: {', '.join(repeated)}"


@then("every price in it is finite and not negative")
def _(price_file: PriceFile) -> None:
    unfit = price_file.unfit_prices()
    assert not unfit, f"prices that cannot be charged: {', '.join(unfit)}"


@then("it prices models of openai, models of anthropic, and the defaults, for prompt and completion")
def _(price_file: PriceFile) -> None:
    missing = price_file.missing_prices()
    assert not missing, f"prices that the file lacks: {', '.join(missing)}"


@given("a task with noise around it", target_fixture="till")
def _(platform: Platform, prices: PriceList, database: Sql, draw: Draw) -> Till:
    return open_till(platform, prices, database, draw)


@given("the platform started from a copy whose prices were changed", target_fixture="till")
def _(repriced_platform: Platform, repriced: Repriced, repriced_database: Sql, draw: Draw) -> Till:
    return open_till(repriced_platform, repriced.prices, repriced_database, draw)


@when(parsers.parse("a call to every model of {provider} is recorded"), target_fixture="charges")
def _(till: Till, provider: str, draw: Draw) -> list[Charge]:
    providers = list(till.prices.providers) if provider == "the changed file" else [provider]
    models = [(name, model) for name in providers for model in till.prices.providers.get(name, {})]
    # Each twice: what holds for the first call of a model need not hold for the next.
    return charge(till, *(draw.call(*model) for model in (*models, *models)))


@when(
    parsers.re(r"a call with (?P<prompt>.+) prompt tokens and (?P<completion>.+) completion tokens is recorded"),
    target_fixture="charges",
)
def _(till: Till, prompt: str, completion: str, draw: Draw) -> list[Charge]:
    listed = draw.random.choice(till.prices.listed())
    return charge(till, draw.call(*listed, prompt=prompt, completion=completion))


@when("a call is recorded in every way that the platform offers, each for a task of its own", target_fixture="by_way")
def _(till: Till, draw: Draw) -> Mapping[str, tuple[str, Charge]]:
    record_noise(till.platform, till.noise)
    return {way.name: charge_in(way, till, draw) for way in till.platform.ways_to_record()}


@when("a call to a model that the file does not list is recorded", target_fixture="charges")
def _(till: Till, draw: Draw) -> list[Charge]:
    return charge(till, draw.call(draw.word("provider"), draw.word("model")))


@when("a call to the model whose price was set to zero is recorded", target_fixture="charges")
def _(till: Till, repriced: Repriced, draw: Draw) -> list[Charge]:
    return charge(till, draw.call(*repriced.free))


@when(
    parsers.re(r"a call to (?P<provider>an? \w+ provider) with (?P<model>an? .*model.*) is recorded"),
    target_fixture="charges",
)
def _(till: Till, provider: str, model: str, draw: Draw) -> list[Charge]:
    known, listed = draw.random.choice(till.prices.listed())
    strange = [
        name for other, name in till.prices.listed() if other != known and (known, name) not in till.prices.listed()
    ]
    if model == "a model of another provider" and not strange:
        raise CannotTell("the pricing file has no provider with a model that another lacks")
    # Capitals, blanks and signs: names as people give them, which must come back as they are.
    names = {
        "an unknown model": draw.word("Acme/Large:2026-01@région east, preview build"),
        "a known model": listed,
        "a known model with a suffix": draw.word(listed),
        "a model of another provider": draw.random.choice(strange or [""]),
    }
    return charge(till, draw.call(known if provider == "a known provider" else draw.word("Acme Labs"), names[model]))


@then("each record costs what the pricing file says, in the answer and in the database")
def _(till: Till, charges: list[Charge]) -> None:
    assert charges, "the pricing file lists no such model, so nothing could be charged"
    for one, row in stored_charges(till, charges):
        for part in PARTS:
            compare(one, part, row[f"{part}_cost"], where="database")
            answered = getattr(one.answered, f"{part}_cost")
            if answered is not None:
                compare(one, part, answered, where="answer")


@then("by each way one row is stored, which costs what the pricing file says")
def _(till: Till, by_way: Mapping[str, tuple[str, Charge]]) -> None:
    for way, (task, one) in by_way.items():
        found = till.database.rows("the recorded call in the database", OF_TASK, (task,))
        assert len(found) == 1, f"by {way}: one call was recorded, {len(found)} rows are stored"
        for part in PARTS:
            compare(one, part, found[0][f"{part}_cost"], where=f"database by {way}")


@then("each cost differs from the unchanged one by the factor of its price")
def _(till: Till, charges: list[Charge], prices: PriceList, repriced: Repriced) -> None:
    for one, row in stored_charges(till, charges):
        charged = row["total_cost"]
        place = ("providers", one.call.provider, one.call.model)
        unchanged = amounts.due(prices, one.call)
        wanted = Amounts(
            prompt=unchanged.prompt * repriced.factors[*place, PROMPT],
            completion=unchanged.completion * repriced.factors[*place, COMPLETION],
        )
        assert money.equal(charged or 0.0, wanted.total), (
            f"{one.call.provider}/{one.call.model} costs {charged} USD after its prices were changed; "
            f"{unchanged.total} USD by the old file times the factors is {wanted.total} USD"
        )


@then("nothing was charged")
def _(till: Till, charges: list[Charge]) -> None:
    charged = [row["total_cost"] for _, row in stored_charges(till, charges)]
    assert not any(charged), f"calls at price 0 were charged {charged} USD"


@then("the record keeps the provider and the model as they were given")
def _(till: Till, charges: list[Charge]) -> None:
    for one, row in stored_charges(till, charges):
        for name in ("provider", "model"):
            wanted, answered = getattr(one.call, name), getattr(one.answered, name)
            assert row[name] == wanted, f"the {name} in the database is {row[name]}, the call was to {wanted}"
            assert answered in (wanted, None), f"the {name} in the answer is {answered}, the call was to {wanted}"


def open_till(platform: Platform, prices: PriceList, database: Sql, draw: Draw) -> Till:
    """A till with a task of its own, at which nothing is recorded yet: recording is what is on trial."""
    noise = prepare_noise(platform, prices, draw)
    task_id = make_owners(platform, draw)["task"]
    return Till(platform=platform, prices=prices, database=database, noise=noise, task_id=task_id)


def charge(till: Till, *calls: Call) -> list[Charge]:
    """Have calls recorded beside the noise, and work out what each costs by the file."""
    record_noise(till.platform, till.noise)
    return [
        Charge(
            call=call,
            answered=till.platform.record_cost(call, task_id=till.task_id),
            due=amounts.due(till.prices, call),
        )
        for call in calls
    ]


def charge_in(way: Way, till: Till, draw: Draw) -> tuple[str, Charge]:
    """Have a call of a new task recorded in one of the platform's ways; gives the task, and what is due."""
    task = make_owners(till.platform, draw)["task"]
    call = amounts.listed_call(draw, till.prices, of=way.provider)
    due = amounts.due(till.prices, call)
    till.platform.record_in(way, call, costing=due.total, task_id=task)
    return task, Charge(call=call, answered=Cost(), due=due)


def stored_charges(till: Till, charges: Sequence[Charge]) -> list[tuple[Charge, Mapping[str, Any]]]:
    """Each charge with its one row, read on our own connection and found by token counts that no other call has."""
    rows = till.database.rows(
        "costs of the task in the database",
        OF_TASK,
        (till.task_id,),
    )
    assert len(rows) == len(charges), f"{len(charges)} calls were recorded, {len(rows)} rows are stored"
    found = {(row["prompt_tokens"], row["completion_tokens"]): row for row in rows}
    for one in charges:
        tokens = (one.call.prompt_tokens, one.call.completion_tokens)
        assert tokens in found, f"no row holds the tokens of the call to {one.call.provider}/{one.call.model}"
    return [(one, found[one.call.prompt_tokens, one.call.completion_tokens]) for one in charges]


def compare(one: Charge, part: str, seen: float | None, *, where: str) -> None:
    """Demand that an amount is the one that is due."""
    wanted = getattr(one.due, part)
    words = (
        f"{one.call.provider}/{one.call.model} with {one.call.prompt_tokens} + {one.call.completion_tokens} tokens: "
        f"{part} cost in the {where} is {seen} USD, by the pricing file it is {wanted} USD"
    )
    assert seen is not None, words
    assert money.equal(seen, wanted), words
