"""What is left of a number when it is masked, on the page and in the log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from ccops import log
from ccops.web.masking import mask_number


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+998901234542", "+998 •• ••• •• 42"),
        ("998901234542", "+998 •• ••• •• 42"),
        ("901234542", "+998 •• ••• •• 42"),
        ("+77012345678", "+7 ••• ••• ••78"),
        ("+994501234567", "+994 •• ••• •• 67"),
        ("12345678901234567", "•••••••••••••••67"),
        ("101", "•••"),
        ("201", "•••"),
        ("", ""),
        ("anonymous", ""),
    ],
)
def test_masked_number(number: str, shown: str) -> None:
    assert mask_number(number, "UZ") == shown


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level, settings = root.handlers[:], root.level, structlog.get_config()
    stream = io.StringIO()
    log.configure(stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.configure(**settings)


@pytest.mark.parametrize(
    "secret",
    [
        "+998901234542",
        "998901234542",
        "+998 90 123-45-42",
        "(90) 123-45-42 and on",
        "PJSIP/998901234542-00000012",
        "sip:+998901234542@10.0.0.5:5060",
        "Local/901234542@incoming",
    ],
)
def test_log_masks_what_looks_like_a_number(lines: io.StringIO, secret: str) -> None:
    logger = structlog.get_logger("test")
    logger.info(f"calling {secret}", value=secret, nested={"numbers": [secret]})
    logging.getLogger("foreign").warning("calling %s", secret)
    try:
        raise ValueError(secret)
    except ValueError:
        logger.exception("failed")
    text = lines.getvalue()
    assert len(text.splitlines()) == 3
    assert "12345" not in text.replace("-", "").replace(" ", "")
    assert "**" in text


def test_log_masks_a_number_given_as_a_number(lines: io.StringIO) -> None:
    structlog.get_logger("test").info("calling", number=998901234542)
    assert "99890" not in lines.getvalue()


def test_log_leaves_alone_what_is_no_number(lines: io.StringIO) -> None:
    structlog.get_logger("test").info(
        "begun 2026-11-22 10:11:12",
        call="1763773944.12",
        address="127.0.0.1:8080",
        seconds=1763773944.125,
        count=12345678,
        flag=True,
    )
    line = lines.getvalue()
    assert 'event="begun 2026-11-22 10:11:12"' in line
    for kept in (
        "call=1763773944.12",
        "address=127.0.0.1:8080",
        "seconds=1763773944.125",
        "count=12345678",
        "flag=true",
        "level=info",
        "logger=test",
    ):
        assert kept in line
