"""The fixed flow without ccops: the rendered dialplan, with Read() where ccops would be asked."""

from __future__ import annotations

import re
from pathlib import Path

from ccops.asterisk.render import environment
from ccops.config.model import Hotline

REPLACED = ("ccops-entry", "ccops-after")
"""The contexts in which the rendered dialplan asks ccops."""


def without_ccops(extensions: str, hotline: Hotline, number: str) -> str:
    """``extensions.conf`` as rendered → the same calls to ``number``, and no AGI in their way."""
    for context in REPLACED:
        pattern = rf"(?m)^\[{context}\]\n(?:(?:exten| same) .*\n)+"
        extensions, found = re.subn(pattern, "", extensions)
        if found != 1:
            raise ValueError(f"the rendered dialplan has {found} contexts {context}")
    line = hotline.lines[number]
    template = environment(Path(__file__).parent).get_template("dialplan.conf.j2")
    return extensions + template.render(
        languages=hotline.languages,
        line=line.model_dump(),
        menu=hotline.menus[line.menu].model_dump(),
    )
