"""JSON Schema of ``hotline.yaml``: editors complete and explain the fields with it."""

from __future__ import annotations

from typing import Any

from ccops.config.model import Hotline


def json_schema() -> dict[str, Any]:
    """The schema, draft 2020-12."""
    schema = Hotline.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
