"""What the live page is told once, in the reader's language: texts, names, time zone, targets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ccops import __version__
from ccops.config.model import Hotline
from ccops.config.types import Lang
from ccops.i18n import LANGUAGES, language_name, texts
from ccops.web.ports import Targets

PAGE_TEXTS = (
    "page.",
    "tile.",
    "waiting.",
    "queue.",
    "operator.",
    "figure.",
    "hours.",
    "sub_line.",
    "health.",
)
"""Families of the catalogue that the page uses."""


def page_setting(hotline: Hotline, language: str, targets: Targets) -> dict[str, Any]:
    """The page's texts and the names of everything it shows, in ``language``."""
    return {
        "revision": revision(hotline),
        "language": language,
        "timeZone": hotline.time_zone,
        "texts": {
            key: value for key, value in texts(language).items() if key.startswith(PAGE_TEXTS)
        },
        "languages": {code: language_name(code) for code in LANGUAGES},
        "queues": {
            name: {
                "name": in_language(queue.name, language, hotline),
                "serviceLevel": queue.service_level,
            }
            for name, queue in hotline.queues.items()
        },
        "subLines": {
            name: {"label": line.label, "name": in_language(line.name, language, hotline)}
            for name, line in hotline.sub_lines.items()
        },
        "reasons": {
            reason.id: in_language(reason.name, language, hotline)
            for reason in hotline.pause_reasons.values()
        },
        "targets": {"answered": targets.answered, "inTime": targets.in_time},
    }


def in_language(names: Mapping[Lang, str], language: str, hotline: Hotline) -> str:
    """The name in ``language``, or in the first of the hotline's languages that has one."""
    for candidate in (language, *hotline.languages):
        for known, name in names.items():
            if known == candidate:
                return name
    return next(iter(names.values()))


def revision(hotline: Hotline) -> str:
    """Changes when the configuration or ccops does; the page then loads itself anew."""
    return _revision(hotline.model_dump_json())


@lru_cache(maxsize=2)
def _revision(configuration: str) -> str:
    return hashlib.sha256(f"{__version__}\n{configuration}".encode()).hexdigest()[:12]
