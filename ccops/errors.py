"""Errors that a person is meant to read.

An error carries a stable code, its parameters, and a remedy; the wording is put together in one
place so that the command line, the API and the page say the same.
"""

from __future__ import annotations


class CcopsError(Exception):
    """Base of every error that ccops raises on purpose.

    ``code`` is stable and machine-readable (the API returns it); ``message`` says what is wrong,
    ``remedy`` what to do about it. Neither may hold a caller's number.
    """

    code = "error"

    def __init__(self, message: str, *, remedy: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()
