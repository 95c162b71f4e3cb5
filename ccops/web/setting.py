"""What each page is told once, in the reader's language: texts, names, time zone, targets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ccops import __version__
from ccops.config.model import Hotline
from ccops.config.types import Lang
from ccops.domain.skills import SkillQueue, language_of, skill_queues
from ccops.i18n import LANGUAGES, language_name, texts
from ccops.services.disturbances import own_reasons
from ccops.web.ports import Targets

COMMON_TEXTS = ("page.", "clock.")
LIVE_TEXTS = (
    *COMMON_TEXTS,
    "tile.",
    "waiting.",
    "queue.",
    "operator.",
    "figure.",
    "hours.",
    "sub_line.",
    "health.",
    "disturbance.",
    "reason.",
)
SERVICE_TEXTS = (*COMMON_TEXTS, "access.", "disturbance.", "reason.", "block.", "refusal.")
PROMPTS_TEXTS = (*COMMON_TEXTS, "prompt.")
"""Families of the catalogue that the pages use."""


def live_setting(hotline: Hotline, language: str, targets: Targets) -> dict[str, Any]:
    """The page's texts and the names of everything it shows, in ``language``."""
    return {
        **_common(hotline, language, LIVE_TEXTS),
        "queues": {
            queue.name: {
                "name": _queue_name(hotline, queue, language),
                "queue": queue.queue,
                "serviceLevel": hotline.queues[queue.queue].service_level,
            }
            for queue in skill_queues(hotline)
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
        "ownReasons": _own_reasons(hotline, language),
    }


def service_setting(hotline: Hotline, language: str) -> dict[str, Any]:
    """For the page of disturbances and blocked numbers."""
    return {
        **_common(hotline, language, SERVICE_TEXTS),
        "ownReasons": _own_reasons(hotline, language),
        "spoken": list(hotline.languages),
    }


def prompts_setting(hotline: Hotline, language: str) -> dict[str, Any]:
    """For the page of prompts."""
    return {
        **_common(hotline, language, PROMPTS_TEXTS),
        "spoken": list(hotline.languages),
        "own": list(hotline.prompts),
    }


def _common(hotline: Hotline, language: str, families: tuple[str, ...]) -> dict[str, Any]:
    return {
        "revision": revision(hotline),
        "language": language,
        "timeZone": hotline.time_zone,
        "texts": {key: value for key, value in texts(language).items() if key.startswith(families)},
        "languages": {code: language_name(code) for code in LANGUAGES},
        "lines": {
            number: in_language(line.name, language, hotline)
            for number, line in hotline.lines.items()
        },
    }


def _queue_name(hotline: Hotline, queue: SkillQueue, language: str) -> str:
    """With the language of its callers, where they wait apart."""
    name = in_language(hotline.queues[queue.queue].name, language, hotline)
    spoken = language_of(queue.name)
    return f"{name} · {language_name(spoken)}" if spoken else name


def _own_reasons(hotline: Hotline, language: str) -> dict[str, str]:
    """The ministry's prompts that can say what is wrong, with their words."""
    return {
        name: in_language(hotline.prompts[name], language, hotline) for name in own_reasons(hotline)
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
