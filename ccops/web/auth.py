"""The bearer token."""

from __future__ import annotations

import hmac

from aiohttp import web

from ccops.errors import CcopsError
from ccops.web.keys import PORTS


def offers_token(request: web.Request) -> bool:
    """Whether the request carries a token at all, right or wrong."""
    return "Authorization" in request.headers


def require_token(request: web.Request) -> None:
    """Refuse (401, code ``unauthorised``) unless the request carries the token."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token = request.app[PORTS].token
    # Compared as bytes and in constant time: how long it takes must not tell how much was right.
    right = hmac.compare_digest(given.strip().encode(errors="surrogateescape"), token.encode())
    if scheme.lower() != "bearer" or not token or not right:
        raise CcopsError(
            "This needs the API token.",
            remedy="Send it as the header 'Authorization: Bearer TOKEN'.",
            code="unauthorised",
        )
