"""How ccops writes its log: one line of key=value pairs per event, to standard error.

Nothing of ccops puts a caller's number into a log message; the last processor masks whatever
still looks like one, so that a careless line or a foreign library's exception cannot leak it.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_PHONE = re.compile(r"(?<![\d.])\+?\(?\d(?:[ ()-]{0,2}\d){8,}(?!\d|\.\d|:\d\d)")
"""Nine digits or more, with the separators people write; not the number of seconds in a uniqueid
(digits, a point, digits) nor a date followed by a time."""
_NOT_PHONES = frozenset({"timestamp"})


def mask_phone_numbers(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put dots for all but the last two digits of anything that looks like a telephone number."""
    return {key: value if key in _NOT_PHONES else _masked(value) for key, value in event.items()}


def configure(*, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Set structlog and the standard library's logging up to write key=value lines."""
    output = stream if stream is not None else sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        mask_phone_numbers,
    ]
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.LogfmtRenderer(
                    key_order=["timestamp", "level", "logger", "event"], bool_as_flag=False
                ),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # One line per HTTP request and per statement is noise at this level.
    logging.getLogger("aiohttp.access").setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _masked(value: object) -> object:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, Mapping):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(item) for item in value]
    text = _PHONE.sub(_dots, str(value))
    return value if text == str(value) else text


def _dots(match: re.Match[str]) -> str:
    hidden = sum(letter.isdigit() for letter in match[0]) - 2
    shown = []
    for letter in match[0]:
        if letter.isdigit() and hidden > 0:
            shown.append("*")
            hidden -= 1
        else:
            shown.append(letter)
    return "".join(shown)
