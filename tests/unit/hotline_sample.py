"""A small hotline: two queues, two operators, one pause reason."""

from __future__ import annotations

from typing import Any

from ccops.config.model import Hotline


def hotline(**operators: Any) -> Hotline:
    """With other operators where some are given, by id."""
    return Hotline.model_validate(
        {
            "version": 1,
            "organisation": {"name": {"uz": "Vazirlik"}, "country": "UZ"},
            "time_zone": "Asia/Tashkent",
            "languages": ["uz", "ru"],
            "sub_lines": {"main": {"label": "1", "name": {"uz": "Asosiy"}}},
            "lines": {"1000": {"name": {"uz": "L"}, "menu": "top", "fallback_queue": "support"}},
            "menus": {
                "top": {
                    "prompt": "top",
                    "keys": {"1": {"queue": "support"}},
                    "otherwise": {"queue": "support"},
                }
            },
            "queues": {
                name: {"name": {"uz": name}, "sub_line": "main", "wrap_up": 10}
                for name in ("support", "tax")
            },
            "operators": operators
            or {
                "101": {"name": "Aziza", "queues": ["support", "tax"], "language": "ru"},
                "102": {"name": "Bobur", "queues": ["support"]},
            },
            "pause_reasons": {"1": {"id": "lunch", "name": {"uz": "Tushlik"}}},
        }
    )
