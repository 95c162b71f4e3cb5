"""From the configuration to Asterisk's files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ccops.asterisk.render import (
    FILES,
    Installation,
    ManagerAccess,
    RenderError,
    asterisk_folders,
    check,
    install,
    render,
)
from ccops.config.model import Hotline
from ccops.config.secrets import Secrets
from ccops.home import Home

CONTENT: dict[str, Any] = {
    "version": 1,
    "organisation": {"name": {"uz": "Vazirlik", "ru": "Министерство"}, "country": "UZ"},
    "time_zone": "Asia/Tashkent",
    "languages": ["uz", "ru"],
    "listen": {"sip": "127.0.0.1:5066", "ami": "127.0.0.1:5044", "agi": "127.0.0.1:4577"},
    "sub_lines": {"main": {"label": "1", "name": {"uz": "Ish", "ru": "Работа"}}},
    "trunks": {"primary": {"host": "192.0.2.10:5060"}},
    "lines": {
        "+99855": {"name": {"uz": "a", "ru": "б"}, "menu": "main", "fallback_queue": "jobs"},
    },
    "menus": {
        "main": {
            "prompt": "main",
            "keys": {"1": {"queue": "jobs"}},
            "otherwise": {"queue": "jobs"},
        }
    },
    "queues": {"jobs": {"name": {"uz": "Ish", "ru": "Работа"}, "sub_line": "main"}},
    "operators": {"201": {"name": "Lola Example", "queues": ["jobs"], "language": "ru"}},
}
SECRETS = Secrets(
    ami="ami-secret",
    api_token="no file holds it",
    sip={"201": "phone-secret", "301": "desk-secret", "citizen": "citizen-secret"},
)
ACCESS = ManagerAccess(
    read=("agent",), write=("agent", "call"), events=("QueueCallerJoin", "QueueCallerLeave")
)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    modules = tmp_path / "modules"
    modules.mkdir()
    for name in ("app_queue", "chan_pjsip", "cel_custom"):
        (modules / f"{name}.so").touch()
    return Installation(modules=modules, share=tmp_path / "share", music=tmp_path / "moh")


def rendered(installation: Installation, home: Home, **changes: Any) -> dict[str, str]:
    hotline = Hotline.model_validate(CONTENT | changes)
    return render(hotline, SECRETS, ACCESS, installation, home)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "h")


def section(content: str, name: str) -> list[str]:
    """Lines of all sections of that name, without comments."""
    found: list[str] = []
    inside = False
    for line in content.splitlines():
        if line.startswith("["):
            inside = line == f"[{name}]"
        elif inside and line and not line.startswith(";"):
            found.append(line)
    return found


def sections(content: str) -> list[str]:
    return [line.strip("[]") for line in content.splitlines() if line.startswith("[")]


def test_every_file_is_rendered_and_parses(installation: Installation, home: Home) -> None:
    files = rendered(installation, home)
    assert set(files) == set(FILES)
    check(files)


def test_ports_and_addresses_come_from_the_configuration(
    installation: Installation, home: Home
) -> None:
    files = rendered(installation, home)
    assert "bind = 127.0.0.1:5066" in section(files["pjsip.conf"], "transport-udp")
    assert "port = 5044" in section(files["manager.conf"], "general")
    assert "agi://127.0.0.1:4577/entry" in files["extensions.conf"]
    assert "match = 192.0.2.10:5060" in files["pjsip.conf"]


def test_the_manager_user_may_do_what_is_used_and_no_more(
    installation: Installation, home: Home
) -> None:
    user = section(rendered(installation, home)["manager.conf"], "ccops")
    assert "read = agent" in user
    assert "write = agent,call" in user
    assert "eventfilter = ^Event: (QueueCallerJoin|QueueCallerLeave)" in user


def test_only_modules_that_exist_are_loaded(installation: Installation, home: Home) -> None:
    loaded = section(rendered(installation, home)["modules.conf"], "modules")
    assert [line for line in loaded if line.startswith("load")] == [
        "load = chan_pjsip.so",
        "load = app_queue.so",
        "load = cel_custom.so",
    ]


def test_each_queue_leads_to_where_no_new_configuration_reaches(
    installation: Installation, home: Home
) -> None:
    """Whoever waits or talks stands in an extension that does not bear the queue's name."""
    dialplan = rendered(installation, home)["extensions.conf"]
    assert section(dialplan, "ccops-queue")[:5] == [
        "exten => jobs,1,Set(CCOPS_QUEUE=jobs)",
        " same => n,Set(CCOPS_MAX_WAIT=3600)",
        " same => n,Set(CCOPS_MAX_CALLERS=1000000)",
        " same => n,Gosub(ccops-skill,jobs,1)",
        " same => n,Goto(ccops-wait,s,1)",
    ]
    waiting = section(dialplan, "ccops-wait")
    assert waiting[0] == "exten => s,1,Set(CCOPS_NEXT=)"
    assert " same => n,Queue(${CCOPS_SKILL},c,,,${CCOPS_MAX_WAIT})" in waiting


def test_where_everybody_speaks_everything_there_is_one_queue(
    installation: Installation, home: Home
) -> None:
    files = rendered(installation, home)
    assert sections(files["queues.conf"]) == ["general", "jobs"]
    assert section(files["extensions.conf"], "ccops-skill") == [
        "exten => jobs,1,Set(CCOPS_SKILL=jobs)",
        " same => n,Return()",
    ]


def test_where_operators_differ_each_language_has_a_queue_of_its_own(
    installation: Installation, home: Home
) -> None:
    lola = {"name": "Lola", "queues": ["jobs"], "languages": ["ru"]}
    files = rendered(installation, home, operators={"201": lola})
    assert sections(files["queues.conf"]) == ["general", "jobs_uz", "jobs_ru"]
    assert "context = ccops-keys" in section(files["queues.conf"], "jobs_ru")
    chosen = section(files["extensions.conf"], "ccops-skill")
    assert chosen[0] == "exten => jobs,1,Set(CCOPS_SKILL=jobs_uz)"
    assert ' same => n,ExecIf($["${CCOPS_LANG}" = "ru"]?Set(CCOPS_SKILL=jobs_ru))' in chosen
    # records and wishes of the caller know the queue of hotline.yaml
    assert "Set(CCOPS_QUEUE=jobs)" in section(files["extensions.conf"], "ccops-queue")[0]


def test_staff_can_be_rung_and_can_ring_the_hotline_only(
    installation: Installation, home: Home
) -> None:
    desk = {"name": "Anvar Example", "title": {"uz": "Bo‘lim", "ru": "Отдел"}}
    files = rendered(installation, home, staff={"301": desk})
    telephone = section(files["pjsip.conf"], "301")
    assert "context = staff" in telephone
    assert "password = desk-secret" in telephone
    assert section(files["extensions.conf"], "staff") == [
        "exten => +99855,1,Goto(incoming,+99855,1)"
    ]


def test_a_line_lets_its_callers_ahead(installation: Installation, home: Home) -> None:
    line = CONTENT["lines"]["+99855"] | {"head_start": 120}
    dialplan = rendered(installation, home, lines={"+99855": line})["extensions.conf"]
    assert " same => n,Set(CCOPS_HEAD_START=120)" in section(dialplan, "incoming")


def test_the_rule_of_ccops_next(installation: Installation, home: Home) -> None:
    """Cleared before every hop; only it decides; AGISTATUS never does (decision 3)."""
    dialplan = rendered(installation, home)["extensions.conf"]
    code = [line for line in dialplan.splitlines() if not line.startswith(";")]
    assert not any("AGISTATUS" in line for line in code)
    for place, line in enumerate(code):
        if "AGI(" in line and "AGISIGHUP" not in line:
            before = code[max(0, place - 3) : place]
            assert any(previous.endswith("Set(CCOPS_NEXT=)") for previous in before), line


def test_a_full_queue_turns_away_newcomers_and_nobody_who_returns(
    installation: Installation, home: Home
) -> None:
    """app_queue itself would turn away everybody; and whoever thought better of a callback, or is
    moved by a new configuration, has waited already."""
    queues = {"jobs": CONTENT["queues"]["jobs"] | {"max_callers": 5}}
    files = rendered(installation, home, queues=queues)
    assert "maxlen = 0" in section(files["queues.conf"], "jobs")
    assert " same => n,Set(CCOPS_MAX_CALLERS=5)" in section(files["extensions.conf"], "ccops-queue")
    waiting = section(files["extensions.conf"], "ccops-wait")
    (full,) = [place for place, line in enumerate(waiting) if "QUEUESTATUS=FULL" in line]
    assert '"${CCOPS_ARRIVED}" = "" & ${QUEUE_WAITING_COUNT(${CCOPS_SKILL})}' in waiting[full]
    (arrived,) = [place for place, line in enumerate(waiting) if "Set(__CCOPS_ARRIVED" in line]
    assert full < arrived, "asked before the caller has arrived"


def test_a_queue_that_has_just_gone_costs_nobody_the_call(
    installation: Installation, home: Home
) -> None:
    """app_queue is reloaded before the dialplan: in between, this leads to a queue that is gone."""
    after = section(rendered(installation, home)["extensions.conf"], "ccops-after")
    assert after[1:4] == [
        ' same => n,GotoIf($["${QUEUESTATUS}" != "UNKNOWN"]?left)',
        " same => n,MusicOnHold(default,1)",
        " same => n,Goto(ccops-again,s,1)",
    ]


def test_a_queue_that_ccops_chose_and_is_gone_is_no_disturbance(
    installation: Installation, home: Home
) -> None:
    """A new configuration has taken it away while the caller listened to a menu, or to the offer of
    a callback. The line's own queue takes the call; the fallback would tell of a disturbance."""
    dialplan = rendered(installation, home)["extensions.conf"]
    next_, again = section(dialplan, "ccops-next"), section(dialplan, "ccops-again")
    assert next_[0] == 'exten => s,1,GotoIf($["${CCOPS_NEXT}" = "queue"]?ccops-again,s,1)'
    assert again[0] == "exten => s,1,Set(CHANNEL(language)=${CCOPS_LANG}${CCOPS_PACE})"
    assert again[-1].endswith(
        "Goto(ccops-queue,${CCOPS_FALLBACK_QUEUE_${FILTER(0-9,${CCOPS_LINE})}},1)"
    )


def test_who_was_promised_a_callback_hears_so_whatever_dies(
    installation: Installation, home: Home
) -> None:
    """And is neither queued nor asked again."""
    then = section(rendered(installation, home)["extensions.conf"], "ccops-next")
    assert then[-3:] == [
        ' same => n,GotoIf($["${CCOPS_NEXT}" != "promised"]?ccops-fallback,s,1)',
        " same => n,Playback(ccops/callback-promised)",
        " same => n(end),Hangup()",
    ]


def test_the_fallback_queue_of_a_number_with_a_plus(installation: Installation, home: Home) -> None:
    dialplan = rendered(installation, home)["extensions.conf"]
    assert "CCOPS_FALLBACK_QUEUE_99855 = jobs" in section(dialplan, "globals")


def test_a_value_cannot_start_a_comment_or_a_line(
    installation: Installation, home: Home, tmp_path: Path
) -> None:
    operator = {"name": 'Lola; "x"', "queues": ["jobs"]}
    files = rendered(installation, home, operators={"201": operator})
    assert "callerid = \"Lola\\; 'x'\" <201>" in files["pjsip.conf"]
    password = tmp_path / "password"
    password.write_text("first\npermit=0.0.0.0/0", encoding="utf-8")
    trunk = {"host": "192.0.2.10:5060", "username": "u", "password_file": str(password)}
    with pytest.raises(RenderError, match="line break"):
        rendered(installation, home, trunks={"primary": trunk})


def test_a_trunk_password_that_cannot_be_read_is_named(
    installation: Installation, home: Home
) -> None:
    trunk = {"host": "192.0.2.10:5060", "username": "u", "password_file": "/nowhere/secret"}
    with pytest.raises(RenderError, match=r"trunks\.primary\.password_file"):
        rendered(installation, home, trunks={"primary": trunk})


def test_a_file_that_asterisk_would_not_understand_is_refused() -> None:
    with pytest.raises(RenderError, match=r"queues\.conf"):
        check({"queues.conf": "[general]\nthis is no setting\n"})


def test_install_says_what_changed_and_keeps_secrets_private(
    installation: Installation, home: Home
) -> None:
    files = rendered(installation, home)
    assert set(install(files, home)) == set(FILES)
    assert install(files, home) == []
    queues = {"jobs": CONTENT["queues"]["jobs"] | {"ring": 15}}
    assert install(rendered(installation, home, queues=queues), home) == ["queues.conf"]
    target = asterisk_folders(home)["etc"] / "manager.conf"
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_home_too_deep_for_the_control_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="too long"):
        asterisk_folders(Home(tmp_path / ("x" * 100)))


def test_what_a_caller_says_of_himself_is_filtered_first(
    installation: Installation, tmp_path: Path
) -> None:
    """Anything else would come too late: queue_log, AMI and FastAGI write it as it is."""
    files = rendered(installation, Home(tmp_path))
    incoming = files["extensions.conf"].partition("[incoming]")[2].partition("[ccops-entry]")[0]
    assert incoming.count("Answer()") == 1
    assert incoming.lstrip().startswith(
        "exten => +99855,1,Set(CALLERID(num)=${FILTER(0-9+*#,${CALLERID(num)})})"
    )
    assert "no file holds it" not in "".join(files.values())
