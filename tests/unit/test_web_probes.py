"""What machines ask: /healthz, /readyz, /metrics."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer

from ccops.services.health import Finding
from ccops.web.app import create_app
from tests.web_answers import described
from tests.web_support import ScriptedHotline, scripted


@pytest.fixture
def hotline() -> ScriptedHotline:
    return scripted(busy=True)


@pytest.fixture
async def client(hotline: ScriptedHotline) -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(create_app(hotline.ports()))) as client:
        yield client


async def test_alive(client: TestClient) -> None:
    response = await client.get("/healthz")
    assert (response.status, await described(response, "/healthz")) == (200, {"alive": True})


async def test_ready_says_what_each_part_means(client: TestClient) -> None:
    response = await client.get("/readyz")
    assert response.status == 200
    assert all(part["message"] for part in (await described(response, "/readyz"))["parts"])


async def test_not_ready_says_why_and_what_to_do(hotline: ScriptedHotline) -> None:
    hotline.findings["asterisk"] = Finding("down")
    hotline.findings["journal"] = Finding("late", {"seconds": 94})
    async with TestClient(TestServer(create_app(hotline.ports()))) as client:
        response = await client.get("/readyz")
        assert response.status == 503
        parts = {part["part"]: part for part in (await described(response, "/readyz"))["parts"]}
    assert parts["asterisk"]["state"] == "down"
    assert "AMI" in parts["asterisk"]["remedy"]
    assert parts["journal"]["message"] == "Today’s figures are 94 s behind"


async def test_metrics_are_handed_out(hotline: ScriptedHotline, client: TestClient) -> None:
    hotline.metrics_text = b"ccops_example 1\n"
    response = await client.get("/metrics")
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert await response.read() == b"ccops_example 1\n"
