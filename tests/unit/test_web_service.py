"""Disturbances, blocked numbers and prompts over HTTP: routes, what is refused, what is hidden."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from ccops.prompts.wav import read_wav
from ccops.web.app import create_app
from tests.manual_clock import ManualClock
from tests.web_answers import BEARER, assert_no_number, described
from tests.web_support import NUMBERS, ScriptedHotline, scripted

NUMBER = NUMBERS[0]
WORDS = {"uz": "Bazada nosozlik.", "ru": "Неполадка в базе."}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 22, 9, 0, tzinfo=UTC))


@pytest.fixture
def hotline(clock: ManualClock) -> ScriptedHotline:
    return scripted(busy=True, clock=clock)


@pytest.fixture
async def client(hotline: ScriptedHotline) -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(create_app(hotline.ports()))) as client:
        yield client


async def asked(client: TestClient, path: str, route: str = "", status: int = 200) -> Any:
    response = await client.get(path, headers=BEARER)
    assert response.status == status
    return await described(response, route or path)


async def commanded(
    client: TestClient, path: str, body: Any = None, route: str = "", status: int = 200
) -> Any:
    response = await client.post(path, headers=BEARER, json=body)
    assert response.status == status, await response.text()
    return await described(response, route or path, "post")


DISTURBANCES, END = "/api/v1/disturbances", "/api/v1/disturbances/{id}/end"
BLOCKS, LIFT = "/api/v1/blocks", "/api/v1/blocks/{id}/lift"
PROMPTS, SOUND = "/api/v1/prompts", "/api/v1/prompts/{language}/{name}.wav"


async def test_a_disturbance_from_beginning_to_end(client: TestClient, clock: ManualClock) -> None:
    begun = await commanded(
        client,
        DISTURBANCES,
        {"reason": "reason-power", "resumes_at": "2026-11-23T15:00", "by": "page:Aziza"},
        status=201,
    )
    assert begun["resumes_at"] == "2026-11-23T10:00:00.000Z", "the clock of Tashkent"
    assert begun["heard"] == {
        "uz": "Diqqat! Xizmatda uzilish bor. Sababi — elektr uzilishi. Saytdan foydalaning."
        " Xizmat qayta tiklanadi: ertaga soat oʻn beshda.",
        "ru": "Внимание! В работе службы перебои. Причина — отключение электричества."
        " Воспользуйтесь сайтом. Работа возобновится завтра в пятнадцать часов.",
    }
    clock.advance(86_400 * 2)
    (late,) = (await asked(client, DISTURBANCES))["in_force"]
    assert late["overdue"]
    assert late["heard"]["ru"].endswith("Срок пока неизвестен.")

    ended = await commanded(
        client, f"{DISTURBANCES}/{begun['id']}/end", {"by": "page:Bobur"}, route=END
    )
    assert ended["ended_by"] == "page:Bobur"
    known = await asked(client, DISTURBANCES)
    assert known == {"in_force": [], "past": [ended]}
    await commanded(client, f"{DISTURBANCES}/99/end", route=END, status=404)


async def test_free_words_are_what_callers_hear(client: TestClient) -> None:
    begun = await commanded(
        client, DISTURBANCES, {"line": "1176", "texts": WORDS, "stops_calls": True}, status=201
    )
    assert WORDS["ru"] in begun["heard"]["ru"]
    assert (begun["line"], begun["stops_calls"], begun["started_by"]) == ("1176", True, "api")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ([], "body"),
        ({"line": "999"}, "1176"),
        ({"reason": "none-such"}, "reason-power"),
        ({"text": WORDS}, "text"),
        ({"stops_calls": "yes"}, "stops_calls"),
        ({"texts": {"uz": "Nosozlik"}}, "ru"),
        ({"resumes_at": "some day"}, "15:30"),
        ({"resumes_at": "2020-01-01"}, "past"),
        ({"by": "somebody"}, "by"),
        ({"by": "page:a\nb"}, "by"),
    ],
)
async def test_what_cannot_be_announced(client: TestClient, body: Any, told: str) -> None:
    error = await commanded(client, DISTURBANCES, body, status=422)
    assert told in error["error"]["message"] + error["error"]["remedy"]
    assert (await asked(client, DISTURBANCES))["in_force"] == []


async def test_a_body_that_is_no_json(client: TestClient) -> None:
    response = await client.post(DISTURBANCES, headers=BEARER, data=b"\xff{")
    assert response.status == 422
    await described(response, DISTURBANCES, "post")


async def test_a_block_from_beginning_to_end(client: TestClient) -> None:
    block = await commanded(
        client, BLOCKS, {"number": NUMBER, "reason": "Threats", "until": "7d"}, status=201
    )
    assert (block["number"], block["until"]) == (NUMBER, "2026-11-29T09:00:00.000Z")
    assert (await asked(client, BLOCKS))["in_force"] == [block]
    lifted = await commanded(
        client, f"{BLOCKS}/{block['id']}/lift", {"by": "page:Aziza"}, route=LIFT
    )
    assert lifted["lifted_by"] == "page:Aziza"
    assert await asked(client, BLOCKS) == {"in_force": [], "past": [lifted]}
    await commanded(client, f"{BLOCKS}/99/lift", route=LIFT, status=404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"number": NUMBER},
        {"number": NUMBER, "reason": ""},
        {"number": "102", "reason": "x"},
        {"number": "201", "reason": "x"},
        {"number": NUMBER, "reason": "x", "until": "soon"},
    ],
)
async def test_what_cannot_be_blocked(client: TestClient, body: Any) -> None:
    error = (await commanded(client, BLOCKS, body, status=422))["error"]
    assert error["remedy"]
    assert_no_number(str(error))


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("post", DISTURBANCES, DISTURBANCES),
        ("post", f"{DISTURBANCES}/1/end", END),
        ("get", BLOCKS, BLOCKS),
        ("post", BLOCKS, BLOCKS),
        ("post", f"{BLOCKS}/1/lift", LIFT),
    ],
)
async def test_what_needs_the_token(
    client: TestClient, hotline: ScriptedHotline, method: str, path: str, route: str
) -> None:
    begun = await hotline.service.disturbances.start("", "", {}, False, None, "cli")
    block = await hotline.service.blocks.add(NUMBER, "Threats", None, "cli")
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        body = {"reason": "reason-power", "number": NUMBERS[1]}
        response = await client.request(method, path, json=body, headers=headers)
        assert response.status == 401
        await described(response, route, method)
    assert hotline.service.disturbances.all() == (begun,)
    assert hotline.service.blocks.all() == (block,)


async def test_without_the_token_the_page_learns_no_number_and_no_reason(
    client: TestClient, hotline: ScriptedHotline
) -> None:
    await hotline.service.blocks.add(NUMBER, "Threats to Aziza", None, "cli")
    past = await hotline.service.blocks.add(NUMBERS[1], "Threats to Bobur", None, "cli")
    await hotline.service.blocks.lift(past.id, "cli")
    masked = await client.get("/service/state")
    text = await masked.text()
    assert_no_number(text)
    assert "Threats" not in text
    (block,) = (await masked.json())["blocks"]["in_force"]
    assert block["number"] == "+998 •• ••• •• 42"

    whole = await (await client.get("/service/state", headers=BEARER)).json()
    assert whole["signed_in"]
    assert whole["blocks"]["in_force"][0]["number"] == NUMBER
    wrong = await client.get("/service/state", headers={"Authorization": "Bearer wrong"})
    assert wrong.status == 401


async def test_the_live_page_is_told_of_a_disturbance(
    client: TestClient, hotline: ScriptedHotline, clock: ManualClock
) -> None:
    end = clock.now() + timedelta(hours=2)
    await hotline.service.disturbances.start("1176", "reason-data", {}, True, end, "cli")
    (told,) = (await asked(client, "/api/v1/live"))["disturbances"]
    assert (told["line"], told["reason"], told["stops_calls"]) == ("1176", "reason-data", True)


async def test_prompts_and_their_sounds(client: TestClient) -> None:
    prompts = (await asked(client, PROMPTS))["prompts"]
    welcome = next(each for each in prompts if each["name"] == "welcome")
    assert welcome == {
        "language": "uz",
        "name": "welcome",
        "text": "Assalomu alaykum!",
        "recorded": True,
        "seconds": 2.5,
        "slow": True,
    }
    lengths = []
    for language in ("uz", "uz_slow"):
        response = await client.get(f"{PROMPTS}/{language}/welcome.wav")
        assert response.content_type == "audio/wav"
        lengths.append(len(read_wav(await response.read()).samples))
    assert lengths == [8000, 16000]
    for path in ("xx/welcome", "uz/none", "uz_slowly/welcome", "uz/..%2f..%2fsecrets"):
        await asked(client, f"{PROMPTS}/{path}.wav", route=SOUND, status=404)


async def test_prompts_follow_the_configuration(
    client: TestClient, hotline: ScriptedHotline
) -> None:
    begun = await commanded(client, DISTURBANCES, {}, status=201)
    assert set(begun["heard"]) == {"uz", "ru"}
    hotline.hotline = hotline.hotline.model_copy(update={"languages": ("ru",)})
    assert set((await asked(client, DISTURBANCES))["in_force"][0]["heard"]) == {"ru"}


@pytest.mark.parametrize("language", ["uz", "ru", "kk", "az", "en"])
@pytest.mark.parametrize("path", ["/service", "/prompts"])
async def test_pages_are_there_in_every_language(
    client: TestClient, path: str, language: str
) -> None:
    response = await client.get(path, params={"lang": language})
    page = await response.text()
    assert response.status == 200
    assert f'<html lang="{language}">' in page
    assert f'href="{path}" aria-current="page"' in page
    assert "media-src 'self'" in response.headers["Content-Security-Policy"]
    assert_no_number(page)
