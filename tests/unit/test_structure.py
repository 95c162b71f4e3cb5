"""The structure that docs/architecture.md promises, checked from the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ccops"

LEAVES = {
    "",
    "clock",
    "numbers",
    "errors",
    "tasks",
    "log",
    "metrics",
    "home",
    "i18n",
    "config",
    "resources",
}
"""Importable by all; they import each other only ('' is the package's own version)."""

MAY_IMPORT: dict[str, set[str]] = {
    **dict.fromkeys(LEAVES, LEAVES),
    "domain": LEAVES | {"domain"},
    "asterisk": LEAVES | {"domain", "asterisk"},
    "store": LEAVES | {"domain", "store"},
    "prompts": LEAVES | {"domain", "prompts"},
    "services": LEAVES | {"domain", "services"},
    "web": LEAVES | {"domain", "services", "web"},
    "simulator": LEAVES | {"domain", "asterisk", "prompts", "provision", "simulator"},
    "provision": {"errors", "home", "provision"},
    "preflight": LEAVES,
    "supervisor": set(),
    "heartbeat": {"", "errors"},
    "fallback": set(),
}
"""Part → parts it may import."""

COMPOSITION = {"app", "commands", "prepare", "reception", "launch", "__main__"}
"""These put everything together and may know all; nobody else may know them."""

ONLY_IN = {
    "panoramisk": {"asterisk"},
    "asterisk.agi": {"fallback"},
    "asterisk.config": {"asterisk"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "prometheus_client": {"metrics", "web"},
}
"""Third-party package → the parts that may import it."""

LONGEST_FILE = 400


def modules() -> Iterator[tuple[str, Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        inner = path.relative_to(PACKAGE).with_suffix("")
        part = "" if inner.parts == ("__init__",) else inner.parts[0]
        yield part, path, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            yield node.module
            if node.module == "ccops":
                yield from (f"ccops.{alias.name}" for alias in node.names)


MODULES = list(modules())
IDS = [str(path.relative_to(ROOT)) for _, path, _ in MODULES]


@pytest.mark.parametrize(("part", "path", "tree"), MODULES, ids=IDS)
def test_imports_point_one_way(part: str, path: Path, tree: ast.Module) -> None:
    if part in COMPOSITION:
        return
    assert part in MAY_IMPORT, f"say in MAY_IMPORT what {part} may import"
    for name in imports(tree):
        if name.startswith("ccops."):
            other = name.split(".")[1]
            known = other if other in MAY_IMPORT or other in COMPOSITION else ""
            assert known in MAY_IMPORT[part], f"{path.name} imports {name}"
        for package, parts in ONLY_IN.items():
            if name == package or name.startswith(f"{package}."):
                assert part in parts, f"{path.name} imports {name}"


@pytest.mark.parametrize(("part", "path", "tree"), MODULES, ids=IDS)
def test_tasks_have_an_owner(part: str, path: Path, tree: ast.Module) -> None:
    """A bare create_task loses its exception; only ccops.tasks starts tasks."""
    if part == "tasks":
        return
    calls = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("create_task", "ensure_future")
    ]
    assert not calls, f"{path.name}: lines {calls}"


@pytest.mark.parametrize("path", [path for _, path, _ in MODULES], ids=IDS)
def test_files_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, "one big module is never the way"
