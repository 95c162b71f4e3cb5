"""Text stands out from its ground by at least 4.5:1 (WCAG 2, AA), light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ccops import web

STATIC = Path(web.__file__).parent / "static"
SHEETS = ("live.css", "forms.css")
STATES = ("accent", "good", "warn", "bad", "busy", "after", "quiet")
PAIRS = [
    *((text, ground) for text in ("text", "soft") for ground in ("surface", "ground", "sunken")),
    *((state, "surface") for state in STATES),
    *((state, f"{state}-ground") for state in STATES),
    *(("text", f"{state}-ground") for state in ("warn", "bad", "busy", "quiet")),
    *(("soft", f"{state}-ground") for state in ("warn", "bad", "busy")),
    ("accent", "ground"),
    ("accent", "busy-ground"),
    ("on-accent", "accent"),
    ("on-accent", "bad"),
    ("surface", "text"),
]


def palettes() -> dict[str, dict[str, str]]:
    colours = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
    found: dict[str, dict[str, str]] = {"light": {}, "dark": {}}
    for sheet in SHEETS:
        content = (STATIC / sheet).read_text(encoding="utf-8")
        light, dark = re.findall(r":root \{(.*?)\}", content, re.DOTALL)
        found["light"].update(colours.findall(light))
        found["dark"].update(colours.findall(dark))
    return found


def luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(scheme: str, one: str, other: str) -> float:
    palette = palettes()[scheme]
    lighter, darker = sorted((luminance(palette[one]), luminance(palette[other])), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_contrast(scheme: str, text: str, ground: str) -> None:
    ratio = contrast(scheme, text, ground)
    assert ratio >= 4.5, f"{text} on {ground}: {ratio:.2f}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["surface", "ground"])
def test_fields_have_an_edge_that_can_be_seen(scheme: str, ground: str) -> None:
    """3:1 is what WCAG 2 asks of what is no text."""
    assert contrast(scheme, "field", ground) >= 3
