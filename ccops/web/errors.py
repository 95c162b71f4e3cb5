"""Errors as the API tells them: ``{"error": {"code", "message", "remedy"}}``."""

from __future__ import annotations

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from ccops.errors import CcopsError

log = structlog.get_logger(__name__)

STATUS = {
    "unauthorised": 401,
    "operator_unknown": 404,
    "disturbance_unknown": 404,
    "block_unknown": 404,
    "unknown_prompt": 404,
    "invalid": 422,
    "pause_reason_unknown": 422,
    "disturbance_reason_unknown": 422,
    "disturbance_text": 422,
    "said_text": 422,
    "line_unknown": 422,
    "block_number": 422,
    "block_own_number": 422,
    "block_reason": 422,
    "moment": 422,
    "moment_past": 422,
    "figures_unavailable": 503,
    "ami_down": 503,
    "ami_timeout": 504,
    "ami_refused": 502,
}
"""Everything else that ccops refuses on purpose is a conflict with the present state: 409."""


def invalid(message: str, remedy: str) -> CcopsError:
    """The request cannot be understood."""
    return CcopsError(message, remedy=remedy, code="invalid")


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what a handler raises into an answer; outside /api the plain pages stay as they are."""
    try:
        return await handler(request)
    except CcopsError as error:
        status = STATUS.get(error.code, 409)
        return _answer(status, error.code, error.message, error.remedy)
    except web.HTTPException as error:
        if error.status < 400 or not request.path.startswith("/api/"):
            raise
        answer = _answer(error.status, *_HTTP.get(error.status, ("http", error.reason, "")))
        if isinstance(error, web.HTTPMethodNotAllowed):
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except Exception:
        log.exception("request failed", method=request.method, route=_route(request))
        return _answer(
            500, "internal", "ccops failed while answering.", "The log of ccops says why."
        )


_HTTP = {
    404: ("not_found", "There is nothing at this address.", "See /api/openapi.json."),
    405: ("method", "This address does not take that method.", "See /api/openapi.json."),
    413: ("too_large", "The body is too large.", "See /api/openapi.json."),
}


def _answer(status: int, code: str, message: str, remedy: str) -> web.Response:
    headers = {"WWW-Authenticate": 'Bearer realm="ccops"'} if status == 401 else None
    body = {"error": {"code": code, "message": message, "remedy": remedy}}
    return web.json_response(body, status=status, headers=headers)


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"
