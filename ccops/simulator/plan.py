"""Who calls when, what they press, how patient they are: all of a campaign, before it begins.

Pure, and drawn from one seed: the same hotline, options and seed give the same plan.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from phonenumbers import country_code_for_region

from ccops.config.model import Hotline
from ccops.errors import CcopsError

UNASSIGNED = {"UZ": "+99840", "KZ": "+7790", "AZ": "+99430"}
"""Beginnings of numbers that belong to nobody, by country."""
DIGITS = 7
"""Digits after those, from a campaign's own sequence: no number calls twice."""

WITHHELD = 0.04
LEAVES = 0.06
INFORMATION = 0.08
CALLER_ENDS = 0.3
"""Share of talks that the caller ends."""
NO_ANSWER = 0.03
"""Share of calls that an operator lets ring."""
KEY_DELAY = (1.5, 5.0)
"""Seconds from the answer, or from the key before, to a key."""
LISTENS = (3.0, 30.0)
LEAVES_AFTER = (0.5, 8.0)
ANSWERS_AFTER = (0.5, 4.0)
LOGIN = (0.0, 3.0)
PAUSE_EVERY = 1200.0
PAUSE = (10.0, 60.0)
SHORTEST = 1.0
"""Seconds of talk and of patience at least."""
DEPTH = 3
"""Menus that callers of the plan go down into at most."""


class Intent(StrEnum):
    OPERATOR = "operator"
    INFORMATION = "information"
    LEAVES = "leaves"
    """Hangs up before the last key."""


@dataclass(frozen=True)
class Options:
    """What a campaign is to be like."""

    calls_per_hour: float
    operators: int
    minutes: float | None
    """None: until it is stopped."""
    seed: int = 1
    talk: float = 60.0
    """Median seconds of talk."""
    patience: float = 90.0
    """Median seconds a caller waits for an operator."""
    record: bool = False
    """Keep what everybody hears as WAV files."""


@dataclass(frozen=True)
class PlannedKey:
    key: str
    after: float
    """Seconds after the answer, or after the key before."""


@dataclass(frozen=True)
class PlannedCall:
    """One citizen. Times in seconds."""

    at: float
    """After the campaign's beginning."""
    number: str
    """Empty when withheld."""
    line: str
    intent: Intent
    keys: tuple[PlannedKey, ...]
    queue: str
    """Where the keys lead; empty unless an operator is asked for."""
    patience: float | None
    """How long the caller waits after the last key. None: for as long as it takes (a withheld
    number, which nothing tells us to be talking)."""
    stays: float
    """How long one who asks for no operator listens after the last key."""
    talk: float
    caller_ends: bool
    """The caller is the one who ends the talk."""


@dataclass(frozen=True)
class PlannedPause:
    at: float
    code: str
    """To dial: ``*131``."""
    seconds: float


@dataclass(frozen=True)
class PlannedOperator:
    id: str
    login_at: float
    pauses: tuple[PlannedPause, ...]
    seed: str

    def answers_after(self, nth: int) -> float | None:
        """Seconds until the operator answers the ``nth`` call; None: lets it ring."""
        dice = random.Random(f"{self.seed}/{nth}")
        return None if dice.random() < NO_ANSWER else dice.uniform(*ANSWERS_AFTER)

    def talks(self, nth: int, median: float) -> float:
        """Seconds of talk with a caller whose number is withheld."""
        return _around(random.Random(f"{self.seed}/{nth}/talk"), median)


class PlanError(CcopsError):
    """The campaign asks for what the hotline does not have."""

    code = "campaign_impossible"


def calls(hotline: Hotline, options: Options) -> Iterator[PlannedCall]:
    """Callers in the order in which they call; without end when ``minutes`` is None."""
    if options.calls_per_hour <= 0:
        return
    dice = random.Random(f"{options.seed}/calls")
    prefix = UNASSIGNED.get(
        hotline.organisation.country,
        f"+{country_code_for_region(hotline.organisation.country)}00",
    )
    first = dice.randrange(10**DIGITS)
    at = 0.0
    for nth in itertools.count():
        at += dice.expovariate(options.calls_per_hour / 3600)
        if options.minutes is not None and at >= options.minutes * 60:
            return
        number = f"{prefix}{(first + nth * 7919) % 10**DIGITS:0{DIGITS}d}"
        # A generator of its own for each caller: a change of what one does leaves the others.
        yield _call(hotline, options, at, number, random.Random(f"{options.seed}/calls/{nth}"))


def operators(hotline: Hotline, options: Options) -> list[PlannedOperator]:
    """The first operators of the configuration. Raises :class:`PlanError` where there are fewer."""
    if options.operators > len(hotline.operators):
        raise PlanError(
            f"The hotline has {len(hotline.operators)} operators, not {options.operators}.",
            remedy="Ask for fewer with --operators, or add some to hotline.yaml.",
        )
    return [
        _operator(hotline, options, id_)
        for id_ in itertools.islice(hotline.operators, options.operators)
    ]


def paths(hotline: Hotline, line: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Keys that lead from a line's first menu to a queue, each with its queue, and keys that lead
    to information. No menu is entered twice on the way; of the keys that hold in every menu those
    of the first one count."""
    to_queue: list[tuple[str, str]] = []
    to_information: list[str] = []
    fallback = hotline.lines[line].fallback_queue

    def walk(name: str, keys: str, visited: frozenset[str]) -> None:
        common = {} if keys else hotline.common_keys
        for key, action in {**common, **hotline.menus[name].keys}.items():
            if action.queue is not None or action.do == "operator":
                to_queue.append((keys + key, action.queue or fallback))
            elif action.say is not None or action.do == "offices":
                to_information.append(keys + key)
            elif action.menu is not None and action.menu not in visited and len(visited) < DEPTH:
                walk(action.menu, keys + key, visited | {action.menu})

    first = hotline.lines[line].menu
    walk(first, "", frozenset({first}))
    return to_queue, to_information


def _call(
    hotline: Hotline, options: Options, at: float, number: str, dice: random.Random
) -> PlannedCall:
    line = dice.choice(list(hotline.lines))
    to_queue, to_information = paths(hotline, line)
    intent = _intent(dice, bool(to_queue), bool(to_information))
    keys, queue = dice.choice(to_queue) if to_queue else ("", "")
    if intent is Intent.INFORMATION:
        keys = dice.choice(to_information)
    if len(hotline.languages) > 1:
        keys = str(dice.randint(1, len(hotline.languages))) + keys
    if intent is Intent.LEAVES:
        keys = keys[: dice.randrange(len(keys))] if keys else ""
    withheld = dice.random() < WITHHELD
    return PlannedCall(
        at=at,
        number="" if withheld else number,
        line=line,
        intent=intent,
        keys=tuple(PlannedKey(key, dice.uniform(*KEY_DELAY)) for key in keys),
        queue=queue if intent is Intent.OPERATOR else "",
        patience=None if withheld else _around(dice, options.patience),
        stays=dice.uniform(*(LEAVES_AFTER if intent is Intent.LEAVES else LISTENS)),
        talk=_around(dice, options.talk),
        caller_ends=not withheld and dice.random() < CALLER_ENDS,
    )


def _intent(dice: random.Random, has_queue: bool, has_information: bool) -> Intent:
    chance = dice.random()
    if chance < LEAVES or not (has_queue or has_information):
        return Intent.LEAVES
    if has_information and (chance < LEAVES + INFORMATION or not has_queue):
        return Intent.INFORMATION
    return Intent.OPERATOR


def _operator(hotline: Hotline, options: Options, id_: str) -> PlannedOperator:
    seed = f"{options.seed}/operator {id_}"
    dice = random.Random(seed)
    login = dice.uniform(*LOGIN)
    end = 60 * (options.minutes or 24 * 60)
    pauses = []
    at = login
    while hotline.pause_reasons and (at := at + dice.expovariate(1 / PAUSE_EVERY)) < end:
        seconds = dice.uniform(*PAUSE)
        pauses.append(PlannedPause(at, f"*13{dice.choice(list(hotline.pause_reasons))}", seconds))
        at += seconds
    return PlannedOperator(id_, login, tuple(pauses), seed)


def _around(dice: random.Random, median: float) -> float:
    """Log-normal, as talk and patience are: most a little less, some much more."""
    return max(SHORTEST, median * dice.lognormvariate(0, 0.6))
