"""What no single field shows: references between sections, collisions, menus without a way out.

Each rule is a pure function from a hotline to findings. A rule that looks up a name says so in
``refers``; the finding is dropped where the thing referred to is itself reported as broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from ipaddress import ip_address
from itertools import combinations

from ccops.config.document import Path
from ccops.config.menu_rules import actions, dead_ends, reachable
from ccops.config.model import Hotline
from ccops.config.types import Lang, Text
from ccops.config.wording import Finding, did_you_mean

Product = Mapping[Lang, Collection[str]]
"""The names of the product's own prompts in each language."""

COMPOSED_PROMPT = "greeting"
"""Put together from ``welcome`` and ``language-N``."""


def check_rules(
    hotline: Hotline, product: Product, damaged: frozenset[Path] = frozenset()
) -> list[Finding]:
    """All findings. ``damaged`` are the paths that were left out of ``hotline`` because they have
    faults of their own: what only follows from these is not reported again."""
    incomplete = {path[0] for path in damaged if len(path) <= 2 or path[0] == "menus"}
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
    for name, queue_ in hotline.queues.items():
        path: Path = ("queues", name, "sub_line")
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


def _known(path: Path, name: str, section: str, known: Collection[str]) -> Iterator[Finding]:
    if name not in known:
        remedy = did_you_mean(name, sorted(known)) or (
            f"Add {name!r} under {section}:, or write one of: {', '.join(sorted(known))}"
        )
        yield Finding(
            path, f"there is no {name!r} under {section}:", remedy, False, (section, name)
        )


def _prompts(hotline: Hotline, product: Product) -> Iterator[Finding]:
    used: list[tuple[Path, str]] = [
        (("menus", name, "prompt"), menu.prompt) for name, menu in hotline.menus.items()
    ]
    used += [((*path, "say"), act.say) for path, act in actions(hotline) if act.say is not None]
    for path, name in used:
        if name in hotline.prompts or name == COMPOSED_PROMPT:
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
    if COMPOSED_PROMPT in hotline.prompts:
        yield Finding(
            ("prompts", COMPOSED_PROMPT),
            "the greeting is put together from several texts and cannot be given as one",
            "Name it 'welcome': that text begins the greeting",
            of_key=True,
        )


def _texts(hotline: Hotline) -> Iterator[Finding]:
    found: list[tuple[Path, Text]] = [(("organisation", "name"), hotline.organisation.name)]
    for section in ("sub_lines", "lines", "queues", "pause_reasons"):
        parts = getattr(hotline, section)
        found += [((section, key, "name"), part.name) for key, part in parts.items()]
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
    for operator_id, operator in hotline.operators.items():
        if operator.language is not None and operator.language not in hotline.languages:
            yield Finding(
                ("operators", operator_id, "language"),
                f"{operator.language} is not a language of this hotline",
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


def _addresses(hotline: Hotline) -> Iterator[Finding]:
    binds: list[tuple[Path, str]] = [
        (("listen", field), getattr(hotline.listen, field))
        for field in ("http", "sip", "ami", "agi")
    ]
    ranges: list[tuple[Path, str]] = [(("listen", "rtp"), hotline.listen.rtp)]
    if hotline.simulator is not None:
        binds += [
            (("simulator", field), getattr(hotline.simulator, field))
            for field in ("sip", "phones", "ami")
        ]
        ranges.append((("simulator", "rtp"), hotline.simulator.rtp))
    for (first, one), (second, other) in combinations(binds, 2):
        if _same_socket(one, other):
            yield Finding(
                second,
                f"{other} is already taken by {'.'.join(map(str, first))}",
                "Give each its own port",
                refers=first,
            )
    for (first, one), (second, other) in combinations(ranges, 2):
        if _ports(one)[0] <= _ports(other)[1] and _ports(other)[0] <= _ports(one)[1]:
            yield Finding(
                second,
                f"the ports {other} overlap with those of {'.'.join(map(str, first))} ({one})",
                f"Begin after {_ports(one)[1]}",
                refers=first,
            )
    for path, address in binds:
        port = int(address.rpartition(":")[2])
        for owner, ports in ranges:
            low, high = _ports(ports)
            if path[-1] in {"sip", "phones"} and low <= port <= high:
                yield Finding(
                    path,
                    f"port {port} belongs to the speech ports {ports}"
                    f" of {'.'.join(map(str, owner))}",
                    f"Write a port outside {ports}",
                    refers=owner,
                )


def _same_socket(one: str, other: str) -> bool:
    (host, _, port), (host2, _, port2) = one.rpartition(":"), other.rpartition(":")
    if int(port) != int(port2):
        return False
    first, second = ip_address(host.strip("[]")), ip_address(host2.strip("[]"))
    return first == second or first.is_unspecified or second.is_unspecified


def _ports(ports: str) -> tuple[int, int]:
    low, _, high = ports.partition("-")
    return int(low), int(high)


def _numbers(hotline: Hotline) -> Iterator[Finding]:
    lines = {number.lstrip("+") for number in hotline.lines}
    for operator_id in hotline.operators:
        path: Path = ("operators", operator_id)
        if operator_id.startswith("+"):
            yield Finding(
                path,
                f"{operator_id} cannot be dialled as an extension",
                f"Write it without the plus: {operator_id[1:]}",
                of_key=True,
            )
        elif operator_id in lines:
            yield Finding(
                path,
                f"{operator_id} is also a number that citizens dial",
                "Give the operator another number, for example 201",
                of_key=True,
            )
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


def _trunks(hotline: Hotline) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    if hotline.simulator is not None:
        seen[hotline.simulator.sip] = "simulator"
    for name, trunk in hotline.trunks.items():
        if trunk.username and not trunk.password_file:
            yield Finding(
                ("trunks", name),
                "a line that registers needs a password",
                'Add "password_file:" with the path of a file that holds the password',
                of_key=True,
                refers=("trunks", name, "password_file"),
            )
        if trunk.password_file and not trunk.username:
            yield Finding(
                ("trunks", name),
                "a password without a user name is never used",
                'Add "username:", or remove password_file',
                of_key=True,
                refers=("trunks", name, "username"),
            )
        if trunk.username:
            continue
        if trunk.host in seen:
            yield Finding(
                ("trunks", name, "host"),
                f"{seen[trunk.host]!r} has the same address, so their calls cannot be told apart",
                "Remove one of the two, or give each its own username",
                refers=("trunks", seen[trunk.host]),
            )
        seen.setdefault(trunk.host, name)


def _staffed(hotline: Hotline) -> Iterator[Finding]:
    """A hotline whose operators are not entered yet is fine; a forgotten queue is not."""
    served = {queue for operator in hotline.operators.values() for queue in operator.queues}
    for name in hotline.queues if hotline.operators else ():
        if name not in served:
            yield Finding(
                ("queues", name),
                "no operator takes the calls of this queue",
                f"Add {name!r} to the queues of an operator, or remove the queue",
                of_key=True,
            )


Rule = Callable[[Hotline], Iterator[Finding]]
RULES: Sequence[Rule] = (_references, _texts, _languages, _addresses, _numbers, _trunks)
WHOLE_PICTURE: Mapping[Rule, frozenset[str]] = {
    reachable: frozenset({"menus", "lines"}),
    dead_ends: frozenset({"menus", "queues"}),
    _staffed: frozenset({"operators", "queues"}),
}
"""Rules that draw conclusions from what is absent, with the sections they need complete."""
