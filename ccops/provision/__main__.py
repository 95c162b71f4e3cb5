"""``python -m ccops.provision [--tests]``: find or fetch the programs, and say which they are."""

from __future__ import annotations

import argparse
import sys

from ccops.errors import CcopsError
from ccops.provision.programs import prepare
from ccops.provision.progress import Steps


def main() -> int:
    """Exit code 0 when everything is there, 1 with the reason when it is not."""
    parser = argparse.ArgumentParser(prog="python -m ccops.provision", description=__doc__)
    parser.add_argument("--tests", action="store_true", help="also what only the tests need")
    arguments = parser.parse_args()
    steps = Steps()
    try:
        toolchain = prepare(["tests"] if arguments.tests else [], steps=steps)
    except CcopsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; what was downloaded is kept", file=sys.stderr)
        return 130
    for name in ("asterisk", "espeak", "promtool", "chromium"):
        if program := getattr(toolchain, name):
            steps.say(f"{name:9} {program.version:12} {program.command[-1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
