"""Telephone numbers as identity: the same caller is the same number, however it came in."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

_WITHHELD = frozenset(
    {"anonymous", "unknown", "<unknown>", "private", "restricted", "withheld", "unavailable"}
    | {"asterisk"}
)
"""What trunks and Asterisk write in the place of a number that is not told."""


def told(number: str) -> str:
    """``number`` as received; empty when it was withheld, in whatever words."""
    return "" if number.strip().lower() in _WITHHELD else number


@lru_cache(maxsize=4096)
def e164(number: str, country: str) -> str:
    """``number`` as received → ``+998712000001``; as received where it cannot be understood.

    ``country`` is the hotline's (ISO 3166). Trunks also send the international form without a plus,
    so digits that make no valid number of the country are tried as that. Short and internal numbers
    stay as they are; a withheld number is empty, in whatever words it came.
    """
    if not told(number).strip():
        return ""
    for text in (number, f"+{number}"):
        try:
            parsed = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    return number
