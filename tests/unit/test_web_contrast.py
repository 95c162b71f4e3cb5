"""Text stands out from its ground by at least 4.5:1 (WCAG 2, AA), light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ccops import web

CSS = (Path(web.__file__).parent / "static/live.css").read_text(encoding="utf-8")
STATES = ("accent", "good", "warn", "bad", "busy", "after", "quiet")
PAIRS = [
    *((text, ground) for text in ("text", "soft") for ground in ("surface", "ground", "sunken")),
    *((state, "surface") for state in STATES),
    *((state, f"{state}-ground") for state in STATES),
    *(("text", f"{state}-ground") for state in ("warn", "bad", "quiet")),
    *(("soft", f"{state}-ground") for state in ("warn", "bad")),
    ("accent", "ground"),
]


def palettes() -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    colours = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
    return {"light": dict(colours.findall(light)), "dark": dict(colours.findall(dark))}


def luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_contrast(scheme: str, text: str, ground: str) -> None:
    palette = palettes()[scheme]
    lighter, darker = sorted((luminance(palette[text]), luminance(palette[ground])), reverse=True)
    ratio = (lighter + 0.05) / (darker + 0.05)
    assert ratio >= 4.5, f"{text} on {ground}: {ratio:.2f}"
