"""/metrics, /healthz and /readyz: what machines ask."""

from __future__ import annotations

from aiohttp import web

from ccops.i18n import text
from ccops.web.keys import PORTS
from ccops.web.views import health_view

routes = web.RouteTableDef()

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@routes.get("/metrics")
async def metrics(request: web.Request) -> web.Response:
    body = await request.app[PORTS].exposition()
    return web.Response(body=body, headers={"Content-Type": _METRICS_TYPE})


@routes.get("/healthz")
async def alive(_request: web.Request) -> web.Response:
    """The process lives and its event loop turns: answering is the proof."""
    return web.json_response({"alive": True})


@routes.get("/readyz")
async def ready(request: web.Request) -> web.Response:
    """200 when calls can be taken, 503 when not; each part with its state and what to do."""
    report = await request.app[PORTS].health.check()
    view = health_view(report)
    for part in view["parts"]:
        key = f"health.{part['part']}.{part['code']}"
        good = part["code"] == "up"
        parameters = part.pop("parameters")
        part["message"] = text("en", f"{key}.message", **parameters)
        part["remedy"] = "" if good else text("en", f"{key}.remedy", **parameters)
    return web.json_response(view, status=200 if report.ready else 503)
