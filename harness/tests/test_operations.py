"""Operations are read off a description in any style, and filled in with what a scene has."""

from typing import Any, Final

import pytest

from harness.observe import filling, operations
from harness.observe.filling import Cast, Filled
from harness.observe.operations import Operation
from harness.observe.traces import Marks

ANSWER: Final = {"responses": {"200": {"description": "done"}}}
CAST: Final = Cast(
    ids={"project": ("p-1",), "spec": ("s-1", "s-2"), "task": ("t-1",), "budget": ("7",), "phase": ("design",)},
    values={"limit": 5.5, "limit_amount": 5.5, "model": "gpt"},
)


def parameter(name: str, place: str, **schema: Any) -> dict[str, Any]:
    """A parameter of a description."""
    return {"name": name, "in": place, "required": place == "path", "schema": schema or {"type": "string"}}


def sent(*required: str, **fields: Any) -> dict[str, Any]:
    """A request body of a description."""
    schema = {"type": "object", "required": list(required), "properties": fields}
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def listed(verb: str, path: str, **stated: Any) -> Operation:
    """The one operation of a description."""
    return operations.listed({"paths": {path: {verb: {**ANSWER, **stated}}}})[0]


def filled(operation: Operation) -> Filled:
    """An operation filled in with the scene."""
    return filling.fill([operation], CAST)


@pytest.mark.parametrize(
    ("verb", "path", "money", "writes"),
    [
        ("get", "/specs/{spec_id}/costs", True, False),
        ("get", "/specs/{spec_id}/cost-summary", True, False),
        ("post", "/costs/forecast", True, False),
        ("post", "/costs/records", False, True),
        ("patch", "/budgets/{id}", False, True),
        ("get", "/specs/{cost}", False, False),
        ("get", "/costumes", False, False),
    ],
)
def test_an_operation_is_known_by_the_words_of_its_path(verb: str, path: str, *, money: bool, writes: bool) -> None:
    """What asks is no writing, and a parameter's name is not the platform's word for the operation."""
    operation = listed(verb, path)
    assert (operation.tells_money, operation.writes) == (money, writes)


def test_an_operation_is_known_by_what_its_answers_tell() -> None:
    """By an amount however deep, behind references, by a tag, or as a stream of events."""
    inner = {"type": "array", "items": {"$ref": "#/components/schemas/Cost"}}
    shown = {"content": {"application/json": {"schema": {"type": "object", "properties": {"parts": inner}}}}}
    cost = {"type": "object", "properties": {"total_cost": {"type": "number"}}}
    document = {
        "paths": {"/work": {"get": {"responses": {"200": shown}}}},
        "components": {"schemas": {"Cost": cost}},
    }
    assert operations.listed(document)[0].tells_money
    assert listed("get", "/work", tags=["Budgets"]).tells_money
    stream: dict[str, Any] = {"200": {"content": {"text/event-stream": {}}}}
    assert listed("get", "/work", responses=stream).tells_money
    assert not listed("get", "/work").tells_money


@pytest.mark.parametrize(
    ("path", "name", "asked"),
    [
        ("/specs/{spec_id}", "spec_id", ["/specs/s-1", "/specs/s-2"]),
        ("/specs/{id}", "id", ["/specs/s-1", "/specs/s-2"]),
        ("/projects/{projectId}", "projectId", ["/projects/p-1"]),
        ("/budgets/{key}", "key", ["/budgets/7"]),
    ],
)
def test_an_id_goes_by_its_name_or_by_the_segment_before_it(path: str, name: str, asked: list[str]) -> None:
    """Whichever the platform's style is."""
    questions = filled(listed("get", path, parameters=[parameter(name, "path")])).questions
    assert [question.path for question in questions] == asked


def test_a_filter_is_asked_with_and_without() -> None:
    """A list is asked for as a whole, as long as it may be, and by each id."""
    page = parameter("limit", "query", type="integer", maximum=1000)
    questions = filled(listed("get", "/costs", parameters=[parameter("task_id", "query"), page])).questions
    assert [question.query for question in questions] == [{"limit": 1000}, {"task_id": "t-1", "limit": 1000}]
    assert [question.given for question in questions] == [(), ("t-1",)]


def test_a_scope_is_asked_of_every_kind_that_there_is() -> None:
    """With the ids of the scene; a kind that the platform does not name is not asked for."""
    kind = parameter("scope_type", "query", type="string", enum=["global", "spec", "phase"])
    questions = filled(listed("get", "/costs", parameters=[kind, parameter("scope_id", "query")])).questions
    scopes = [
        (question.query["scope_type"], question.query.get("scope_id")) for question in questions if question.query
    ]
    assert scopes == [("global", None), ("spec", "s-1"), ("spec", "s-2"), ("phase", "design")]


def test_a_document_is_filled_in_with_what_it_demands() -> None:
    """Ids and amounts of the scene, and something that fits for the rest; what nobody demands is left out."""
    fields = {
        "task_id": {"type": "string"},
        "limit_amount": {"type": "number"},
        "title": {"type": "string"},
        "tries": {"type": "integer", "minimum": 3},
        "remark": {"type": "string"},
    }
    body = filled(listed("post", "/x", **sent("title", "tries", **fields))).questions[0].body
    assert body is not None
    assert body["title"]
    assert dict(body) == {"task_id": "t-1", "limit_amount": 5.5, "tries": 3, "title": body["title"]}


@pytest.mark.parametrize(
    "operation",
    [
        listed("get", "/sandboxes/{sandbox_id}/costs", parameters=[parameter("sandbox_id", "path")]),
        listed("get", "/costs/{undeclared}"),
        listed("post", "/x", **sent("sandbox_id", sandbox_id={"type": "string"})),
    ],
    ids=lambda operation: operation.name,
)
def test_what_cannot_be_filled_in_is_told(operation: Operation) -> None:
    """No operation is left out in silence."""
    found = filled(operation)
    assert not found.questions
    assert found.unfilled[0].startswith(operation.name)


def test_a_scene_is_recognised_by_what_nobody_else_has() -> None:
    """Amounts and counts in any notation, ids that the asker did not name; not a part of an id, nor a round amount."""
    marks = Marks.of(numbers=(0.0123456, 654321, 12.0), words=("3f0c9a4e-task",))
    assert marks.in_text('{"a": 1.23456e-2, "b": "654321"}').numbers == {"0.0123456", "654321"}
    assert not marks.in_text('{"id": "654321-4f", "other": "x654321", "round": 12.0}')
    assert marks.in_text("of 3f0c9a4e-task").words
    assert not marks.in_text("no such task: 3f0c9a4e-task", given=("3f0c9a4e-task",))


def test_marks_that_two_scenes_share_mark_neither() -> None:
    """What both have says of neither which one was seen."""
    one, other = Marks.of(numbers=(654321, 765432), words=()), Marks.of(numbers=(654321,), words=())
    assert one.without(other).in_text("654321, 765432").numbers == {"765432"}
