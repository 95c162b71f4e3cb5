"""Passwords and tokens that ccops makes up itself, once, and keeps beside its state.

The file is YAML, readable by its owner only. What is in it stays; what a new operator needs is
added; a removed operator's password is kept in case the operator comes back.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ccops.config.document import read_document
from ccops.config.model import Hotline
from ccops.errors import CcopsError

CITIZEN = "citizen"
"""The test telephone, which calls the hotline as a citizen would."""

_HEAD = """\
# Made by ccops. Keep it private. Remove a line to have a new value made at the next start.
"""


@dataclass(frozen=True)
class Secrets:
    """None of the values shows in a repr, and so in no log and no traceback."""

    ami: str = field(repr=False)
    """Of the AMI user ``ccops``."""
    api_token: str = field(repr=False)
    sip: Mapping[str, str] = field(repr=False)
    """Password per operator id and staff extension, and of the telephone ``citizen``."""

    @classmethod
    def load_or_create(cls, path: Path, hotline: Hotline) -> Secrets:
        """What ``path`` holds, completed for ``hotline`` and written back where it was not
        complete. Raises :class:`CcopsError` when the file is damaged or cannot be written."""
        try:
            kept = _read(path)
            full = cls._complete(kept, hotline)
            values = full._values()
            if values != kept:
                _write(path, values)
            elif path.stat().st_mode & 0o077:
                path.chmod(0o600)
        except OSError as error:
            raise CcopsError(
                f"{path} cannot be used: {error.strerror}.",
                remedy="Give ccops a folder that it may write to.",
                code="secrets_unavailable",
            ) from error
        return full

    @classmethod
    def _complete(cls, kept: Mapping[str, str], hotline: Hotline) -> Secrets:
        phones = [name.removeprefix("sip ") for name in kept if name.startswith("sip ")]
        return cls(
            ami=kept.get("ami") or _new(),
            api_token=kept.get("api_token") or _new(),
            sip={
                phone: kept.get(f"sip {phone}") or _new()
                for phone in dict.fromkeys([*phones, *hotline.operators, *hotline.staff, CITIZEN])
            },
        )

    def _values(self) -> dict[str, str]:
        phones = {f"sip {phone}": password for phone, password in self.sip.items()}
        return {"ami": self.ami, "api_token": self.api_token, **phones}


def _new() -> str:
    """32 hexadecimal digits, 128 bits: no character that any file or protocol would escape."""
    return secrets.token_hex(16)


def _read(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return {}
    document = read_document(text) if text.strip() else None
    data = document.data if document is not None else {}
    if (
        (document is not None and document.flaws)
        or not isinstance(data, dict)
        or not all(isinstance(value, str) for value in data.values())
    ):
        raise CcopsError(
            f"{path} is damaged.",
            remedy="Bring it back from a copy, or remove it: new passwords are made, and the"
            " telephones must be given theirs again.",
            code="secrets_damaged",
        )
    return data


def _write(path: Path, values: Mapping[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(_HEAD + "".join(f'{name}: "{value}"\n' for name, value in values.items()))
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)
