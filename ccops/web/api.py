"""The JSON API, as /api/openapi.json describes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from importlib.resources import files
from json import JSONDecodeError

from aiohttp import web

from ccops.web.auth import require_token
from ccops.web.errors import invalid, not_found
from ccops.web.keys import PORTS
from ccops.web.views import day_view, live_view, operator_view

routes = web.RouteTableDef()


@routes.get("/api/openapi.json")
async def openapi(_request: web.Request) -> web.Response:
    return web.Response(body=_description(), content_type="application/json")


@routes.get("/api/v1/live")
async def live(request: web.Request) -> web.Response:
    """The live picture; with ``?numbers=full`` and the token, with callers' whole numbers."""
    numbers = request.query.get("numbers", "masked")
    if numbers not in ("masked", "full"):
        raise invalid(
            "The parameter 'numbers' is neither 'masked' nor 'full'.", "Write one of them."
        )
    if numbers == "full":
        require_token(request)
    ports = request.app[PORTS]
    view = live_view(
        ports.live.snapshot(),
        await ports.health.check(),
        await ports.figures(),
        ports.hotline(),
        full_numbers=numbers == "full",
    )
    return web.json_response(view)


@routes.get("/api/v1/figures/today")
async def figures_today(request: web.Request) -> web.Response:
    return web.json_response(day_view(await request.app[PORTS].figures()))


@routes.get("/api/v1/operators")
async def operators(request: web.Request) -> web.Response:
    snapshot = request.app[PORTS].live.snapshot()
    return web.json_response({"operators": [operator_view(each) for each in snapshot.operators]})


@routes.post("/api/v1/operators/{id}/login")
async def log_in(request: web.Request) -> web.Response:
    return await _command(request, request.app[PORTS].operators.log_in)


@routes.post("/api/v1/operators/{id}/logout")
async def log_out(request: web.Request) -> web.Response:
    return await _command(request, request.app[PORTS].operators.log_out)


@routes.post("/api/v1/operators/{id}/resume")
async def resume(request: web.Request) -> web.Response:
    return await _command(request, request.app[PORTS].operators.resume)


@routes.post("/api/v1/operators/{id}/pause")
async def pause(request: web.Request) -> web.Response:
    async def command(operator: str) -> None:
        await request.app[PORTS].operators.pause(operator, await _reason(request))

    return await _command(request, command)


async def _command(request: web.Request, command: Callable[[str], Awaitable[None]]) -> web.Response:
    require_token(request)
    operator = request.match_info["id"]
    if operator not in request.app[PORTS].hotline().operators:
        raise not_found(f"There is no operator '{operator}'.", "GET /api/v1/operators lists them.")
    await command(operator)
    return web.Response(status=204)


async def _reason(request: web.Request) -> str:
    try:
        body = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        raise invalid("The body is not JSON.", 'Send {"reason": "ID OF A PAUSE REASON"}.') from None
    known = [reason.id for reason in request.app[PORTS].hotline().pause_reasons.values()]
    reason = body.get("reason") if isinstance(body, dict) else None
    if not isinstance(reason, str) or reason not in known:
        raise invalid(
            "The field 'reason' does not name a pause reason.",
            f"Write one of: {', '.join(known)}.",
        )
    return reason


@cache
def _description() -> bytes:
    return (files("ccops.web") / "openapi.json").read_bytes()
