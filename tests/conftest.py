"""What every asynchronous test is held to: it leaves no task behind, and the quick ones never
block the event loop from within ccops. (Warnings are errors: pyproject.toml.)"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import settings

# How long an example takes on a busy machine is no property; pytest-timeout ends what hangs.
settings.register_profile("ccops", deadline=None)
settings.load_profile("ccops")

QUICK = frozenset({"unit", "property", "golden"})
PASSES = 10
"""Turns of the loop that what was cancelled or closed may take to end."""

EXCUSED = (
    # At the start, before anybody waits for an answer: templates, catalogues, tables.
    ("ccops/web/app.py", {"create_app"}),
    ("ccops/store/session.py", {"open"}),
    ("ccops/store/migrate.py", {"_migrate"}),
    # A traceback is told with its source lines (tests: in structlog's own layout).
    ("structlog/dev.py", {"__call__"}),
    # What a test itself prepares; ccops does it in a thread.
    ("tests/unit/hotline_sample.py", {"hotline"}),
    ("tests/unit/test_simulator_phone.py", {"hotline"}),
    ("tests/unit/test_config_watch.py", {"__init__"}),
    ("tests/unit/test_metrics.py", {"promtool"}),
)
"""File and functions that may block."""


@pytest.fixture(autouse=True)
def _held_to_the_rules(request: pytest.FixtureRequest) -> None:
    """Set up before the fixtures of the test, so torn down after them."""
    if not iscoroutinefunction(request.function):
        return
    request.getfixturevalue("_no_task_left")
    if request.path.relative_to(Path(__file__).parent).parts[0] in QUICK:
        request.getfixturevalue("_no_blocking_call")


@pytest.fixture
async def _no_task_left() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    for _ in range(PASSES):
        left = asyncio.all_tasks() - before - {asyncio.current_task()}
        if not left:
            return
        await asyncio.sleep(0)
    pytest.fail("tasks left behind: " + ", ".join(sorted(map(str, left))))


@pytest.fixture
async def _no_blocking_call() -> AsyncIterator[None]:
    with blockbuster_ctx("ccops") as guard:
        for function in guard.functions.values():
            for file, names in EXCUSED:
                function.can_block_in(file, names)
        yield
