"""Shows how far a long step is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

# rich is imported where it is used: make's first step runs before any package is installed.


class Steps:
    """Announces steps on the console, one after the other."""

    def __init__(self, console: Console | None = None) -> None:
        from rich.console import Console

        self._console = console or Console()

    @contextmanager
    def step(self, title: str) -> Iterator[Callable[[float], None]]:
        """Run a step; the function it yields takes the share done, 0 to 1."""
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        began = time.monotonic()
        if self._console.is_terminal:
            with Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TaskProgressColumn(),
                console=self._console,
                transient=True,
            ) as bar:
                task = bar.add_task(title, total=1.0)
                yield lambda share: bar.update(task, completed=share)
        else:
            self.say(f"{title} …")
            yield self._quarters(title)
        self.say(f"{title}: done in {time.monotonic() - began:.1f} s")

    def say(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    def warn(self, text: str) -> None:
        self._console.print(
            f"warning: {text}", style="yellow", highlight=False, markup=False, soft_wrap=True
        )

    def _quarters(self, title: str) -> Callable[[float], None]:
        said = 0

        def update(share: float) -> None:
            nonlocal said
            if share < 1 and int(share * 4) > said:
                said = int(share * 4)
                self.say(f"{title}: {said * 25} %")

        return update
