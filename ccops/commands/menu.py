"""``ccops menu``: what callers can reach, as a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated

import typer
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from ccops.commands import Config
from ccops.config.calendar import Calendar, Span
from ccops.config.loader import load
from ccops.config.model import Action, Hotline, Line, Menu
from ccops.config.types import Lang
from ccops.domain.skills import is_split, spoken
from ccops.errors import CcopsError
from ccops.home import Home
from ccops.prompts import catalogue
from ccops.resources import ivr_prompts

app = typer.Typer(no_args_is_help=True, help="The menus that callers hear.")

OPERATOR = Action(do="operator")
WORDS = {
    "operator": "operator",
    "repeat": "hear again",
    "back": "back",
    "language": "choose the language",
    "slower": "speak slower, or as usual again",
    "callback": "leave a number to be called back",
    "offices": "hear whether the offices are open",
    "hangup": "end of the call",
}
"""What ``do:`` means."""


class NotThereError(CcopsError):
    """Something was asked for that the hotline does not have."""

    code = "not_there"


@app.callback()
def group() -> None:
    """The menus that callers hear."""


@app.command()
def show(
    config: Config = None,
    line: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Only this line; all by default.")
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(metavar="LANG", help="Language of the texts; the hotline's first by default."),
    ] = None,
    texts: Annotated[
        bool, typer.Option("--texts", metavar="", help="Show every text in full.")
    ] = False,
) -> None:
    """Print the menus of each line as a tree: keys, what they do, what is said; open and closed.

    Below it: keys that hold in every menu, queues with their operators, staff, calendars.
    """
    hotline = load(config or Home.default().config)
    shown = _Shown(hotline, _language(hotline, language), full=texts)
    lines = [_line(hotline, line)] if line is not None else list(hotline.lines)
    Console(highlight=False).print(shown.everything(lines))


def _language(hotline: Hotline, wanted: str | None) -> Lang:
    for language in hotline.languages:
        if wanted in (None, language):
            return language
    raise NotThereError(
        f"{wanted} is not a language of this hotline.",
        remedy=f"Write one of: {', '.join(hotline.languages)}.",
    )


def _line(hotline: Hotline, number: str) -> str:
    if number not in hotline.lines:
        raise NotThereError(
            f"This hotline has no line {number}.",
            remedy=f"Write one of: {', '.join(hotline.lines)}.",
        )
    return number


class _Shown:
    """One hotline in one language."""

    def __init__(self, hotline: Hotline, language: Lang, *, full: bool) -> None:
        self._hotline = hotline
        self._language = language
        self._full = full
        self._texts = catalogue.load(hotline, ivr_prompts()).texts[language]

    def everything(self, lines: Iterable[str]) -> Group:
        parts: list[Tree | Text | Padding] = []
        for number in lines:
            parts += [self._line_tree(number, self._hotline.lines[number]), Text()]
        for title, rows in self._tables():
            if rows:
                parts += [Text(title, style="bold"), _table(rows)]
        return Group(*parts)

    def _line_tree(self, number: str, line: Line) -> Tree:
        tree = Tree(_row((number, "bold"), (f"  {self._name(line.name)}", "")), highlight=False)
        hours = "always open" if line.hours is None else f"open {self._hours(line.hours)}"
        price = "callers pay for waiting" if line.wait_is_paid else "waiting is free"
        tree.add(_row((f"{hours}; {price}{_head_start(line.head_start)}", "")))
        tree.add(_row((f"greeting: {self._greeting()}", "")))
        seen: set[str] = set()
        self._menu(tree.add(self._menu_title("menu ", line.menu)), line.menu, seen, ())
        if line.hours is not None and line.closed_menu is not None:
            closed = self._menu_title("while closed: menu ", line.closed_menu)
            self._menu(tree.add(closed), line.closed_menu, seen, ())
        elif line.hours is not None:
            tree.add(_row(("while closed: when the line opens, then leave a number", "")))
        return tree

    def _menu(self, branch: Tree, name: str, seen: set[str], path: tuple[str, ...]) -> None:
        """What can be pressed in a menu; each is shown once for each line."""
        seen.add(name)
        menu = self._hotline.menus[name]
        self._say(branch, menu.prompt)
        for key, action in menu.keys.items():
            self._key(branch, key, action, seen, (*path, name))
        if silence := _silence(menu):
            branch.add(_row((f"{silence}  {self._does(menu.otherwise)}", "")))

    def _key(
        self, branch: Tree, key: str, action: Action, seen: set[str], path: tuple[str, ...]
    ) -> None:
        if action.menu is not None and action.menu in seen:
            where = "comes back to it" if action.menu in path else "shown above"
            branch.add(_row((key, "bold"), (f"  menu {action.menu} ({where})", "")))
        elif action.menu is not None:
            inner = branch.add(_row((key, "bold"), ("  menu ", ""), (action.menu, "bold")))
            self._menu(inner, action.menu, seen, path)
        elif action.say is not None:
            text = self._texts.get(action.say, "")
            brief = "" if self._full else f"  “{text}”"
            row = _row((key, "bold"), (f"  hear {action.say}", ""), (brief, "dim"))
            self._whole(branch.add(row), text)
        else:
            branch.add(_row((key, "bold"), (f"  {self._does(action)}", "")))

    def _does(self, action: Action) -> str:
        if action.queue is not None:
            name = self._name(self._hotline.queues[action.queue].name)
            return f"queue {action.queue}{_head_start(action.head_start)}: {name}"
        if action.staff is not None:
            title = self._name(self._hotline.staff[action.staff].title)
            return f"staff {action.staff}: {title}"
        if action.menu is not None:
            return f"menu {action.menu}"
        if action.say is not None:
            return f"hear {action.say}"
        return WORDS[str(action.do)]

    def _menu_title(self, before: str, name: str) -> Text:
        return _row((before, ""), (name, "bold"))

    def _say(self, branch: Tree, prompt: str) -> None:
        text = self._texts.get(prompt, "")
        if not text:
            branch.add(_row((f"({prompt})", "dim")))
        elif self._full:
            self._whole(branch, text)
        else:
            branch.add(_row((f"“{text}”", "dim")))

    def _whole(self, branch: Tree, text: str) -> None:
        if self._full and text:
            branch.add(Text(f"“{text}”", style="dim"))

    def _greeting(self) -> str:
        languages = self._hotline.languages
        if len(languages) == 1:
            return languages[0]
        keys = ", ".join(f"{key} {language}" for key, language in enumerate(languages, start=1))
        days = self._hotline.remember_language
        return f"{keys}; remembered for {days} days" if days else f"{keys}; not remembered"

    def _tables(self) -> Iterator[tuple[str, list[Sequence[str]]]]:
        hotline = self._hotline
        common = [(key, self._common(action)) for key, action in hotline.common_keys.items()]
        yield "In every menu that gives them no other meaning", [*common, _DEFAULT_SILENCE]
        yield (
            "Queues",
            [
                (name, self._name(queue.name), self._operators(name))
                for name, queue in hotline.queues.items()
            ],
        )
        yield (
            "Staff",
            [
                (number, f"{self._name(member.title)}, {member.name}", self._when(member.hours))
                for number, member in hotline.staff.items()
            ],
        )
        yield (
            "Calendars",
            [
                (name, f"{_week(calendar)}{_differing(len(calendar.days))}")
                for name, calendar in hotline.calendars.items()
            ],
        )

    def _common(self, action: Action) -> str:
        if action.do == "back" and len(self._hotline.languages) > 1:
            return "back; from the first menu: choose the language"
        return "operator, in the line's own queue" if action == OPERATOR else self._does(action)

    def _operators(self, queue: str) -> str:
        hotline = self._hotline
        members = [one for one in hotline.operators.values() if queue in one.queues]
        if not is_split(hotline, queue):
            return "1 operator" if len(members) == 1 else f"{len(members)} operators"
        counted = (
            f"{language} {sum(language in spoken(hotline, one) for one in members)}"
            for language in hotline.languages
        )
        return f"operators by language: {', '.join(counted)}"

    def _when(self, hours: str | None) -> str:
        return self._hours(hours or self._hotline.offices or "")

    def _hours(self, calendar: str) -> str:
        return _week(self._hotline.calendars[calendar]) if calendar else "always"

    def _name(self, text: Mapping[Lang, str]) -> str:
        return text.get(self._language, "")


_DEFAULT_SILENCE = ("silence", "the menu is said 3 times, then operator")


def _silence(menu: Menu) -> str:
    """Where it differs from what the table of common keys says."""
    usual = Menu.model_fields["repeats"].default
    if menu.otherwise == OPERATOR and menu.repeats == usual:
        return ""
    said = "once" if menu.repeats == 0 else f"{menu.repeats + 1} times"
    return "silence" if menu.repeats == usual else f"silence, said {said}"


def _head_start(seconds: int) -> str:
    return f" (as if {seconds} s earlier)" if seconds else ""


def _week(calendar: Calendar) -> str:
    return ", ".join(f"{days} {_spans(spans)}" for days, spans in calendar.week.items() if spans)


def _differing(days: int) -> str:
    return f"; {days} {'day differs' if days == 1 else 'days differ'}" if days else ""


def _spans(spans: Sequence[Span]) -> str:
    return " ".join(f"{_clock(span.begin)}-{_clock(span.end)}" for span in spans)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _row(*parts: tuple[str, str]) -> Text:
    """One line, whatever the width of the window."""
    row = Text(no_wrap=True, overflow="ellipsis")
    for text, style in parts:
        row.append(text, style=style)
    return row


def _table(rows: Sequence[Sequence[str]]) -> Padding:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(max(map(len, rows))):
        table.add_column()
    for row in rows:
        table.add_row(*map(Text, row))
    return Padding(table, (0, 0, 1, 2), expand=False)
