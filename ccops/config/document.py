"""A YAML file as plain data that remembers where each piece stands.

Every value is kept as the text that was written and converted by the model, which knows what is
wanted. So the traps of YAML cannot close: ``195`` and ``0`` are fine as names of keys, ``no`` stays
``no``, ``20`` becomes a number only where a number belongs. What other YAML tools would read
differently (``0117``) is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

Path = tuple[str | int, ...]

LARGEST = 1_000_000
"""Characters; a hotline's file has a few thousand."""
DEEPEST = 20
_EMPTY = {"", "~", "null", "Null", "NULL"}
_OCTAL = re.compile(r"0[0-9]+")


class Place(NamedTuple):
    line: int
    column: int


class Flaw(NamedTuple):
    """A fault of which the file's name is not known yet."""

    place: Place
    path: Path
    message: str
    remedy: str


@dataclass
class Document:
    """``data`` consists of dict, list, str, and None where nothing is written."""

    data: object = None
    flaws: list[Flaw] = field(default_factory=list)
    lost: set[Path] = field(default_factory=set)
    """Where something is written that could not be kept."""
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)

    def place(self, path: Path, *, of_key: bool = False) -> Place:
        """Where ``path`` stands, or the nearest thing around it that does stand somewhere."""
        for length in range(len(path), 0, -1):
            first, second = (
                (self.keys, self.values)
                if of_key or length < len(path)
                else (self.values, self.keys)
            )
            found = first.get(path[:length]) or second.get(path[:length])
            if found:
                return found
        return Place(1, 1)


def read_document(text: str) -> Document:
    """Parse ``text``; never raises, faults are in ``flaws``."""
    if len(text) > LARGEST:
        return _flawed(Place(1, 1), "the file is far too large", "Give the name of a hotline.yaml")
    last_line = max(1, len(text.splitlines()))
    try:
        builder = _Builder()
        builder.build(YAML(typ="safe", pure=True).parse(text))
        document = builder.document
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(min(mark.line + 1, last_line), mark.column + 1) if mark else Place(1, 1)
        document = _flawed(place, *_explain(error, text.splitlines()))
    except YAMLError as error:
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        document = _flawed(
            Place(min(line, last_line), 1),
            "there is an invisible control character in this line",
            "Write the line again",
        )
    if document.data is None and not document.flaws:
        document.flaws.append(
            Flaw(
                Place(1, 1),
                (),
                "the file is empty",
                "Start from a profile: ccops init --profile uz FILE",
            )
        )
    return document


def _flawed(place: Place, message: str, remedy: str) -> Document:
    return Document(flaws=[Flaw(place, (), message, remedy)])


def _explain(error: MarkedYAMLError, lines: list[str]) -> tuple[str, str]:
    """The parser's complaint in words for somebody who does not know its grammar."""
    problem, context = str(error.problem or ""), str(error.context or "")
    started = f" in line {error.context_mark.line + 1}" if error.context_mark else ""
    mark = error.problem_mark
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    if "\\t" in problem or "\t" in line[: len(line) - len(line.lstrip())]:
        return "a tab stands where spaces are expected", "Indent with spaces only"
    if "quoted scalar" in context and "end of" in problem:
        return f"the quotation mark opened{started} is never closed", "Close the quotation mark"
    if "escape" in problem:
        return (
            "a backslash in double quotation marks has a meaning of its own",
            "Use single quotation marks around the text",
        )
    if "mapping values are not allowed" in problem:
        return (
            "this colon is not expected here",
            'Put a text that holds a colon in quotation marks ("..."), and indent the entries'
            " of one section equally",
        )
    if "could not find expected ':'" in problem:
        return (
            f"a colon is missing after the name{started}",
            "Write it as NAME: VALUE, with a space after the colon",
        )
    if "flow" in context:
        return (
            f"the bracket opened{started} is not closed properly",
            "Close it and every quotation mark in it, and put a comma between its entries",
        )
    if "cannot start any token" in problem:
        return (
            "a text cannot begin with this character",
            'Put the text in quotation marks ("...")',
        )
    if "expected <block end>" in problem:
        return (
            "this line is not indented like the entries it belongs to",
            "Indent it with as many spaces as the other entries of its section",
        )
    return "this is not YAML", "Look for a missing quotation mark, colon or bracket near this line"


class _Builder:
    """Data from the parser's events. Each ``_node`` takes the events of one node."""

    def __init__(self) -> None:
        self.document = Document()

    def build(self, events: Iterator[Any]) -> None:
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._flaw(
                        event, (), "a second document begins here", "Remove the line with ---"
                    )
                    self.document.data = None
                    return
            elif isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent):
                self.document.data = self._node(event, events, ())
            elif isinstance(event, AliasEvent):
                self._alias(event, ())

    def _node(self, event: Any, events: Iterator[Any], path: Path) -> object:
        self.document.values[path] = _place(event)
        if len(path) > DEEPEST:
            self._flaw(event, path, "too many levels", "Write the section as in a profile")
            self.document.lost.add(path)
            _skip(event, events)
            return None
        if isinstance(event, AliasEvent):
            self._alias(event, path)
            return None
        if event.tag and not str(event.tag).startswith("tag:yaml.org,2002:"):
            self._flaw(event, path, f"{event.tag} is not understood", "Write the value without it")
        if isinstance(event, ScalarEvent):
            value = self._scalar(event, path)
            if value is None:
                del self.document.values[path]  # an empty value is placed in some later line
            return value
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, path)
        return self._sequence(events, path)

    def _scalar(self, event: Any, path: Path) -> str | None:
        plain = event.style is None
        if plain and event.value in _EMPTY:
            return None
        if plain and _OCTAL.fullmatch(event.value):
            self._flaw(
                event,
                path,
                f"{event.value} without quotation marks is a different number to some YAML tools",
                f'Write "{event.value}"',
            )
        return str(event.value)

    def _sequence(self, events: Iterator[Any], path: Path) -> list[object]:
        items: list[object] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self._node(event, events, (*path, len(items))))
        return items

    def _mapping(self, events: Iterator[Any], path: Path) -> dict[str, object]:
        entries: dict[str, object] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._key(event, events, path)
            if key is None:
                _skip(next(events), events)
                continue
            inner = (*path, key)
            if inner in self.document.keys:
                self._flaw(
                    event,
                    inner,
                    f"{key} is already given in line {self.document.keys[inner].line}",
                    "Keep one of the two",
                )
                _skip(next(events), events)
                continue
            self.document.keys[inner] = _place(event)
            entries[key] = self._node(next(events), events, inner)
        return entries

    def _key(self, event: Any, events: Iterator[Any], path: Path) -> str | None:
        if isinstance(event, ScalarEvent) and event.value == "<<" and event.style is None:
            self._flaw(event, path, "merging with << is not understood", "Write the fields out")
            return None
        if isinstance(event, ScalarEvent):
            key = self._scalar(event, path)
            if key is not None:
                return key
        else:
            _skip(event, events)
        self._flaw(event, path, "a name is missing before the colon", "Write it as NAME: VALUE")
        return None

    def _alias(self, event: Any, path: Path) -> None:
        self.document.lost.add(path)
        self._flaw(event, path, f"*{event.anchor} is not understood", "Write the value out")

    def _flaw(self, event: Any, path: Path, message: str, remedy: str) -> None:
        self.document.flaws.append(Flaw(_place(event), path, message, remedy))


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _skip(event: Any, events: Iterator[Any]) -> None:
    """Pass over the rest of a node that began with ``event``."""
    depth = int(isinstance(event, MappingStartEvent | SequenceStartEvent))
    while depth:
        event = next(events)
        depth += isinstance(event, MappingStartEvent | SequenceStartEvent)
        depth -= isinstance(event, MappingEndEvent | SequenceEndEvent)
