"""Callers' numbers in one form."""

from __future__ import annotations

import pytest

from ccops.numbers import e164


@pytest.mark.parametrize(
    ("received", "country", "expected"),
    [
        ("+998905550101", "UZ", "+998905550101"),
        ("998905550101", "UZ", "+998905550101"),
        ("905550101", "UZ", "+998905550101"),
        ("87015550101", "KZ", "+77015550101"),
        ("77015550101", "KZ", "+77015550101"),
        ("0505550101", "AZ", "+994505550101"),
        ("994505550101", "AZ", "+994505550101"),
        ("201", "UZ", "201"),
        ("1176", "UZ", "1176"),
        ("", "UZ", ""),
        ("anonymous", "UZ", ""),
        ("Anonymous", "UZ", ""),
        ("<unknown>", "KZ", ""),
    ],
)
def test_one_form(received: str, country: str, expected: str) -> None:
    assert e164(received, country) == expected
