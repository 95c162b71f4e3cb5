"""Where the files that are not Python lie: in the checkout, or inside the installed package."""

from __future__ import annotations

import os
from pathlib import Path

from ccops.errors import CcopsError

_PACKAGE = Path(__file__).parent


def _folder(name: str) -> Path:
    for candidate in (_PACKAGE.parent / name, _PACKAGE / "_data" / name):
        if candidate.is_dir():
            return candidate
    raise CcopsError(
        f"The folder {name} is missing.",
        remedy="Run ccops from a complete checkout or reinstall the package.",
        code="installation_incomplete",
    )


def asterisk_conf() -> Path:
    """Templates of Asterisk's files."""
    return _folder("asterisk-conf")


def ivr_prompts() -> Path:
    """The product's texts and studio recordings: ``CCOPS_PROMPTS``, a copy of the folder that a
    hotline keeps for itself, or the product's own."""
    own = os.environ.get("CCOPS_PROMPTS")
    if not own:
        return _folder("ivr-prompts")
    if not (folder := Path(own)).is_dir():
        raise CcopsError(
            f"CCOPS_PROMPTS: there is no folder {own}.",
            remedy="Copy ivr-prompts there, or unset the variable.",
            code="installation_incomplete",
        )
    return folder
