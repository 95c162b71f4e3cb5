"""Typed keys under which the application keeps its parts."""

from aiohttp import web

from ccops.web.desk import Desk
from ccops.web.feed import Feed
from ccops.web.ports import WebPorts
from ccops.web.rendering import Pages

PORTS = web.AppKey("ports", WebPorts)
FEED = web.AppKey("feed", Feed)
PAGES = web.AppKey("pages", Pages)
DESK = web.AppKey("desk", Desk)
