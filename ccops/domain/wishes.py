"""What operators want, as they last said it (decision 11); app_queue is made to agree with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class OperatorWish:
    """The wished state of one operator."""

    operator: str
    logged_in: bool
    paused: bool
    reason: str
    """Id of the pause reason; empty unless paused."""
    since: datetime
    changed_by: str
    """Who said so: ``phone``, ``api:<user>``, ``system``."""
