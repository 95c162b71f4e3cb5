"""Fixtures of the end-to-end tests: a running hotline and a telephone network beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from ccops.simulator.network import Network
from tests.e2e.countries import COUNTRIES, Site, always_open
from tests.e2e.running import Running, running, telephone_network


@pytest.fixture(scope="module")
def hotline(request: pytest.FixtureRequest) -> Iterator[Running]:
    """The profile uz, shared by the tests of a module; its folder is kept when one failed."""
    failed = request.session.testsfailed
    with running() as copy:
        yield copy
        copy.keep = request.session.testsfailed > failed


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """The hotline of one profile, shared by all the tests that ask for it (``each_profile``)."""
    failed = request.session.testsfailed
    country = COUNTRIES[request.param]
    with running(country.profile, always_open) as copy:
        yield Site(country, copy)
        copy.keep = request.session.testsfailed > failed


@pytest.fixture
async def citizens(site: Site) -> AsyncIterator[Network]:
    """The telephone network of ``site``; its calls end with the test."""
    async with telephone_network(site.hotline) as network:
        yield network


@pytest.fixture
async def network(hotline: Running) -> AsyncIterator[Network]:
    """The telephone network of ``hotline``; its calls end with the test."""
    async with telephone_network(hotline) as network:
        yield network
