"""Which of app_queue's queues a caller waits in: one for each language where operators differ.

app_queue knows no skills, and with penalties the head of a queue whom nobody free can serve would
hold up the others. So a queue of ``hotline.yaml`` whose operators do not all speak every language
is one queue per language for Asterisk, ``support_ru`` beside ``support_uz``; an operator who speaks
both is a member of both. Everywhere else ``support`` is one queue.
"""

from __future__ import annotations

from dataclasses import dataclass

from ccops.config.model import Hotline, Operator
from ccops.config.types import Lang

SEPARATOR = "_"
"""Not possible in the name of a queue of ``hotline.yaml``."""


@dataclass(frozen=True)
class SkillQueue:
    """A queue as Asterisk has it."""

    name: str
    """``support``, or ``support_ru``."""
    queue: str
    """The queue of ``hotline.yaml``."""
    languages: tuple[Lang, ...]
    """Whose callers wait in it."""


def skill_queues(hotline: Hotline) -> tuple[SkillQueue, ...]:
    """All queues that Asterisk has, in the order of ``hotline.yaml``."""
    found: list[SkillQueue] = []
    for queue in hotline.queues:
        if is_split(hotline, queue):
            found += [
                SkillQueue(f"{queue}{SEPARATOR}{language}", queue, (language,))
                for language in hotline.languages
            ]
        else:
            found.append(SkillQueue(queue, queue, hotline.languages))
    return tuple(found)


def is_split(hotline: Hotline, queue: str) -> bool:
    """Whether the callers of ``queue`` wait apart by language."""
    return len(hotline.languages) > 1 and any(
        not set(hotline.languages) <= set(spoken(hotline, operator))
        for operator in hotline.operators.values()
        if queue in operator.queues
    )


def spoken(hotline: Hotline, operator: Operator) -> tuple[Lang, ...]:
    """The languages in which the operator serves callers."""
    return operator.languages or hotline.languages


def assignments(hotline: Hotline) -> dict[str, tuple[str, ...]]:
    """Operator → the queues, as Asterisk has them, of which the operator is a member."""
    all_queues = skill_queues(hotline)
    return {
        id_: tuple(
            one.name
            for one in all_queues
            if one.queue in operator.queues and set(one.languages) & set(spoken(hotline, operator))
        )
        for id_, operator in hotline.operators.items()
    }


def queue_of(name: str) -> str:
    """The queue of ``hotline.yaml`` to which one of Asterisk's belongs."""
    return name.partition(SEPARATOR)[0]


def language_of(name: str) -> str:
    """The language whose callers alone wait in one of Asterisk's queues; empty for all."""
    return name.partition(SEPARATOR)[2]
