"""The HTTP side with scripted ports: page, stream, API, probes."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from jsonschema.validators import validator_for

from ccops.domain.live import QueueView
from ccops.errors import CcopsError
from ccops.services.health import Finding
from ccops.web.app import create_app
from tests.web_answers import BEARER, DESCRIPTION, assert_no_number, described
from tests.web_support import TOKEN, ScriptedHotline, caller, scripted

PAGES = ("/", "/live/stream", "/service", "/service/state", "/prompts", "/static")


@pytest.fixture
def hotline() -> ScriptedHotline:
    return scripted(busy=True)


@pytest.fixture
async def client(hotline: ScriptedHotline) -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(create_app(hotline.ports()))) as client:
        yield client


async def next_picture(response: ClientResponse) -> dict[str, Any]:
    event = ""
    async for line in response.content:
        name, _, value = line.decode().rstrip("\r\n").partition(": ")
        if name == "event":
            event = value
        if name == "data" and event == "picture":
            picture: dict[str, Any] = json.loads(value)
            return picture
    raise AssertionError("the stream ended")


async def test_page_is_in_the_hotlines_first_language(client: TestClient) -> None:
    response = await client.get("/")
    page = await response.text()
    assert response.status == 200
    assert '<html lang="uz">' in page
    assert "Kutayotganlar" in page
    assert response.headers["Content-Language"] == "uz"


@pytest.mark.parametrize(
    ("language", "word"),
    [("ru", "Ожидающие"), ("kk", "Күтіп"), ("az", "Gözləyənlər"), ("en", "Waiting callers")],
)
async def test_chosen_language_is_kept(client: TestClient, language: str, word: str) -> None:
    assert word in await (await client.get("/", params={"lang": language})).text()
    assert word in await (await client.get("/")).text()


async def test_unknown_language_is_ignored(client: TestClient) -> None:
    assert '<html lang="uz">' in await (await client.get("/?lang=xx")).text()


async def test_policy_is_strict_and_the_page_needs_nothing_from_elsewhere(
    client: TestClient,
) -> None:
    response = await client.get("/")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    page = await response.text()
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)
    assert not re.search(r"""\son\w+=|\sstyle=|<style""", page)
    # The only script element with content holds data.
    assert re.findall(r"<script([^>]*)>(?!</script>)", page) == [
        ' type="application/json" id="setting"'
    ]


async def test_names_cannot_break_out_of_the_page(
    hotline: ScriptedHotline, client: TestClient
) -> None:
    evil = "</script><script>alert(1)</script>"
    organisation = hotline.hotline.organisation.model_copy(update={"name": {"uz": evil}})
    queues = {
        name: queue.model_copy(update={"name": {"uz": evil}})
        for name, queue in hotline.hotline.queues.items()
    }
    hotline.hotline = hotline.hotline.model_copy(
        update={"organisation": organisation, "queues": queues}
    )
    page = await (await client.get("/")).text()
    assert evil not in page
    assert "<script>alert" not in page


async def test_static_files_are_served_and_the_folder_is_not_listed(client: TestClient) -> None:
    assert (await client.get("/static/live.js")).status == 200
    assert (await client.get("/static/")).status == 403
    assert (await client.get("/static/../app.py")).status == 404


async def test_stream_begins_with_a_picture_and_follows_changes(
    hotline: ScriptedHotline, client: TestClient
) -> None:
    response = await client.get("/live/stream")
    assert response.content_type == "text/event-stream"
    first = await next_picture(response)
    assert [len(queue["waiting"]) for queue in first["queues"]] == [3, 1]
    picture = hotline.live.snapshot()
    hotline.live.show(
        replace(picture, queues=(QueueView("employment", (), 7, 1, 2), *picture.queues[1:]))
    )
    while (await next_picture(response))["queues"][0]["waiting"]:
        pass
    response.close()


async def test_no_number_leaves_in_page_stream_or_api(client: TestClient) -> None:
    stream = await client.get("/live/stream")
    assert_no_number(json.dumps(await next_picture(stream)))
    stream.close()
    for path in ("/", "/api/v1/live", "/api/v1/operators", "/api/v1/figures/today", "/readyz"):
        assert_no_number(await (await client.get(path)).text())


async def test_live_is_masked_and_as_described(client: TestClient) -> None:
    live = await described(await client.get("/api/v1/live"), "/api/v1/live")
    numbers = [caller["number"] for queue in live["queues"] for caller in queue["waiting"]]
    assert numbers == ["+998 •• ••• •• 42", "+998 •• ••• •• 17", "", "+998 •• ••• •• 88"]


async def test_full_numbers_need_the_token(client: TestClient) -> None:
    refused = await client.get("/api/v1/live?numbers=full")
    assert refused.status == 401
    assert "Bearer" in refused.headers["WWW-Authenticate"]
    await described(refused, "/api/v1/live")
    given = await client.get("/api/v1/live?numbers=full", headers=BEARER)
    live = await described(given, "/api/v1/live")
    assert live["queues"][0]["waiting"][0]["number"] == "+998901234542"


async def test_a_bad_parameter_says_what_to_write(client: TestClient) -> None:
    response = await client.get("/api/v1/live?numbers=some")
    body = await described(response, "/api/v1/live")
    assert response.status == 422
    assert body["error"]["code"] == "invalid"


async def test_figures_and_operators_are_as_described(client: TestClient) -> None:
    path = "/api/v1/figures/today"
    day = await described(await client.get(path), path)
    assert day["total"]["incoming"] == sum(each["incoming"] for each in day["by_queue"].values())
    path = "/api/v1/operators"
    operators = (await described(await client.get(path), path))["operators"]
    assert [operator["state"] for operator in operators][:5] == [
        "talking", "talking", "ringing", "ready", "paused",
    ]  # fmt: skip


COMMANDS = ("login", "logout", "pause", "resume")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "authorization",
    [None, "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer токен"],
)
async def test_commands_need_the_token(
    hotline: ScriptedHotline, client: TestClient, command: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = await client.post(f"/api/v1/operators/201/{command}", headers=headers)
    await described(response, f"/api/v1/operators/{{id}}/{command}", "post")
    assert response.status == 401
    assert hotline.operators.said == []


async def test_a_token_that_is_no_text_is_refused(client: TestClient) -> None:
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(
        b"POST /api/v1/operators/201/login HTTP/1.1\r\nHost: x\r\n"
        b"Authorization: Bearer \xff\xfe\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 401 ")


async def test_without_a_configured_token_nobody_commands(hotline: ScriptedHotline) -> None:
    async with TestClient(TestServer(create_app(hotline.ports(token="")))) as client:
        for header in ("Bearer ", "Bearer", f"Bearer {TOKEN}"):
            response = await client.post(
                "/api/v1/operators/201/login", headers={"Authorization": header}
            )
            assert response.status == 401


async def test_commands_reach_the_operators(hotline: ScriptedHotline, client: TestClient) -> None:
    for command in COMMANDS:
        body = {"reason": "lunch"} if command == "pause" else None
        response = await client.post(f"/api/v1/operators/201/{command}", headers=BEARER, json=body)
        assert response.status == 200
        await described(response, f"/api/v1/operators/{{id}}/{command}", "post")
    assert hotline.operators.said == [
        ("201", "login"), ("201", "logout"), ("201", "pause", "lunch"), ("201", "resume"),
    ]  # fmt: skip


async def test_a_wish_that_waits_for_asterisk_is_accepted(
    hotline: ScriptedHotline, client: TestClient
) -> None:
    hotline.operators.applied = False
    response = await client.post("/api/v1/operators/201/login", headers=BEARER)
    assert response.status == 202
    body = await described(response, "/api/v1/operators/{id}/login", "post")
    assert body["applied"] is False


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b'{"reason": 1}', b'{"reason": ""}'])
async def test_pause_wants_a_reason(
    hotline: ScriptedHotline, client: TestClient, body: bytes
) -> None:
    response = await client.post("/api/v1/operators/201/pause", headers=BEARER, data=body)
    assert response.status == 422
    error = (await described(response, "/api/v1/operators/{id}/pause", "post"))["error"]
    assert "reason" in error["message"] + error["remedy"]
    assert hotline.operators.said == []


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("operator_unknown", 404),
        ("pause_reason_unknown", 422),
        ("not_logged_in", 409),
        ("ami_down", 503),
        ("ami_timeout", 504),
    ],
)
async def test_errors_keep_code_message_and_remedy(
    hotline: ScriptedHotline, client: TestClient, code: str, status: int
) -> None:
    hotline.operators.refusal = CcopsError("It cannot be.", remedy="Do this.", code=code)
    response = await client.post("/api/v1/operators/201/resume", headers=BEARER)
    assert response.status == status
    assert await response.json() == {
        "error": {"code": code, "message": "It cannot be.", "remedy": "Do this."}
    }


async def test_wrong_addresses_and_methods_are_told_in_json(client: TestClient) -> None:
    missing = await client.get("/api/v1/nothing")
    assert (missing.status, (await missing.json())["error"]["code"]) == (404, "not_found")
    wrong = await client.get("/api/v1/operators/201/login")
    assert (wrong.status, (await wrong.json())["error"]["code"]) == (405, "method")
    assert wrong.headers["Allow"] == "POST"


async def test_a_defect_is_told_without_its_details(
    hotline: ScriptedHotline, client: TestClient
) -> None:
    hotline.operators.refusal = RuntimeError("+998901234542")
    response = await client.post("/api/v1/operators/201/login", headers=BEARER)
    assert response.status == 500
    assert (await response.json())["error"]["code"] == "internal"
    assert_no_number(await response.text())


async def test_without_the_database_the_page_goes_on(
    hotline: ScriptedHotline, client: TestClient
) -> None:
    hotline.figures = None
    hotline.findings["database"] = Finding("not_writable")
    stream = await client.get("/live/stream")
    picture = await next_picture(stream)
    stream.close()
    assert picture["today"] is None
    assert len(picture["operators"]) == 8
    live = await described(await client.get("/api/v1/live"), "/api/v1/live")
    assert live["today"] is None
    figures = await client.get("/api/v1/figures/today")
    assert figures.status == 503
    assert (await described(figures, "/api/v1/figures/today"))["error"]["remedy"]
    assert {part["part"]: part["state"] for part in picture["health"]["parts"]} == {
        "asterisk": "up", "agi": "up", "operators": "up", "journal": "up", "database": "degraded",
    }  # fmt: skip


async def test_a_new_configuration_has_a_new_revision(
    hotline: ScriptedHotline, client: TestClient
) -> None:
    stream = await client.get("/live/stream")
    before = (await next_picture(stream))["revision"]
    assert f'"revision": "{before}"' in await (await client.get("/")).text()
    hotline.hotline = hotline.hotline.model_copy(update={"time_zone": "Asia/Almaty"})
    picture = hotline.live.snapshot()
    hotline.live.show(picture)
    while (await next_picture(stream))["revision"] == before:
        pass
    stream.close()


async def test_every_route_is_described(client: TestClient) -> None:
    assert client.app is not None
    routes = {
        (resource.canonical, route.method.lower())
        for resource in client.app.router.resources()
        for route in resource
        if route.method != "HEAD"
    }
    described_routes = {
        (path, method) for path, item in DESCRIPTION["paths"].items() for method in item
    }
    pages = {(path, "get") for path in PAGES}
    assert routes - pages == described_routes
    for schema in DESCRIPTION["components"]["schemas"].values():
        validator_for(schema).check_schema(schema)


async def test_streams_end_when_the_application_stops(hotline: ScriptedHotline) -> None:
    server = TestServer(create_app(hotline.ports()))
    async with TestClient(server) as client:
        stream = await client.get("/live/stream")
        await next_picture(stream)
        stopping = asyncio.get_running_loop().create_task(server.close(), name="stopping")
        # To the end of the stream, which the server finishes properly instead of cutting it.
        async for _ in stream.content:
            pass
        await stopping


async def test_a_caller_who_withholds_the_number_is_shown_as_such(
    hotline: ScriptedHotline, client: TestClient
) -> None:
    picture = hotline.live.snapshot()
    hidden = caller("anonymous", "support", picture.at - timedelta(seconds=3))
    hotline.live.show(replace(picture, queues=(QueueView("support", (hidden,), 1, 0, 1),)))
    live = await (await client.get("/api/v1/live")).json()
    assert live["queues"][0]["waiting"][0]["number"] == ""
