"""ccops as it is, with one thing added: it writes down how long each AGI command took.

``python -m tests.bench.service HOME CONFIG OUTPUT``; OUTPUT is JSON, command → seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import defaultdict
from pathlib import Path
from unittest.mock import patch

from ccops import metrics
from ccops.app import serve
from ccops.home import Home


def main() -> None:
    home, config, output = (Path(argument) for argument in sys.argv[1:])
    seen: dict[str, list[float]] = defaultdict(list)

    class Recorder(metrics.AgiInstruments):
        """The service's own instruments, and every single duration."""

        def observe_command(self, name: str, seconds: float, ok: bool) -> None:
            super().observe_command(name, seconds, ok)
            seen[name].append(seconds)

    with patch.object(metrics, "AgiInstruments", Recorder):
        asyncio.run(serve(Home(home), config))
    output.write_text(json.dumps(seen), encoding="utf-8")


if __name__ == "__main__":
    main()
