"""The stand-alone script that takes a caller's number while ccops is away (decision 3).

Asterisk starts it from the dialplan where nobody is logged in to take the call, or where a caller
who withholds the number wants to be called back. It needs no running ccops: the promise is a user
event in Asterisk's own file (decision 10), which ccops reads when it is back. Built on pyst2's AGI,
which copies everything it sees to stderr: it is given one that keeps nothing, because a caller's
number is in there.
"""

from __future__ import annotations

import io
import re
import sys

from asterisk.agi import AGI, AGIException

NUMBER = re.compile(r"\+?\d{5,15}")
OFFER_WAIT_MS = 7000
NUMBER_WAIT_MS = 10000


def main() -> None:
    """``python -m ccops.fallback KIND QUEUE``, started by Asterisk with AGI on stdio.

    ``KIND`` is one of ``PromiseKind``. Sets ``CCOPS_NEXT=hangup`` once the promise is written;
    otherwise leaves it empty, and the dialplan lets the caller wait in the queue.
    """
    kind, queue = sys.argv[1], sys.argv[2]
    agi = AGI(stderr=io.StringIO())
    try:
        number = _number(agi)
        if not number:
            return
        agi.appexec("CELGenUserEvent", f"CCOPS_CALLBACK,{kind} {number} {queue}")
        agi.stream_file("ccops/callback-promised")
        agi.set_variable("CCOPS_NEXT", "hangup")
    except AGIException:
        # The caller hung up: a promise that was written stands, otherwise there is none.
        return


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
