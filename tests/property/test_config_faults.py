"""Whatever somebody does to a good file, ``check`` answers with faults that can be acted on."""

from __future__ import annotations

import copy
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from ccops.config.faults import ConfigFaults
from ccops.config.loader import check, load
from ccops.config.profiles import PROFILES, profile_text

Steps = tuple[str | int, ...]

TEXTS = {name: profile_text(name) for name in PROFILES}
TREES: dict[str, Any] = {name: YAML(typ="safe").load(text) for name, text in TEXTS.items()}

JARGON = ("input should", "valid dictionary", "pydantic", "nonetype", "type=", "value error")

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 70000),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.sampled_from(["jobs", "main", "*", "0", "no", "uz", "127.0.0.1:5060", "10000-10100"]),
    st.sampled_from(["offices", "301", "operator", "09:00-18:00", "closed", "mon-fri", "02-30"]),
)
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.dictionaries(st.text(max_size=5), SCALARS, max_size=3),
)


def nodes(tree: Any, at: Steps = ()) -> list[Steps]:
    inner: list[tuple[str | int, Any]] = []
    if isinstance(tree, dict):
        inner = list(tree.items())
    elif isinstance(tree, list):
        inner = list(enumerate(tree))
    return [at, *(found for step, value in inner for found in nodes(value, (*at, step)))]


NODES = {name: nodes(tree)[1:] for name, tree in TREES.items()}


def holds(owner: Any, step: str | int) -> bool:
    if isinstance(owner, dict):
        return step in owner
    return isinstance(owner, list) and isinstance(step, int) and step < len(owner)


@st.composite
def spoilt_trees(draw: st.DrawFn) -> str:
    """A profile with some nodes deleted, replaced, or given another name."""
    name = draw(st.sampled_from(PROFILES))
    tree = copy.deepcopy(TREES[name])
    for steps in draw(st.lists(st.sampled_from(NODES[name]), min_size=1, max_size=4)):
        owner = tree
        for step in steps[:-1]:
            owner = owner[step] if holds(owner, step) else None
        last = steps[-1]
        if not holds(owner, last):
            continue  # an earlier change took it away
        match draw(st.sampled_from(["delete", "replace", "rename"])):
            case "delete":
                del owner[last]
            case "rename" if isinstance(owner, dict):
                owner[draw(st.text(max_size=6))] = owner.pop(last)
            case _:
                owner[last] = draw(VALUES)
    stream = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = draw(st.booleans())
    yaml.allow_unicode = True
    yaml.dump(tree, stream)
    return stream.getvalue()


@st.composite
def spoilt_texts(draw: st.DrawFn) -> str:
    """A profile with a piece cut out or something typed into it."""
    text = TEXTS[draw(st.sampled_from(PROFILES))]
    start = draw(st.integers(0, len(text)))
    end = start + draw(st.integers(0, 30))
    typed = draw(st.text(alphabet=st.sampled_from('\t\n :-[]{}",&*!|>%@0a'), max_size=6))
    return text[:start] + typed + text[end:]


def examine(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    faults = check(path)
    last = max(1, len(text.splitlines()))
    for fault in faults:
        assert fault.file == path
        assert 1 <= fault.line <= last
        assert fault.column >= 1
        assert fault.message
        assert fault.remedy
        words = f"{fault.message} {fault.remedy}".casefold()
        assert not any(word in words for word in JARGON)
    if faults:
        with pytest.raises(ConfigFaults):
            load(path)
    else:
        load(path)


calm = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@calm
@given(text=spoilt_trees())
def test_a_spoilt_structure_is_explained(text: str, tmp_path: Path) -> None:
    examine(tmp_path / "hotline.yaml", text)


@calm
@given(text=spoilt_texts())
def test_a_spoilt_text_is_explained(text: str, tmp_path: Path) -> None:
    examine(tmp_path / "hotline.yaml", text)


@calm
@given(raw=st.binary(max_size=200))
def test_any_bytes_are_explained(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "hotline.yaml"
    path.write_bytes(raw)
    assert check(path)
