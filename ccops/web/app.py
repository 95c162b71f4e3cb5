"""The HTTP side of ccops: pages, API, metrics, health.

Reading is open to whoever reaches the address (loopback by default; numbers masked); commands and
full numbers need the bearer token.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib.resources import files

from aiohttp import web

from ccops.tasks import TaskRunner
from ccops.web import api, probes, service_api
from ccops.web.desk import Desk
from ccops.web.errors import errors_as_json
from ccops.web.feed import Feed
from ccops.web.keys import DESK, FEED, PAGES, PORTS
from ccops.web.page import live_page, live_stream, prompts_page, service_page
from ccops.web.ports import WebPorts
from ccops.web.rendering import Pages

STATIC = files("ccops.web") / "static"

_HEADERS = {
    "Server": "ccops",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def create_app(ports: WebPorts) -> web.Application:
    """The application, ready to be served; it starts and stops its own background work."""
    app = web.Application(middlewares=[errors_as_json])
    app[PORTS] = ports
    app[PAGES] = Pages()
    app[FEED] = Feed(ports)
    app[DESK] = Desk(ports.service, ports.hotline, ports.clock)
    app.cleanup_ctx.append(_feed)
    app.on_shutdown.append(_close_streams)
    app.on_response_prepare.append(_secure)
    app.router.add_get("/", live_page)
    app.router.add_get("/live/stream", live_stream)
    app.router.add_get("/service", service_page)
    app.router.add_get("/service/state", service_api.state)
    app.router.add_get("/prompts", prompts_page)
    app.router.add_static("/static", str(STATIC))
    app.add_routes(api.routes)
    app.add_routes(probes.routes)
    app.add_routes(service_api.routes)
    return app


async def _feed(app: web.Application) -> AsyncIterator[None]:
    tasks = TaskRunner("web")
    feed = app[FEED]
    tasks.start("feed", feed.run)
    tasks.start("watch", feed.watch)
    yield
    await tasks.stop()


async def _close_streams(app: web.Application) -> None:
    app[FEED].close()


async def _secure(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
    # The page's files are asked for anew each time (and answered with 304); all else is of now.
    static = request.path.startswith("/static/")
    response.headers.setdefault("Cache-Control", "no-cache" if static else "no-store")
