"""What the web part answers, held against its own description."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import ClientResponse
from jsonschema import Draft202012Validator

from ccops.web.api import OPENAPI
from tests.web_support import NUMBERS, TOKEN

BEARER = {"Authorization": f"Bearer {TOKEN}"}
DESCRIPTION: dict[str, Any] = json.loads(OPENAPI)


async def described(response: ClientResponse, path: str, method: str = "get") -> Any:
    """The body, once it is proven to be what the description promises for this status."""
    body = await response.json()
    promise = DESCRIPTION["paths"][path][method]["responses"][str(response.status)]
    if "$ref" in promise:
        promise = DESCRIPTION["components"]["responses"][promise["$ref"].rsplit("/", 1)[1]]
    schema = promise["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": DESCRIPTION["components"]}).validate(body)
    return body


def assert_no_number(text: str) -> None:
    for number in filter(None, NUMBERS):
        assert number not in text
        assert number.lstrip("+") not in text
        assert number[4:] not in text
