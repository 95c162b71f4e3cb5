"""Lines as Asterisk 22 wrote them, and lines that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ccops.asterisk.rows import RowError, parse_cel, parse_queue
from ccops.domain.raw import CelRow, QueueRow

BRIDGE = (
    '"BRIDGE_ENTER","1795310815.651769","hot-1795310812.0","hot-1795310812.0",'
    '"PJSIP/trunk-00000000","998712000001","1","ccops-entry","Queue","taxes,c,,,30",'
    '"PJSIP/703-00000001",'
    '"{""bridge_id"":""4bb158a9"",""bridge_technology"":""simple_bridge"",""n"":1}",""'
)


def test_a_cel_row() -> None:
    assert parse_cel(BRIDGE) == CelRow(
        event="BRIDGE_ENTER",
        at=datetime.fromtimestamp(1795310815, UTC) + timedelta(microseconds=651769),
        uniqueid="hot-1795310812.0",
        linkedid="hot-1795310812.0",
        channel="PJSIP/trunk-00000000",
        number="998712000001",
        exten="1",
        context="ccops-entry",
        app="Queue",
        app_data="taxes,c,,,30",
        peer="PJSIP/703-00000001",
        extra={"bridge_id": "4bb158a9", "bridge_technology": "simple_bridge", "n": "1"},
        userfield="",
    )


def test_a_caller_cannot_hide_behind_a_long_number() -> None:
    row = parse_cel(BRIDGE.replace("998712000001", "9" * 500))
    assert (row.event, row.number) == ("BRIDGE_ENTER", "9" * 80)


@pytest.mark.parametrize("withheld", ["", "anonymous", "Anonymous", "unknown", "private"])
def test_a_withheld_number_is_empty(withheld: str) -> None:
    assert parse_cel(BRIDGE.replace("998712000001", withheld)).number == ""


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "0 columns"),
        (BRIDGE[:60], "quotes do not match"),
        (BRIDGE.rpartition(",")[0], "12 columns"),
        (BRIDGE + BRIDGE, "columns|quotes"),
        (BRIDGE.replace("1795310815.651769", "now"), "time"),
        (BRIDGE.replace("1795310815.651769", "1795310815.6x"), "time"),
        (BRIDGE.replace("1795310815.651769", "9" * 12), "time"),
        (BRIDGE.replace('"BRIDGE_ENTER"', '""'), "no event"),
        (BRIDGE.replace("hot-1795310812.0", ""), "no event, uniqueid"),
        (BRIDGE.replace('""n"":1', '""n"":'), "no JSON"),
        (BRIDGE.replace('"{""', '"[{""').replace("1}", "1}]"), "no JSON object"),
        (BRIDGE.replace("hot-1795310812.0", "h" * 150), "too long"),
    ],
)
def test_a_line_that_is_no_cel_row(line: str, reason: str) -> None:
    with pytest.raises(RowError, match=reason):
        parse_cel(line)


def test_a_queue_row() -> None:
    line = "1795310815|hot-1795310812.0|taxes|703|CONNECT|1|hot-1795310814.1|1"
    assert parse_queue(line) == QueueRow(
        at=datetime.fromtimestamp(1795310815, UTC),
        callid="hot-1795310812.0",
        queue="taxes",
        member="703",
        event="CONNECT",
        data=("1", "hot-1795310814.1", "1"),
    )


def test_a_queue_row_without_data() -> None:
    assert parse_queue("1795310762|NONE|NONE|NONE|QUEUESTART|").data == ("",)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "1 columns"),
        ("1795310762|a|b|c", "4 columns"),
        ("soon|a|b|c|ABANDON|1|1|5", "time"),
        ("²|a|b|c|ABANDON|1|1|5", "time"),
        ("1795310762||b|c|ABANDON", "no call"),
        ("1795310762|a|b|c||1", "no call or event"),
        ("1795310762|a|" + "q" * 81 + "|c|ABANDON|1", "too long"),
    ],
)
def test_a_line_that_is_no_queue_row(line: str, reason: str) -> None:
    with pytest.raises(RowError, match=reason):
        parse_queue(line)


@pytest.mark.parametrize("cut", range(1, len(BRIDGE) - len('""')))
def test_a_row_cut_anywhere_is_rejected_and_never_fatal(cut: int) -> None:
    with pytest.raises(RowError):
        parse_cel(BRIDGE[:cut])
