"""The pages in a real browser, over scripted ports."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright, expect

from ccops.domain.live import QueueView, Waiting
from ccops.provision import find
from ccops.services.health import Finding
from ccops.web.app import create_app
from tests.service_support import SPOKEN
from tests.web_support import NUMBERS, TOKEN, ScriptedHotline, caller, scripted

pytestmark = pytest.mark.e2e

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


WORDS = {"uz": "Bazada nosozlik bor.", "ru": "Неполадка в базе."}


class Site:
    """A hotline's page at an address of its own, which can go away and come back."""

    def __init__(self, hotline: ScriptedHotline) -> None:
        self.hotline = hotline
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    async def start(self) -> None:
        self._runner = web.AppRunner(create_app(self.hotline.ports()))
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def wait(self, *callers: Waiting) -> None:
        """Let these and no others wait in the queue ``employment``."""
        picture = self.hotline.live.snapshot()
        first, *others = picture.queues
        queues = (QueueView(first.name, callers, 0, 0, 0), *others)
        self.hotline.live.show(replace(picture, queues=queues))

    def find_health(self, part: str, finding: Finding) -> None:
        self.hotline.findings[part] = finding


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site(scripted(busy=False))
    await site.start()
    yield site
    await site.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    chromium = find().chromium
    assert chromium is not None, "make setup brings a browser for the tests"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.command[0],
            args=[*chromium.command[1:], *ARGUMENTS],
            env={**os.environ, **chromium.env},
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(
    browser: Browser, address: str, *, width: int = 1280, complaints: bool = True
) -> AsyncIterator[Page]:
    """The page, live. With ``complaints`` the browser must have none at the end."""
    context = await browser.new_context(viewport={"width": width, "height": 800})
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.extend(foreign(request.url, address)))
    await page.goto(address, wait_until="domcontentloaded")
    await expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    yield page
    assert not complaints or said == []
    await context.close()


def foreign(url: str, address: str) -> list[str]:
    origin = "/".join(address.split("/")[:3]) + "/"
    return [] if url.startswith(origin) else [f"asks for {url}"]


async def signed_in(page: Page) -> None:
    await page.get_by_label("Access token").fill(TOKEN)
    await page.get_by_label("Your name").fill("Dilnoza")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("#signed-in-as")).to_contain_text("Signed in as Dilnoza")
    await expect(page.get_by_role("button", name="Sign out")).to_be_focused()


async def test_a_caller_appears_ticks_and_goes_without_a_reload(
    site: Site, browser: Browser
) -> None:
    async with opened(browser, site.address) as page:
        await page.evaluate("window.stillTheSame = true")
        await expect(page.locator("#waiting-empty")).to_be_visible()

        now = site.hotline.clock.now()
        site.wait(caller(NUMBERS[0], "employment", now - timedelta(seconds=75)))
        row = page.locator("#waiting tbody tr")
        await expect(row).to_have_count(1)
        await expect(row.locator(".phone")).to_have_text("+998 •• ••• •• 42")
        await expect(page.locator("#tile-waiting [data-value]")).to_have_text("1")
        wait = row.locator("time")
        await expect(wait).to_have_text(re.compile(r"^1:\d\d$"))
        await expect(wait).to_have_attribute("data-mood", "warn")
        first = await wait.inner_text()
        await expect(wait).not_to_have_text(first)
        assert await wait.inner_text() > first

        site.wait()
        await expect(row).to_have_count(0)
        await expect(page.locator("#waiting-empty")).to_be_visible()
        assert await page.evaluate("window.stillTheSame")


async def test_no_number_reaches_the_browser(site: Site, browser: Browser) -> None:
    now = site.hotline.clock.now()
    site.wait(
        *(
            caller(number, "employment", now, name=f"call-{place}", place=place)
            for place, number in enumerate(NUMBERS, start=1)
        )
    )
    async with opened(browser, site.address) as page:
        await expect(page.locator("#waiting tbody tr")).to_have_count(len(NUMBERS))
        content = await page.content()
    for number in filter(None, NUMBERS):
        assert number[4:] not in content


async def test_language_switch(site: Site, browser: Browser) -> None:
    async with opened(browser, site.address) as page:
        heading = page.locator("#h-waiting")
        await expect(heading).to_have_text("Kutayotganlar")
        await expect(page.locator("#operators .doing b").first).to_have_text("Tizimda emas")
        await page.get_by_role("link", name="RU").click()
        await expect(heading).to_have_text("Ожидающие абоненты")
        await expect(page.locator("html")).to_have_attribute("lang", "ru")
        await expect(page.locator("#connection-text")).to_have_text("На связи")
        await expect(page.locator("#operators .doing b").first).to_have_text("Не в системе")
        await page.goto(site.address)
        await expect(heading).to_have_text("Ожидающие абоненты")


async def test_banner_when_a_part_is_down_and_when_it_is_back(site: Site, browser: Browser) -> None:
    async with opened(browser, site.address) as page:
        await page.goto(f"{site.address}?lang=en")
        banner = page.locator("#banners .banner")
        await expect(page.locator("#connection")).to_have_attribute("data-state", "live")
        await expect(banner).to_have_count(0)

        site.find_health("asterisk", Finding("down"))
        site.hotline.live.show(replace(site.hotline.live.snapshot(), link_up=False))
        await expect(banner).to_contain_text("No link to Asterisk")
        await expect(banner).to_contain_text("see whether Asterisk runs")
        await expect(page.locator("#connection")).to_have_attribute("data-state", "old")

        site.find_health("asterisk", Finding("up"))
        site.hotline.live.show(replace(site.hotline.live.snapshot(), link_up=True))
        await expect(banner).to_have_count(0)
        await expect(page.locator("#connection")).to_have_attribute("data-state", "live")


async def test_the_page_says_when_it_has_lost_ccops_and_finds_it_again(
    site: Site, browser: Browser
) -> None:
    # The browser itself complains of the refused connections.
    async with opened(browser, site.address, complaints=False) as page:
        await site.stop()
        await expect(page.locator("#connection")).to_have_attribute("data-state", "lost")
        await expect(page.locator("#page-banner")).to_be_visible()
        await site.start()
        await expect(page.locator("#connection")).to_have_attribute(
            "data-state", "live", timeout=20_000
        )
        await expect(page.locator("#page-banner")).to_have_count(0)


@pytest.mark.parametrize("width", [360, 768, 1280, 1920])
async def test_the_page_fits_its_window(browser: Browser, width: int) -> None:
    site = Site(scripted(busy=True))
    await site.start()
    service = site.hotline.service
    await service.disturbances.start("1176", "", WORDS, True, None, "page:Dilnoza Ergasheva")
    await service.blocks.add(NUMBERS[0], "Threats, three times in a row", None, "cli:aziza")
    for path in ("service", "prompts"):
        async with opened(browser, site.address + path, width=width) as page:
            await expect(page.locator(".cases li, .prompts li").first).to_be_visible()
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
    async with opened(browser, site.address, width=width) as page:
        await expect(page.locator("#chart svg")).to_be_visible()
        await expect(page.locator("#operators li")).to_have_count(8)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await site.stop()


async def test_a_disturbance_is_announced_and_ended_on_its_page(
    site: Site, browser: Browser
) -> None:
    disturbances = site.hotline.service.disturbances
    async with opened(browser, site.address) as live:
        await live.goto(f"{site.address}?lang=en")
        await expect(live.locator("#banners .banner")).to_have_count(0)
        page = await live.context.new_page()
        await page.goto(f"{site.address}service?lang=en")
        announce = page.get_by_role("button", name="Announce now")
        await expect(announce).to_be_disabled()
        await signed_in(page)

        await page.get_by_label("A text of your own").check()
        for language, words in WORDS.items():
            await page.locator(f"#text-{language}").fill(words)
        await page.get_by_label("Service resumes at").fill("2030-01-01T15:00")
        await page.get_by_label("Put no calls through").check()
        await announce.click()
        case = page.locator("#disturbances li")
        await expect(case).to_contain_text("No calls reach operators")
        await expect(case).to_contain_text("until 01.01.2030 15:00")
        await case.get_by_text("What callers hear").click()
        await expect(case.locator("dd[lang=ru]")).to_contain_text(WORDS["ru"])
        (begun,) = disturbances.current("1176")
        assert (begun.started_by, begun.stops_calls) == ("page:Dilnoza", True)
        assert begun.resumes_at == datetime(2030, 1, 1, 10, 0, tzinfo=UTC)

        banner = live.locator("#banners .banner")
        await expect(banner).to_contain_text("Disturbance announced: All lines")
        await case.get_by_role("button", name="End").click()
        await expect(page.locator("#disturbances-empty")).to_be_visible()
        await expect(page.locator("#past li")).to_contain_text("Dilnoza (page)")
        await expect(banner).to_have_count(0)
        assert disturbances.all() == ()


async def test_what_is_wrong_is_told_where_it_was_typed(site: Site, browser: Browser) -> None:
    # The browser itself complains of the refusals.
    async with opened(browser, f"{site.address}service?lang=en", complaints=False) as page:
        await page.get_by_label("Access token").fill("not the token")
        await page.get_by_label("Your name").fill("Dilnoza")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.locator("#sign-in .error")).to_contain_text("api_token in secrets.yaml")
        await signed_in(page)
        await page.locator("#number").fill("102")
        await page.locator("#why").fill("Threats")
        await page.get_by_role("button", name="Block", exact=True).click()
        await expect(page.locator("#block .error")).to_contain_text("emergency")
        assert site.hotline.service.blocks.all() == ()


async def test_a_refusal_is_told_in_the_readers_language(site: Site, browser: Browser) -> None:
    async with opened(browser, f"{site.address}service?lang=ru", complaints=False) as page:
        await page.locator("#token").fill(TOKEN)
        await page.locator("#who").fill("Dilnoza")
        await page.locator("#who").press("Enter")
        await page.locator("#number").fill("102")
        await page.locator("#why").fill("Угрозы")
        await page.locator("#why").press("Enter")
        await expect(page.locator("#block .error")).to_contain_text("заблокировать нельзя")
        await page.get_by_label("Свой текст").check()
        for area in await page.locator("#start textarea").all():
            await area.fill("  ")
        await page.locator("#start [type=submit]").click()
        await expect(page.locator("#start .error")).to_contain_text("на каждом языке")
        assert site.hotline.service.disturbances.all() == ()


async def test_a_number_is_blocked_seen_in_part_and_lifted(site: Site, browser: Browser) -> None:
    async with opened(browser, f"{site.address}service?lang=en") as page:
        await signed_in(page)
        await page.locator("#number").fill(NUMBERS[0])
        await page.locator("#why").fill("Threats")
        await page.get_by_role("button", name="Block", exact=True).click()
        row = page.locator("#blocks li")
        await expect(row).to_contain_text(NUMBERS[0])
        await expect(row).to_contain_text("Threats")
        assert site.hotline.service.blocks.find(NUMBERS[0], site.hotline.clock.now()) is not None

        await page.get_by_role("button", name="Sign out").click()
        await expect(row).to_contain_text("+998 •• ••• •• 42")
        assert NUMBERS[0][4:] not in await page.content()
        await expect(row.get_by_role("button")).to_be_disabled()
        await signed_in(page)
        await row.get_by_role("button").click()
        await expect(page.locator("#blocks-empty")).to_be_visible()
        await expect(page.locator("#blocks-past li")).to_contain_text(NUMBERS[0])


async def test_prompts_are_found_and_played(site: Site, browser: Browser) -> None:
    async with opened(browser, f"{site.address}prompts?lang=ru") as page:
        await expect(page.locator(".prompts li")).to_have_count(len(SPOKEN))
        await page.locator("#search").fill("электр")
        row = page.locator(".prompts li")
        await expect(row).to_have_count(1)
        await expect(row).to_contain_text("reason-power")
        play = row.get_by_role("button", name="Прослушать reason-power", exact=True)
        await play.click()
        await expect(play).to_have_attribute("aria-pressed", "true")
        # A sound of one second: played to its end, or it would stay pressed.
        await expect(play).to_have_attribute("aria-pressed", "false")
        await expect(play).not_to_have_class(re.compile("failed"))
        await page.locator("#search").fill("")
        await page.locator("#missing").check()
        await expect(row).to_have_count(len(SPOKEN) - 1)
        await page.locator("#language").select_option("")
        await expect(row).to_have_count(2 * len(SPOKEN) - 2)
