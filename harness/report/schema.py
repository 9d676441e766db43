"""The published JSON schema of report.json, generated from the report's own type."""

import json
from typing import Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from harness.report.document import Report

filename: Final = "conformance-report-1.json"


class _Complete(GenerateJsonSchema):
    """Every field is required: the report is always written whole, defaults included."""

    def field_is_required(
        self, field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField, total: bool
    ) -> bool:
        """Hold for any field."""
        del field, total
        return True


def render() -> str:
    """The schema in the 2020-12 draft, ending with a newline, as it lies in `reports/schema`."""
    schema = {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": "urn:conformance-report:1",
        **TypeAdapter(Report).json_schema(mode="serialization", schema_generator=_Complete),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
