"""The pages, and the stream of the live one."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from aiohttp import web
from aiohttp_sse import sse_response
from markupsafe import Markup

from ccops.config.model import Hotline
from ccops.i18n import LANGUAGES, language_name
from ccops.web.keys import FEED, PAGES, PORTS
from ccops.web.setting import in_language, live_setting, prompts_setting, service_setting

LANGUAGE_COOKIE = "lang"
_YEAR = 365 * 24 * 3600


async def live_page(request: web.Request) -> web.Response:
    ports = request.app[PORTS]
    language = _language(request)
    return _page(
        request, "live.html", language, live_setting(ports.hotline(), language, ports.targets)
    )


async def service_page(request: web.Request) -> web.Response:
    """Disturbances and blocked numbers."""
    language = _language(request)
    hotline = request.app[PORTS].hotline()
    lines = [
        (number, in_language(line.name, language, hotline))
        for number, line in hotline.lines.items()
    ]
    spoken = [(code, language_name(code)) for code in hotline.languages]
    return _page(
        request,
        "service.html",
        language,
        service_setting(hotline, language),
        lines=lines,
        spoken=spoken,
    )


async def prompts_page(request: web.Request) -> web.Response:
    language = _language(request)
    setting = prompts_setting(request.app[PORTS].hotline(), language)
    return _page(request, "prompts.html", language, setting)


async def live_stream(request: web.Request) -> web.StreamResponse:
    """Server-sent events: ``picture``, at most one a second and at least one in two."""
    async with sse_response(request) as response:
        # A viewer who goes away ends the stream, and that is all.
        with suppress(ConnectionResetError, TimeoutError):
            async for picture in request.app[FEED].follow():
                await response.send(picture, event="picture")
    return response


def _page(
    request: web.Request, template: str, language: str, setting: dict[str, Any], **values: Any
) -> web.Response:
    """In the language asked for, chosen before, or the hotline's first."""
    ports = request.app[PORTS]
    hotline = ports.hotline()
    response = web.Response(
        text=request.app[PAGES].render(
            template,
            language,
            organisation=in_language(hotline.organisation.name, language, hotline),
            numbers=list(hotline.lines),
            time_zone=hotline.time_zone,
            languages=[(code, language_name(code)) for code in LANGUAGES],
            path=request.path,
            setting=_data(setting),
            **values,
        ),
        content_type="text/html",
        headers={"Content-Language": language, "Vary": "Cookie"},
    )
    if "lang" in request.query:
        response.set_cookie(
            LANGUAGE_COOKIE, language, max_age=_YEAR, httponly=True, samesite="Strict"
        )
    return response


def _language(request: web.Request) -> str:
    for wanted in (request.query.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    hotline: Hotline = request.app[PORTS].hotline()
    return hotline.default_language


def _data(value: object) -> Markup:
    """JSON that is safe inside a script element: nothing in it can end the element."""
    return Markup(json.dumps(value, ensure_ascii=False).replace("<", "\\u003c"))
