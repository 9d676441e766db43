"""What consumers of the baseline lose is found, and what they would never notice is not."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import PlatformMisbehaved
from harness.journal import Journal
from harness.probes import api_contract
from harness.probes.api_contract import ApiContract

BASELINE: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "baselines" / "api.json").read_text(encoding="utf-8")
)
COSTS = "/api/v1/costs"


def changed(change: Callable[[dict[str, Any]], object]) -> tuple[str, ...]:
    """The breaks that one change of the baseline makes."""
    published = copy.deepcopy(BASELINE)
    change(published)
    return tuple(map(str, api_contract.compare(BASELINE, published).breaks))


def operation(document: dict[str, Any], path: str, verb: str = "get") -> dict[str, Any]:
    """One operation of a description."""
    return document["paths"][COSTS + path][verb]


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    """One named schema of a description."""
    return document["components"]["schemas"][name]


def set_field(name: str, field: str, value: object) -> Callable[[dict[str, Any]], object]:
    """Describe one field otherwise."""
    return lambda document: schema(document, name)["properties"].update({field: value})


def demand(name: str, field: str) -> Callable[[dict[str, Any]], object]:
    """Make one field required, with a type should it be new."""

    def change(document: dict[str, Any]) -> None:
        schema(document, name)["properties"].setdefault(field, {"type": "string"})
        schema(document, name)["required"].append(field)

    return change


def add_parameter(parameter: dict[str, Any]) -> Callable[[dict[str, Any]], object]:
    """Let the list of costs take one more parameter."""
    return lambda document: operation(document, "/records")["parameters"].append(parameter)


def limit(**words: object) -> Callable[[dict[str, Any]], object]:
    """Describe the parameter `limit` otherwise."""
    return lambda document: operation(document, "/records")["parameters"][2].update(words)


def bounded(**bounds: object) -> Callable[[dict[str, Any]], object]:
    """Bound the parameter `limit` otherwise."""
    return limit(schema={"type": "integer", "default": 100, **bounds})


BREAKS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "operation gone": (lambda d: d["paths"].pop(COSTS + "/forecast"), "the operation was offered, is gone"),
    "parameter gone": (lambda d: operation(d, "/records")["parameters"].pop(), "parameter limit was offered, is gone"),
    "parameter elsewhere": (limit(**{"in": "header"}), "query parameter limit was offered, is gone"),
    "parameter newly required": (limit(required=True), "parameter limit was optional, is required"),
    "required parameter added": (
        add_parameter({"name": "project", "in": "query", "required": True, "schema": {"type": "string"}}),
        "query parameter project was not asked for, is required",
    ),
    "parameter type": (limit(schema={"type": "string"}), "parameter limit was integer, is string"),
    "ceiling lowered": (bounded(maximum=500), "limit was maximum 1000, is maximum 500"),
    "ceiling lowered by another keyword": (bounded(exclusiveMaximum=101), "was maximum 1000, is exclusiveMaximum 101"),
    "ceiling lowered by a flag": (
        bounded(maximum=1000, exclusiveMaximum=True),
        "was maximum 1000, is exclusiveMaximum 1000",
    ),
    "floor raised": (bounded(minimum=1, exclusiveMinimum=1), "limit was minimum 1, is exclusiveMinimum 1"),
    "floor raised by another keyword": (
        set_field("ForecastRequest", "pending_task_count", {"type": "integer", "minimum": 10}),
        "was exclusiveMinimum 0, is minimum 10",
    ),
    "floor of a fraction raised": (
        set_field("NewBudget", "limit_amount", {"type": "number", "minimum": 0.01}),
        "was exclusiveMinimum 0, is minimum 0.01",
    ),
    "stricter of two": (
        set_field("NewBudget", "limit_amount", {"allOf": [{"type": "number", "minimum": 5}, {"minimum": 0}]}),
        "was exclusiveMinimum 0, is minimum 5",
    ),
    "default of a parameter": (limit(schema={"type": "integer", "default": 10}), "was default 100, is default 10"),
    "default of a parameter gone": (limit(schema={"type": "integer"}), "limit was default 100, is no default"),
    "default beside a union": (
        limit(schema={"anyOf": [{"type": "integer", "default": 100}, {"type": "null"}], "default": None}),
        "was default 100, is default null",
    ),
    "default of a request field": (
        set_field("NewBudget", "alert_threshold", {"type": "number", "default": 0.5}),
        "request body field alert_threshold was default 0.8, is default 0.5",
    ),
    "format of a response lost": (
        set_field("CostRecord", "recorded_at", {"type": "string"}),
        "response items field recorded_at was format date-time, is format none",
    ),
    "format of a response changed": (
        set_field("Budget", "created_at", {"type": "string", "format": "date"}),
        "field created_at was format date-time, is format date",
    ),
    "format of a nullable response lost": (
        set_field("Budget", "period_end", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "field period_end was format date-time, is format none",
    ),
    "format of a request demanded": (
        set_field("NewBudget", "scope_id", {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]}),
        "request body field scope_id was format none, is format uuid",
    ),
    "format of a request demanded beside numbers": (
        set_field("ForecastRequest", "model", {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "integer"}]}),
        "request body field model was format none, is format uuid",
    ),
    "value no longer taken": (
        set_field("NewBudget", "scope_type", {"type": "string", "enum": ["global", "ticket"]}),
        "is string of global, ticket",
    ),
    "request field gone": (
        lambda d: schema(d, "NewBudget")["properties"].pop("period_end"),
        "request body field period_end was described, is gone",
    ),
    "request field newly required": (demand("NewBudget", "scope_id"), "field scope_id was optional, is required"),
    "required request field added": (demand("NewBudget", "why"), "field why was not asked for, is required"),
    "request null refused": (
        set_field("ForecastRequest", "avg_tokens_per_task", {"type": "integer"}),
        "was integer or null, is integer",
    ),
    "success code": (
        lambda d: d["paths"][COSTS + "/budgets"]["post"]["responses"].update(
            {"201": d["paths"][COSTS + "/budgets"]["post"]["responses"].pop("200")}
        ),
        "success code was 200, is 201",
    ),
    "response field gone": (
        lambda d: schema(d, "CostRecord")["properties"].pop("total_cost"),
        "response items field total_cost was described, is gone",
    ),
    "response field optional": (
        lambda d: schema(d, "Budget")["required"].remove("limit_amount"),
        "field limit_amount was required, is optional",
    ),
    "response integer widened": (
        set_field("Forecast", "task_count", {"type": "number"}),
        "response field task_count was integer, is number",
    ),
    "response type": (set_field("Budget", "id", {"type": "string"}), "field id was integer, is string"),
    "response null added": (
        set_field("CostRecord", "model", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "field model was string, is string or null",
    ),
    "response null added in 3.0": (
        set_field("CostRecord", "model", {"type": "string", "nullable": True}),
        "field model was string, is string or null",
    ),
    "response of anything": (set_field("CostRecord", "model", {}), "field model was string, is anything"),
    "nested field": (set_field("ModelCost", "cost", {"type": "string"}), "breakdown items field cost was number"),
}

KEPT: dict[str, Callable[[dict[str, Any]], object]] = {
    "nothing": lambda _: None,
    "operation added": lambda d: operation(d, "/budgets").update(deprecated=True) or d["paths"].update({"/x": {}}),
    "optional parameter added": add_parameter({"name": "page", "in": "query", "schema": {"type": "integer"}}),
    "authentication added": lambda d: operation(d, "/records").update(security=[{"bearer": []}]),
    "authentication as a header": add_parameter({"name": "Authorization", "in": "header", "required": True}),
    "bound widened": bounded(maximum=5000),
    "parameter takes null": limit(schema={"anyOf": [{"type": "integer"}, {"type": "null"}], "default": 100}),
    "default written as a fraction": limit(schema={"type": "integer", "default": 100.0}),
    "default never promised": set_field("ForecastRequest", "provider", {"type": "string", "default": "anthropic"}),
    "default of an answer": set_field("BudgetCheck", "exists", {"type": "boolean", "default": False}),
    "bounds never promised": set_field(
        "ForecastRequest", "avg_tokens_per_task", {"type": ["integer", "null"], "minimum": 9}
    ),
    "same whole numbers by other keywords": bounded(exclusiveMinimum=0, exclusiveMaximum=1001),
    "same whole numbers in 3.0": bounded(minimum=0, exclusiveMinimum=True, maximum=1000, exclusiveMaximum=False),
    "more than none is at least one": set_field(
        "ForecastRequest", "pending_task_count", {"type": "integer", "minimum": 1}
    ),
    "fractions from zero": set_field("NewBudget", "limit_amount", {"type": "number", "minimum": 0}),
    "format of a response added": set_field("CostRecord", "id", {"type": "string", "format": "uuid"}),
    "format of a request dropped": set_field("NewBudget", "period_end", {"type": ["string", "null"]}),
    "format beside null": set_field(
        "Budget", "period_end", {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}
    ),
    "format of numbers": set_field("CostRecord", "total_tokens", {"type": "integer", "format": "int32"}),
    "request field added": set_field("NewBudget", "note", {"type": "string"}),
    "request widened": set_field("NewBudget", "scope_type", {"type": "string"}),
    "request field no longer required": lambda d: schema(d, "NewBudget")["required"].remove("limit_amount"),
    "response field added": demand("CostRecord", "currency"),
    "response narrowed": set_field("Forecast", "estimated_cost", {"type": "integer"}),
    "response never null": set_field("CostRecord", "agent_id", {"type": "string"}),
    "response constant": set_field("CostRecord", "provider", {"const": "openai"}),
    "optional response field promised": demand("BudgetCheck", "alert_threshold"),
    "allOf with a reference": set_field(
        "CostSummary", "breakdown", {"type": "array", "items": {"allOf": [{"$ref": "#/components/schemas/ModelCost"}]}}
    ),
    "free-form breakdown": set_field("CostSummary", "breakdown", {"type": "array", "items": {"type": "object"}}),
    "null in the style of 3.0": set_field("CostRecord", "agent_id", {"type": "string", "nullable": True}),
    "null as a union": set_field("Budget", "scope_id", {"oneOf": [{"type": "string"}, {"type": "null"}]}),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_consumers_lose_is_a_break(name: str) -> None:
    """Each change is named with what was and what is."""
    change, words = BREAKS[name]
    found = changed(change)
    assert found
    assert all(words in line for line in found)


@pytest.mark.parametrize("name", KEPT)
def test_what_consumers_never_notice_is_no_break(name: str) -> None:
    """Additions, wider requests, narrower responses and other spellings are no breaks."""
    assert changed(KEPT[name]) == ()


def test_an_operation_gone_counts_once_and_the_rest_is_still_compared() -> None:
    """Only its own fields are no longer examined."""
    published = copy.deepcopy(BASELINE)
    del published["paths"][COSTS + "/forecast"]
    whole, rest = api_contract.compare(BASELINE, BASELINE), api_contract.compare(BASELINE, published)
    assert len(rest.breaks) == 1
    assert 0 < rest.examined < whole.examined


def test_a_description_that_refers_to_nothing_is_the_platforms_fault() -> None:
    """A dangling or circular reference cannot be read."""
    for target in ("#/components/schemas/Nothing", "#/components/schemas/CostRecord/properties/model"):
        with pytest.raises(PlatformMisbehaved, match="cannot be read"):
            changed(set_field("CostRecord", "model", {"$ref": target}))


def test_the_instrument_notes_how_much_it_compared() -> None:
    """The reading holds every break and the number of operations, parameters and fields."""
    journal = Journal()
    comparison = api_contract.compare(BASELINE, {"paths": {}})
    assert len(ApiContract(journal, comparison).breaks()) == 6
    assert (journal.readings[0].examined, len(comparison.breaks)) == (6, 6)
