"""The stand-alone script that takes a caller's number while ccops is away (decision 3).

Asterisk starts it from the dialplan's fallback when nobody is logged in to take the call. It needs
no running ccops: the promise to call back is written as a file into the spool, which ccops reads
when it is back. Built on pyst2's AGI, which copies everything it sees to stderr: it is given one
that keeps nothing, because a caller's number is in there.
"""

from __future__ import annotations

import io
import json
import re
import sys
import time
import uuid
from pathlib import Path

from asterisk.agi import AGI, AGIException

NUMBER = re.compile(r"\+?\d{5,15}")
OFFER_WAIT_MS = 7000
NUMBER_WAIT_MS = 10000


def main() -> None:
    """``python -m ccops.fallback SPOOL LINE LANGUAGE``, started by Asterisk with AGI on stdio.

    Sets ``CCOPS_NEXT=hangup`` once the promise is safely written; otherwise leaves it empty, and
    the dialplan lets the caller wait in the queue.
    """
    spool, line, language = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    agi = AGI(stderr=io.StringIO())
    try:
        number = _number(agi)
        if not number:
            return
        write_promise(spool, number, line, language, agi.env.get("agi_uniqueid", ""))
        agi.stream_file("ccops/callback-promised")
        agi.set_variable("CCOPS_NEXT", "hangup")
    except AGIException:
        # The caller hung up: a promise that was written stands, otherwise there is none.
        return


def write_promise(spool: Path, number: str, line: str, language: str, call: str) -> Path:
    """Write one promise; complete or not at all. Returns its file."""
    spool.mkdir(parents=True, exist_ok=True)
    promise = {
        "number": number,
        "line": line,
        "language": language,
        "call": call,
        "at": time.time(),
    }
    target = spool / f"{time.time_ns()}-{uuid.uuid4().hex[:8]}.json"
    partial = target.with_suffix(".part")
    partial.write_text(json.dumps(promise), encoding="utf-8")
    partial.chmod(0o600)
    partial.replace(target)
    return target


def _number(agi: AGI) -> str:
    """The number to call back, '' when the caller would rather wait."""
    caller = agi.env.get("agi_callerid", "")
    if NUMBER.fullmatch(caller):
        accepted = agi.get_data("ccops/callback-offer", OFFER_WAIT_MS, 1) == "1"
        return caller if accepted else ""
    typed = agi.get_data("ccops/callback-number", NUMBER_WAIT_MS, 15)
    return typed if NUMBER.fullmatch(typed) else ""


if __name__ == "__main__":
    main()
