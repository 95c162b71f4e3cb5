"""The routes of disturbances, blocks and prompts, as /api/openapi.json describes them."""

from __future__ import annotations

from json import JSONDecodeError

from aiohttp import web

from ccops.web.auth import offers_token, require_token
from ccops.web.errors import invalid
from ccops.web.keys import DESK, PORTS
from ccops.web.views import prompt_view

routes = web.RouteTableDef()


@routes.get("/api/v1/disturbances")
async def disturbances(request: web.Request) -> web.Response:
    return web.json_response(await request.app[DESK].disturbances())


@routes.post("/api/v1/disturbances")
async def start(request: web.Request) -> web.Response:
    require_token(request)
    return web.json_response(await request.app[DESK].start(await _body(request)), status=201)


@routes.post(r"/api/v1/disturbances/{id:\d{1,15}}/end")
async def end(request: web.Request) -> web.Response:
    require_token(request)
    id_ = int(request.match_info["id"])
    return web.json_response(await request.app[DESK].end(id_, await _body(request)))


@routes.get("/api/v1/blocks")
async def blocks(request: web.Request) -> web.Response:
    require_token(request)
    return web.json_response(await request.app[DESK].blocks())


@routes.post("/api/v1/blocks")
async def block(request: web.Request) -> web.Response:
    require_token(request)
    return web.json_response(await request.app[DESK].block(await _body(request)), status=201)


@routes.post(r"/api/v1/blocks/{id:\d{1,15}}/lift")
async def lift(request: web.Request) -> web.Response:
    require_token(request)
    id_ = int(request.match_info["id"])
    return web.json_response(await request.app[DESK].lift(id_, await _body(request)))


@routes.get("/api/v1/prompts")
async def prompts(request: web.Request) -> web.Response:
    known = await request.app[DESK].shelf.prompts()
    return web.json_response({"prompts": [prompt_view(each) for each in known]})


@routes.get("/api/v1/prompts/{language}/{name}.wav")
async def sound(request: web.Request) -> web.Response:
    """As callers hear it; ``LANGUAGE_slow`` for those who want it slower."""
    language, pace, rest = request.match_info["language"].partition("_slow")
    name = request.match_info["name"]
    wav = await request.app[DESK].shelf.wav(language + rest, name, slow=bool(pace))
    return web.Response(body=wav, content_type="audio/wav")


async def state(request: web.Request) -> web.Response:
    """What the page ``/service`` shows: numbers masked, and whole with the token."""
    signed_in = offers_token(request)
    if signed_in:
        require_token(request)
    desk = request.app[DESK]
    return web.json_response(
        {
            "at": request.app[PORTS].clock.now().isoformat(),
            "signed_in": signed_in,
            "disturbances": await desk.disturbances(),
            "blocks": await desk.blocks(masked=not signed_in),
        }
    )


async def _body(request: web.Request) -> object:
    """An empty body is an empty object."""
    if not request.can_read_body:
        return {}
    try:
        return await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        raise invalid("The body is not JSON.", "See /api/openapi.json.") from None
