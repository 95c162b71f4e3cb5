"""Telephone numbers as identity: what the network sends, in one form."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

WITHHELD = frozenset({"", "anonymous", "unknown", "<unknown>", "unavailable", "restricted"})


@lru_cache(maxsize=4096)
def normalise(number: str, country: str) -> str:
    """E.164 where the number is a possible one of ``country`` (ISO 3166) or of another country.

    Empty when withheld; as received when it cannot be understood (extensions, short numbers).
    """
    received = number.strip()
    if received.lower() in WITHHELD:
        return ""
    for text in (received, f"+{received}"):
        # Trunks often send the international form without its plus.
        try:
            parsed = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    return received
