"""The JSON API, as /api/openapi.json describes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.resources import files
from json import JSONDecodeError

from aiohttp import web

from ccops.errors import CcopsError
from ccops.services.operators import Wished
from ccops.web.auth import require_token
from ccops.web.errors import invalid
from ccops.web.keys import FEED, PORTS
from ccops.web.views import day_view, live_view, operator_view, wished_view

routes = web.RouteTableDef()

OPENAPI = (files("ccops.web") / "openapi.json").read_bytes()


@routes.get("/api/openapi.json")
async def openapi(_request: web.Request) -> web.Response:
    return web.Response(body=OPENAPI, content_type="application/json")


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
        await request.app[FEED].today(),
        ports.hotline(),
        ports.service.disturbances.all(),
        full_numbers=numbers == "full",
    )
    return web.json_response(view)


@routes.get("/api/v1/figures/today")
async def figures_today(request: web.Request) -> web.Response:
    figures = await request.app[FEED].today()
    if figures is None:
        raise CcopsError(
            "Today's figures cannot be read.",
            remedy="/readyz says what is the matter with the database.",
            code="figures_unavailable",
        )
    return web.json_response(day_view(figures))


@routes.get("/api/v1/operators")
async def operators(request: web.Request) -> web.Response:
    await request.app[FEED].today()  # the calls of each operator are counted with the figures
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
    async def command(operator: str, by: str) -> Wished:
        return await request.app[PORTS].operators.pause(operator, await _reason(request), by)

    return await _command(request, command)


async def _command(
    request: web.Request, command: Callable[[str, str], Awaitable[Wished]]
) -> web.Response:
    """200 when app_queue agrees already; 202 when the wish is kept until Asterisk can be told."""
    require_token(request)
    wished = await command(request.match_info["id"], "api")
    return web.json_response(wished_view(wished), status=200 if wished.applied else 202)


async def _reason(request: web.Request) -> str:
    try:
        body = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        raise invalid("The body is not JSON.", 'Send {"reason": "ID OF A PAUSE REASON"}.') from None
    reason = body.get("reason") if isinstance(body, dict) else None
    if not isinstance(reason, str) or not reason:
        raise invalid(
            "The field 'reason' is missing or is not a text.",
            'Send {"reason": "ID OF A PAUSE REASON"}.',
        )
    return reason
