"""Configurations to start from, one for each country the product was made for."""

from __future__ import annotations

import os
import tempfile
from importlib.resources import files
from pathlib import Path

from ccops.errors import CcopsError

PROFILES = ("uz", "kz", "az")


def profile_text(name: str) -> str:
    """The commented ``hotline.yaml`` of a profile."""
    if name not in PROFILES:
        raise CcopsError(
            f"There is no profile {name!r}.",
            remedy=f"Choose one of: {', '.join(PROFILES)}.",
            code="unknown_profile",
        )
    return (files("ccops.config") / "profiles" / f"{name}.yaml").read_text(encoding="utf-8")


def write_profile(name: str, path: Path, force: bool = False) -> None:
    """Write the profile to ``path``, whole or not at all.

    An existing file is kept, and that is an error, unless ``force`` is given.
    """
    text = profile_text(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).chmod(0o644)
            _put(Path(draft), path, force)
        finally:
            Path(draft).unlink(missing_ok=True)
    except OSError as error:
        raise CcopsError(
            f"{path} cannot be written: {error.strerror}.",
            remedy="Give a file in a folder that you may write to.",
            code="not_writable",
        ) from error


def _put(draft: Path, path: Path, force: bool) -> None:
    if force:
        draft.replace(path)
        return
    try:
        os.link(draft, path)  # unlike a rename, never replaces
    except FileExistsError:
        raise CcopsError(
            f"{path} exists already and was not changed.",
            remedy="Give another name, or --force to replace it.",
            code="file_exists",
        ) from None
