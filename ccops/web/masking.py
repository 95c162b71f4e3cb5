"""A caller's number as a page may show it: the country and the last two digits.

Enough for an operator to say "the number ending in 42", too little to ring anybody (D1).
"""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

DOT = "•"
KEPT = 2
SHORTEST_SHOWN = 7
"""Below this many digits (extensions, short codes) the last two would give too much away."""


@lru_cache(maxsize=1024)
def mask_number(number: str, country: str) -> str:
    """``+998901234542`` becomes ``+998 •• ••• •• 42``; a withheld number stays empty.

    ``country`` is the ISO 3166 code by which a number without a country code is read.
    """
    if not any(letter.isdigit() for letter in number):
        return ""
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return _dots(number)
    if not phonenumbers.is_possible_number(parsed):
        return _dots(number)
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    prefix = f"+{parsed.country_code}"
    return prefix + _dots(written.removeprefix(prefix))


def _dots(text: str) -> str:
    digits = sum(letter.isdigit() for letter in text)
    hidden = digits - KEPT if digits >= SHORTEST_SHOWN else digits
    shown = []
    for letter in text:
        if letter.isdigit():
            shown.append(DOT if hidden > 0 else letter)
            hidden -= 1
        else:
            shown.append(letter)
    return "".join(shown)
