"""Callers whose telephones say strange things of them, straight from a socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.e2e.running import Running, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("odd-callers")]

ROW = "%22CHAN_START%22,%221%22,%22x%22,%22x%22,%22y%22,%22%22,%22%22,%22incoming%22,,,,,"

ODD = {
    "998905550141%0A%0Aagi_arg%3A%20x": "+998905550141",
    f"998905550142%0A{ROW}%0A": "",
    "998905550143%0D%0A%0D%0AEvent%3A%20Shutdown": "+998905550143",
    "9" * 200: "",
    "anonymous": "",
}
"""Who calls, and the number that the records must hold; empty where it does not matter."""

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
)


@pytest.fixture
def trunk(hotline: Running) -> Iterator[socket.socket]:
    """The simulated company's own address, from which calls are taken."""
    simulator = hotline.hotline.simulator
    assert simulator is not None
    host, _, port = simulator.sip.rpartition(":")
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as trunk:
        trunk.bind((host, int(port)))
        yield trunk


async def test_no_caller_writes_into_the_records_or_breaks_the_dialogue(
    hotline: Running, trunk: socket.socket
) -> None:
    for place, user in enumerate(ODD):
        _call(trunk, hotline.hotline.listen.sip, user, f"odd-{place}")

    def all_in_the_menu() -> bool:
        return hotline.metric("ccops_agi_sessions_active") == len(ODD)

    await eventually(all_in_the_menu, 10, "a dialogue with each")

    def recorded() -> bool:
        return len(hotline.rows("SELECT * FROM contacts")) == len(ODD)

    await eventually(recorded, 10, "a contact for each")
    assert hotline.rows("SELECT * FROM rejected_rows") == []
    numbers = {row["number"] for row in hotline.rows("SELECT number FROM contacts")}
    assert {number for number in ODD.values() if number} <= numbers


def _call(trunk: socket.socket, hotline: str, user: str, call: str) -> None:
    host, _, port = hotline.rpartition(":")
    here = ":".join(map(str, trunk.getsockname()))
    lines = [
        f"INVITE sip:1176@{hotline} SIP/2.0",
        f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{call}",
        "Max-Forwards: 70",
        f"From: <sip:{user}@{here}>;tag={call}",
        f"To: <sip:1176@{hotline}>",
        f"Call-ID: {call}",
        "CSeq: 1 INVITE",
        f"Contact: <sip:company@{here}>",
        f"Diversion: <sip:1%0A%0A@{here}>;reason=unconditional",
        "Content-Type: application/sdp",
        f"Content-Length: {len(SDP)}",
        "",
        SDP,
    ]
    trunk.sendto("\r\n".join(lines).encode(), (host, int(port)))
