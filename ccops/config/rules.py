"""What no single field shows: references between sections, collisions, menus without a way out.

Each rule is a pure function from a hotline to findings. A rule that looks up a name says so in
``refers``; the finding is dropped where the thing referred to is itself reported as broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from ccops.config.address_rules import addresses, trunks
from ccops.config.calendar_rules import calendars_open, closing_lines, offices_known
from ccops.config.document import Path
from ccops.config.menu_rules import actions, closed_menus, dead_ends, reachable
from ccops.config.model import Hotline
from ccops.config.product import PIECES
from ccops.config.types import Lang, Text
from ccops.config.wording import Finding, did_you_mean

Product = Mapping[Lang, Collection[str]]
"""The names of the product's own prompts in each language."""

COMPOSED_PROMPTS = {
    "greeting": "Name it 'welcome': that text begins the greeting",
    "greeting-known": "Name it 'welcome': that text begins the greeting",
    "language": "Name the choice of each key: 'language-1', 'language-2' ...",
}
"""Put together from ``welcome`` and ``language-N``, and what to write instead."""
SAID = "said-"
"""Begins the names of what is typed for a disturbance and spoken at once."""
_INNER = frozenset({"menus", "calendars", "common_keys"})
"""Sections of which the smallest part may matter to a conclusion."""


def check_rules(
    hotline: Hotline, product: Product, damaged: frozenset[Path] = frozenset()
) -> list[Finding]:
    """All findings. ``damaged`` are the paths that were left out of ``hotline`` because they have
    faults of their own: what only follows from these is not reported again."""
    incomplete = {path[0] for path in damaged if len(path) <= 2 or path[0] in _INNER}
    findings = [*_prompts(hotline, product)]
    for rule in RULES:
        findings += rule(hotline)
    for rule, needed in WHOLE_PICTURE.items():
        if not incomplete & needed:
            findings += rule(hotline)
    return [finding for finding in findings if not follows(finding, damaged)]


def follows(finding: Finding, damaged: Collection[Path]) -> bool:
    """Whether the finding is about something that is damaged anyway."""
    paths = [finding.path] if finding.refers is None else [finding.path, finding.refers]
    return any(path[:length] in damaged for path in paths for length in range(1, len(path) + 1))


def _references(hotline: Hotline) -> Iterator[Finding]:
    for number, line in hotline.lines.items():
        yield from _known(("lines", number, "menu"), line.menu, "menus", hotline.menus)
        queue = line.fallback_queue
        yield from _known(("lines", number, "fallback_queue"), queue, "queues", hotline.queues)
        if line.closed_menu is not None:
            path: Path = ("lines", number, "closed_menu")
            yield from _known(path, line.closed_menu, "menus", hotline.menus)
    for path, calendar in _calendars_named(hotline):
        yield from _known(path, calendar, "calendars", hotline.calendars)
    for name, queue_ in hotline.queues.items():
        path = ("queues", name, "sub_line")
        yield from _known(path, queue_.sub_line, "sub_lines", hotline.sub_lines)
    for operator_id, operator in hotline.operators.items():
        for at, queue in enumerate(operator.queues):
            path = ("operators", operator_id, "queues", at)
            yield from _known(path, queue, "queues", hotline.queues)
            if queue in operator.queues[:at]:
                yield Finding(path, f"the queue {queue!r} is named twice", "Remove one of the two")
    for path, action in actions(hotline):
        if action.queue is not None:
            yield from _known((*path, "queue"), action.queue, "queues", hotline.queues)
        if action.menu is not None:
            yield from _known((*path, "menu"), action.menu, "menus", hotline.menus)
        if action.staff is not None:
            yield from _known((*path, "staff"), action.staff, "staff", hotline.staff)


def _calendars_named(hotline: Hotline) -> Iterator[tuple[Path, str]]:
    if hotline.offices is not None:
        yield ("offices",), hotline.offices
    for number, line in hotline.lines.items():
        if line.hours is not None:
            yield ("lines", number, "hours"), line.hours
    for number, member in hotline.staff.items():
        if member.hours is not None:
            yield ("staff", number, "hours"), member.hours


def _known(path: Path, name: str, section: str, known: Collection[str]) -> Iterator[Finding]:
    if name not in known:
        others = f", or write one of: {', '.join(sorted(known))}" if known else ""
        remedy = did_you_mean(name, sorted(known)) or f"Add {name!r} under {section}:{others}"
        yield Finding(
            path, f"there is no {name!r} under {section}:", remedy, False, (section, name)
        )


def _prompts(hotline: Hotline, product: Product) -> Iterator[Finding]:
    used: list[tuple[Path, str]] = [
        (("menus", name, "prompt"), menu.prompt) for name, menu in hotline.menus.items()
    ]
    used += [((*path, "say"), act.say) for path, act in actions(hotline) if act.say is not None]
    for path, name in used:
        if name.startswith(PIECES):
            yield Finding(
                path,
                f"{name!r} is a piece of other texts and not played by itself",
                f"Give the text a name that does not begin with {', '.join(PIECES)}",
            )
            continue
        if name in hotline.prompts or name in COMPOSED_PROMPTS:
            continue
        silent = [lang for lang in hotline.languages if name not in product.get(lang, ())]
        if silent:
            yield Finding(
                path,
                f"there is no prompt {name!r} in {', '.join(silent)}",
                did_you_mean(name, sorted(hotline.prompts))
                or f"Add {name!r} under prompts: with its text in each language",
                refers=("prompts", name),
            )
    for name in hotline.prompts:
        if name in COMPOSED_PROMPTS:
            what = "greeting" if name.startswith("greeting") else "choice of language"
            yield Finding(
                ("prompts", name),
                f"the {what} is put together from several texts and cannot be given as one",
                COMPOSED_PROMPTS[name],
                of_key=True,
            )
        elif name.startswith(SAID):
            yield Finding(
                ("prompts", name),
                f"names that begin with {SAID} are kept for what is spoken in a disturbance",
                "Choose another name",
                of_key=True,
            )


def _texts(hotline: Hotline) -> Iterator[Finding]:
    found: list[tuple[Path, Text]] = [(("organisation", "name"), hotline.organisation.name)]
    for section in ("sub_lines", "lines", "queues", "pause_reasons"):
        parts = getattr(hotline, section)
        found += [((section, key, "name"), part.name) for key, part in parts.items()]
    found += [(("staff", number, "title"), one.title) for number, one in hotline.staff.items()]
    for name, calendar in hotline.calendars.items():
        found += [
            (("calendars", name, "days", date, "name"), day.name)
            for date, day in calendar.days.items()
            if day.name is not None
        ]
    found += [(("prompts", name), text) for name, text in hotline.prompts.items()]
    for path, text in found:
        for language in hotline.languages:
            if language not in text:
                yield Finding(
                    path,
                    f"the text in {language} is missing",
                    f'Add "{language}:" with the text in that language',
                    of_key=True,
                    refers=(*path, language),
                )


def _languages(hotline: Hotline) -> Iterator[Finding]:
    for at, language in enumerate(hotline.languages):
        path: Path = ("languages", at)
        if language in hotline.languages[:at]:
            yield Finding(path, f"{language} is named twice", "Remove one of the two")
        elif language not in hotline.voices:
            yield Finding(
                path,
                f"nobody speaks {language}: it has no voice",
                f"Add under voices: {language}: {{name: {language}}}",
                refers=("voices", language),
            )
    for path, spoken in _operators_languages(hotline):
        if spoken not in hotline.languages:
            yield Finding(
                path,
                f"{spoken} is not a language of this hotline",
                f"Write one of: {', '.join(hotline.languages)}",
                refers=("languages",),
            )
    if len(hotline.languages) == 1:
        for path, action in actions(hotline):
            if action.do == "language":
                yield Finding(
                    (*path, "do"),
                    "there is only one language to choose from",
                    "Remove this key, or add a language under languages:",
                )


def _operators_languages(hotline: Hotline) -> Iterator[tuple[Path, Lang]]:
    for operator_id, operator in hotline.operators.items():
        if operator.language is not None:
            yield ("operators", operator_id, "language"), operator.language
        for at, language in enumerate(operator.languages):
            yield ("operators", operator_id, "languages", at), language


def _numbers(hotline: Hotline) -> Iterator[Finding]:
    lines = {number.lstrip("+") for number in hotline.lines}
    for section, whom, example in (("operators", "operator", 201), ("staff", "person", 301)):
        for number in getattr(hotline, section):
            path: Path = (section, number)
            other = f"Give the {whom} another number, for example {example}"
            if number.startswith("+"):
                yield Finding(
                    path,
                    f"{number} cannot be dialled as an extension",
                    f"Write it without the plus: {number[1:]}",
                    of_key=True,
                )
            elif number in lines:
                taken = f"{number} is also a number that citizens dial"
                yield Finding(path, taken, other, of_key=True)
            elif section == "staff" and number in hotline.operators:
                taken = f"{number} is also an operator's number"
                yield Finding(path, taken, other, True, ("operators", number))
    if "*" in hotline.pause_reasons:
        yield Finding(
            ("pause_reasons", "*"),
            "an operator cannot dial *13*",
            "Choose a digit: the operator dials *13 and the key",
            of_key=True,
        )
    ids = Counter(reason.id for reason in hotline.pause_reasons.values())
    for key, reason in hotline.pause_reasons.items():
        if ids[reason.id] > 1:
            yield Finding(
                ("pause_reasons", key, "id"),
                f"the id {reason.id!r} is given to more than one reason",
                "Give each reason its own id",
            )


def _staffed(hotline: Hotline) -> Iterator[Finding]:
    """A hotline whose operators are not entered yet is fine; a forgotten queue is not."""
    for name in hotline.queues if hotline.operators else ():
        members = [one for one in hotline.operators.values() if name in one.queues]
        if not members:
            yield Finding(
                ("queues", name),
                "no operator takes the calls of this queue",
                f"Add {name!r} to the queues of an operator, or remove the queue",
                of_key=True,
            )
            continue
        served = {lang for one in members for lang in one.languages or hotline.languages}
        for language in hotline.languages:
            if language not in served:
                yield Finding(
                    ("queues", name),
                    f"no operator takes the calls of this queue in {language}",
                    f"Add {language} to the languages of one of its operators, or {name!r} to the"
                    f" queues of an operator who speaks {language}",
                    of_key=True,
                )


Rule = Callable[[Hotline], Iterator[Finding]]
RULES: Sequence[Rule] = (
    _references,
    _texts,
    _languages,
    _numbers,
    addresses,
    trunks,
    closing_lines,
)
WHOLE_PICTURE: Mapping[Rule, frozenset[str]] = {
    reachable: frozenset({"menus", "lines", "common_keys"}),
    dead_ends: frozenset({"menus", "queues", "common_keys"}),
    closed_menus: frozenset({"menus", "lines"}),
    calendars_open: frozenset({"calendars"}),
    offices_known: frozenset({"offices"}),
    _staffed: frozenset({"operators", "queues"}),
}
"""Rules that draw conclusions from what is absent, with the sections they need complete."""
