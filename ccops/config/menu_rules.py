"""Menus as a graph: each can be reached, and from each one can reach an operator."""

from __future__ import annotations

from collections.abc import Iterator

from ccops.config.document import Path
from ccops.config.model import Action, Hotline, Menu
from ccops.config.wording import Finding

_SAME_AGAIN = frozenset({"repeat", "language", "slower", "offices"})
"""What ends in the menu in which it began."""


def actions(hotline: Hotline) -> Iterator[tuple[Path, Action]]:
    """Every action that the file gives a key, or silence, with where it stands."""
    for name, menu in hotline.menus.items():
        for key, action in menu.keys.items():
            yield ("menus", name, "keys", key), action
        yield ("menus", name, "otherwise"), menu.otherwise
    if "common_keys" in hotline.model_fields_set:
        for key, action in hotline.common_keys.items():
            yield ("common_keys", key), action


def reachable(hotline: Hotline) -> Iterator[Finding]:
    """Every menu is heard by somebody, and *back* leads somewhere."""
    named = _roots(hotline)
    for menu in hotline.menus.values():
        named.update(_leads_to(hotline, menu))
    if named - hotline.menus.keys():
        return  # a name is misspelt, which is reported; the menu it meant is not lost
    found: set[str] = set()
    todo = list(_roots(hotline))
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += _leads_to(hotline, hotline.menus[name])
    for name in hotline.menus:
        if name not in found:
            yield Finding(
                ("menus", name),
                "no line and no key leads to this menu",
                f"Give a key of another menu the action {{menu: {name}}}, or remove the menu",
                of_key=True,
            )
    if len(hotline.languages) > 1:
        return  # back from the first menu is the choice of language
    parents = _parents(hotline)
    for path, action in actions(hotline):
        if action.do == "back" and path[1] in found and not parents[str(path[1])]:
            yield Finding(
                (*path, "do"),
                "nothing comes before this menu, so there is no way back",
                "Write repeat, or remove the key",
            )


def dead_ends(hotline: Hotline) -> Iterator[Finding]:
    """From each menu some key leads to an operator, and silence ends somewhere (KZ 5.6)."""
    ends = {name for name, menu in hotline.menus.items() if _asks_operator(hotline, menu)}
    parents = _parents(hotline)
    while True:
        more = {
            name
            for name, menu in hotline.menus.items()
            if name not in ends
            and (
                ends & {*_leads_to(hotline, menu)}
                # Back leads to wherever the caller came from, so each of these has to do.
                or (_goes_back(hotline, menu) and parents[name] and parents[name] <= ends)
            )
        }
        if not more:
            break
        ends |= more
    for name, menu in hotline.menus.items():
        if name not in ends:
            yield Finding(
                ("menus", name),
                "a caller in this menu has no way to an operator",
                'Give a key the action of an operator, for example "0": {do: operator}',
                of_key=True,
            )
        yield from _silence(name, menu, hotline, parents)


def closed_menus(hotline: Hotline) -> Iterator[Finding]:
    """While a line is closed no operator answers, so its menu has to offer something else."""
    for name in dict.fromkeys(line.closed_menu for line in hotline.lines.values()):
        menu = hotline.menus.get(name or "")
        if menu is not None and all(map(_for_operator, _own(menu))):
            yield Finding(
                ("menus", str(name)),
                "a line's closed_menu, but it only leads to operators, who are away then",
                'Give a key another action, for example "1": {do: callback}',
                of_key=True,
            )


def _silence(
    name: str, menu: Menu, hotline: Hotline, parents: dict[str, set[str]]
) -> Iterator[Finding]:
    """A caller who presses nothing, on an old telephone perhaps, must not go round for ever."""
    path: Path = ("menus", name, "otherwise")
    action = menu.otherwise
    first_again = action.do == "back" and name in _roots(hotline)
    if action.say is not None or action.do in _SAME_AGAIN or first_again:
        yield Finding(
            path,
            "a caller who presses nothing would hear the same again and again",
            "Write {do: operator}, {menu: MENU} or {do: hangup}",
        )
        return
    seen = {name}
    todo = _silent_steps(name, menu, parents)
    while todo:
        step = todo.pop()
        if step == name:
            yield Finding(
                path,
                "a caller who presses nothing would come back to this menu again and again",
                "Write {do: operator} or {do: hangup}",
            )
            return
        if step not in seen and step in hotline.menus:
            seen.add(step)
            todo += _silent_steps(step, hotline.menus[step], parents)


def _silent_steps(name: str, menu: Menu, parents: dict[str, set[str]]) -> list[str]:
    if menu.otherwise.menu is not None:
        return [menu.otherwise.menu]
    return sorted(parents[name]) if menu.otherwise.do == "back" else []


def _roots(hotline: Hotline) -> set[str]:
    """The menus that callers hear first."""
    found = {line.menu for line in hotline.lines.values()}
    return found | {line.closed_menu for line in hotline.lines.values() if line.closed_menu}


def _own(menu: Menu) -> tuple[Action, ...]:
    return (*menu.keys.values(), menu.otherwise)


def _all(hotline: Hotline, menu: Menu) -> tuple[Action, ...]:
    return (*hotline.keys_of(menu).values(), menu.otherwise)


def _leads_to(hotline: Hotline, menu: Menu) -> list[str]:
    return [action.menu for action in _all(hotline, menu) if action.menu is not None]


def _asks_operator(hotline: Hotline, menu: Menu) -> bool:
    return any(map(_for_operator, _all(hotline, menu)))


def _for_operator(action: Action) -> bool:
    """Staff too: who is not there is replaced by an operator."""
    return action.queue is not None or action.staff is not None or action.do == "operator"


def _goes_back(hotline: Hotline, menu: Menu) -> bool:
    return any(action.do == "back" for action in _all(hotline, menu))


def _parents(hotline: Hotline) -> dict[str, set[str]]:
    return {
        name: {
            other
            for other, menu in hotline.menus.items()
            if other != name and name in _leads_to(hotline, menu)
        }
        for name in hotline.menus
    }
