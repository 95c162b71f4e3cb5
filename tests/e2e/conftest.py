"""Fixtures of the end-to-end tests: a running hotline and a telephone network beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from ccops.simulator.network import Network
from tests.e2e.running import Running, running, telephone_network


@pytest.fixture(scope="module")
def hotline(request: pytest.FixtureRequest) -> Iterator[Running]:
    """The profile uz, shared by the tests of a module; its folder is kept when one failed."""
    failed = request.session.testsfailed
    with running() as copy:
        yield copy
        copy.keep = request.session.testsfailed > failed


@pytest.fixture
async def network(hotline: Running) -> AsyncIterator[Network]:
    """The telephone network of ``hotline``; its calls end with the test."""
    async with telephone_network(hotline) as network:
        yield network
