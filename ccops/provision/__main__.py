"""Find or fetch the programs that ccops starts, and say which they are; or become one of them."""

from __future__ import annotations

import argparse
import os
import sys
from typing import NoReturn

from ccops.errors import CcopsError
from ccops.provision.programs import prepare
from ccops.provision.progress import Steps
from ccops.provision.toolchain import find

PROGRAMS = ("asterisk", "espeak", "promtool", "chromium")


def main() -> int:
    """Exit code 0 when everything is there, 1 with the reason when it is not."""
    parser = argparse.ArgumentParser(prog="python -m ccops.provision", description=__doc__)
    parser.add_argument("--tests", action="store_true", help="also what only the tests need")
    parser.add_argument(
        "--exec",
        nargs=argparse.REMAINDER,
        metavar="PROGRAM",
        help="become asterisk, espeak, promtool or chromium, with the arguments that follow",
    )
    arguments = parser.parse_args()
    steps = Steps()
    try:
        if arguments.exec:
            become(*arguments.exec)
        toolchain = prepare(["tests"] if arguments.tests else [], steps=steps)
    except CcopsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    for name in PROGRAMS:
        if program := getattr(toolchain, name):
            steps.say(f"{name:9} {program.version:12} {program.command[-1]}")
    return 0


def become(name: str, *arguments: str) -> NoReturn:
    """Replace this process by a prepared program."""
    program = getattr(find(), name) if name in PROGRAMS else None
    if program is None:
        raise CcopsError(f"{name} is not among the prepared programs.")
    os.execve(program.command[0], [*program.command, *arguments], {**os.environ, **program.env})


if __name__ == "__main__":
    sys.exit(main())
