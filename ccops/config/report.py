"""Faults as text for the console."""

from __future__ import annotations

from collections.abc import Sequence

from ccops.config.faults import Fault


def render_faults(faults: Sequence[Fault]) -> str:
    """Each fault with its place and, below it, what to write instead; a summary at the end."""
    if not faults:
        return "No faults."
    blocks = [
        f"{fault.file}:{fault.line}:{fault.column}: "
        f"{f'{fault.path}: ' if fault.path else ''}{fault.message}\n    → {fault.remedy}"
        for fault in faults
    ]
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return "\n".join(
        [*blocks, "", f"{count}. Nothing was changed; correct the file and try again."]
    )
