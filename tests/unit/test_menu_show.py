"""``ccops menu show``: the whole of each line, in eighty columns, without colour."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from ccops.commands.menu import app
from ccops.config.loader import load
from ccops.config.profiles import PROFILES, write_profile
from ccops.errors import CcopsError
from tests.unit.config_samples import GOOD

LONG = "Biz sizga qoʻngʻiroq qilishimiz uchun birni bosing. Qayta tinglash uchun toʻqqizni."
NIGHT = """\
  night:
    prompt: night-menu
    keys: {1: {do: callback}, 2: {menu: info}, 3: {say: hours}}
    repeats: 0
    otherwise: {do: hangup}
"""
RICHER = (
    GOOD.replace(
        "menu: main, fallback_queue: jobs}",
        "menu: main, fallback_queue: jobs, hours: week-days, closed_menu: night, head_start: 30}",
    )
    .replace("menus:\n", f"menus:\n{NIGHT}")
    .replace(
        "      2: {menu: info}\n",
        "      2: {menu: info}\n      3: {staff: 301}\n      4: {queue: jobs, head_start: 60}\n"
        "      5: {do: offices}\n",
    )
    .replace("1: {say: hours}, ", "1: {say: hours}, 2: {menu: main}, ")
    .replace("language: ru}", "language: ru, languages: [ru]}")
    .replace("{uz: Ish vaqti, ", '{uz: "Ish vaqti: dushanbadan jumagacha.", ')
    .replace("prompts:\n", f"prompts:\n  night-menu: {{uz: {LONG}, ru: Ночь}}\n")
)

SHOWN = """\
1176  Telefon
├── open mon-fri 09:00-13:00 14:00-18:00; waiting is free (as if 30 s earlier)
├── greeting: 1 uz, 2 ru; remembered for 90 days
├── menu main
│   ├── “Bir”
│   ├── 1  queue jobs: Bandlik
│   ├── 2  menu info
│   │   ├── “Ikki”
│   │   ├── 0  queue jobs: Bandlik
│   │   ├── 1  hear hours  “Ish vaqti: dushanbadan jumagacha.”
│   │   ├── 2  menu main (comes back to it)
│   │   ├── *  back
│   │   └── silence  back
│   ├── 3  staff 301: Qabulxona
│   ├── 4  queue jobs (as if 60 s earlier): Bandlik
│   ├── 5  hear whether the offices are open
│   ├── *  choose the language
│   └── silence  queue jobs: Bandlik
└── while closed: menu night
    ├── “Biz sizga qoʻngʻiroq qilishimiz uchun birni bosing. Qayta tinglash uch…
    ├── 1  leave a number to be called back
    ├── 2  menu info (shown above)
    ├── 3  hear hours  “Ish vaqti: dushanbadan jumagacha.”
    └── silence, said once  end of the call

In every menu that gives them no other meaning
  0        operator, in the line's own queue
  *        back; from the first menu: choose the language
  9        hear again
  8        choose the language
  7        speak slower, or as usual again
  silence  the menu is said 3 times, then operator

Queues
  jobs  Bandlik  operators by language: uz 1, ru 2

Staff
  301  Qabulxona, Karim Aliyev  mon-fri 09:00-13:00 14:00-18:00

Calendars
  week-days  mon-fri 09:00-13:00 14:00-18:00; 2 days differ
"""


def show(config: Path, *options: str) -> str:
    result = CliRunner().invoke(
        app, ["show", "--config", str(config), *options], env={"COLUMNS": "80"}
    )
    if result.exception is not None:
        raise result.exception
    return "".join(f"{line.rstrip()}\n" for line in result.stdout.rstrip().splitlines())


@pytest.fixture
def richer(tmp_path: Path) -> Path:
    path = tmp_path / "hotline.yaml"
    path.write_text(RICHER, encoding="utf-8")
    return path


def test_all_of_a_line_is_shown(richer: Path) -> None:
    assert show(richer) == SHOWN


def test_another_language_is_shown_in_its_texts(richer: Path) -> None:
    shown = show(richer, "--language", "ru")
    assert "“Один”" in shown
    assert "queue jobs: Занятость" in shown
    assert "Bandlik" not in shown


def test_whole_texts_are_shown_where_wished(richer: Path) -> None:
    shown = show(richer, "--texts")
    assert "…" not in shown
    assert " ".join(shown.replace("│", " ").split()).count(f"“{LONG}”") == 1


def test_a_line_that_is_always_open_says_so(tmp_path: Path) -> None:
    path = tmp_path / "hotline.yaml"
    path.write_text(
        GOOD.replace("fallback_queue: jobs}", "fallback_queue: jobs, wait_is_paid: yes}")
    )
    shown = show(path)
    assert "always open; callers pay for waiting" in shown
    assert "while closed" not in shown


def test_a_line_without_a_closed_menu_says_what_is_told(tmp_path: Path) -> None:
    path = tmp_path / "hotline.yaml"
    path.write_text(
        GOOD.replace("fallback_queue: jobs}", "fallback_queue: jobs, hours: week-days}")
    )
    assert "while closed: when the line opens, then leave a number" in show(path)


@pytest.mark.parametrize("name", PROFILES)
def test_every_menu_of_a_profile_fits_and_is_shown_once(name: str, tmp_path: Path) -> None:
    path = tmp_path / "hotline.yaml"
    write_profile(name, path)
    hotline = load(path)
    for language in hotline.languages:
        shown = show(path, "--language", language)
        assert "\x1b" not in shown, "no colour where nobody can see it"
        assert max(map(cell_len, shown.splitlines())) <= 80
        titles = Counter(
            line.rpartition("menu ")[2] for line in shown.splitlines() if "menu " in line
        )
        assert {menu: titles[menu] for menu in hotline.menus} == dict.fromkeys(hotline.menus, 1)
        deepest = max(line.count("│   ") + line.count("    ") for line in shown.splitlines())
        assert deepest >= 3, "menus of three levels"


def test_only_one_line_is_shown_where_wished(tmp_path: Path) -> None:
    path = tmp_path / "hotline.yaml"
    second = (
        '  "1177": {name: {uz: Boshqa, ru: Другой}, menu: info, fallback_queue: jobs}\nmenus:\n'
    )
    path.write_text(GOOD.replace("menus:\n", second, 1).replace("{do: back}\n", "{do: operator}\n"))
    assert "1177  Boshqa" in show(path)
    only = show(path, "--line", "1177")
    assert only.startswith("1177  Boshqa\n")
    assert "1176" not in only


@pytest.mark.parametrize(
    ("option", "value", "remedy"), [("--line", "1", "1176"), ("--language", "kk", "uz, ru")]
)
def test_what_is_not_there_is_said_with_what_is(
    option: str, value: str, remedy: str, richer: Path
) -> None:
    with pytest.raises(CcopsError, match=value) as caught:
        show(richer, option, value)
    assert remedy in caught.value.remedy
