"""Menus as a graph: each can be reached, and from each one can reach an operator."""

from __future__ import annotations

from collections.abc import Iterator

from ccops.config.document import Path
from ccops.config.model import Action, Hotline, Menu
from ccops.config.wording import Finding


def actions(hotline: Hotline) -> Iterator[tuple[Path, Action]]:
    """Every action of every menu with where it stands."""
    for name, menu in hotline.menus.items():
        for key, action in menu.keys.items():
            yield ("menus", name, "keys", key), action
        yield ("menus", name, "otherwise"), menu.otherwise


def reachable(hotline: Hotline) -> Iterator[Finding]:
    """Every menu is heard by somebody, and *back* leads somewhere."""
    named = {line.menu for line in hotline.lines.values()}
    named.update(*map(_leads_to, hotline.menus.values()))
    if named - hotline.menus.keys():
        return  # a name is misspelt, which is reported; the menu it meant is not lost
    found: set[str] = set()
    todo = [line.menu for line in hotline.lines.values()]
    while todo:
        name = todo.pop()
        if name not in found and name in hotline.menus:
            found.add(name)
            todo += _leads_to(hotline.menus[name])
    for name in hotline.menus:
        if name not in found:
            yield Finding(
                ("menus", name),
                "no line and no key leads to this menu",
                f"Give a key of another menu the action {{menu: {name}}}, or remove the menu",
                of_key=True,
            )
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
    ends = {name for name, menu in hotline.menus.items() if _has_queue(menu)}
    parents = _parents(hotline)
    while True:
        more = {
            name
            for name, menu in hotline.menus.items()
            if name not in ends and ends & {*_leads_to(menu), *_back(name, menu, parents)}
        }
        if not more:
            break
        ends |= more
    for name, menu in hotline.menus.items():
        if name not in ends:
            yield Finding(
                ("menus", name),
                "a caller in this menu has no way to an operator",
                'Give a key the action of a queue, for example "0": {queue: QUEUE}',
                of_key=True,
            )
        yield from _silence(name, menu, hotline, parents)


def _silence(
    name: str, menu: Menu, hotline: Hotline, parents: dict[str, set[str]]
) -> Iterator[Finding]:
    """A caller who presses nothing, on an old telephone perhaps, must not go round for ever."""
    path: Path = ("menus", name, "otherwise")
    action = menu.otherwise
    if action.say is not None or action.do in {"repeat", "language"}:
        yield Finding(
            path,
            "a caller who presses nothing would hear the same again and again",
            "Write {queue: QUEUE}, {menu: MENU} or {do: hangup}",
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
                "Write {queue: QUEUE} or {do: hangup}",
            )
            return
        if step not in seen and step in hotline.menus:
            seen.add(step)
            todo += _silent_steps(step, hotline.menus[step], parents)


def _silent_steps(name: str, menu: Menu, parents: dict[str, set[str]]) -> list[str]:
    if menu.otherwise.menu is not None:
        return [menu.otherwise.menu]
    return sorted(parents[name]) if menu.otherwise.do == "back" else []


def _leads_to(menu: Menu) -> list[str]:
    found = (*menu.keys.values(), menu.otherwise)
    return [action.menu for action in found if action.menu is not None]


def _has_queue(menu: Menu) -> bool:
    return any(action.queue for action in (*menu.keys.values(), menu.otherwise))


def _back(name: str, menu: Menu, parents: dict[str, set[str]]) -> set[str]:
    leads_back = any(action.do == "back" for action in (*menu.keys.values(), menu.otherwise))
    return parents[name] if leads_back else set()


def _parents(hotline: Hotline) -> dict[str, set[str]]:
    return {
        name: {other for other, menu in hotline.menus.items() if name in _leads_to(menu)}
        for name in hotline.menus
    }
