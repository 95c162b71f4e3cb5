"""The machine's apt sources, in both formats."""

from __future__ import annotations

from pathlib import Path

from ccops.provision.sources import (
    Source,
    of_release,
    of_unstable,
    parse_deb822,
    parse_list,
    read_sources,
)

DEB822 = """\
Types: deb
# a comment inside
URIs: http://mirror.example/debian https://second.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-bookworm-stable.gpg

Types: deb-src
URIs: http://mirror.example/debian
Suites: bookworm
Components: main

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb deb-src
URIs: https://vendor.example/apt
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF
 -----END PGP PUBLIC KEY BLOCK-----
"""

ONE_LINE = """\
# deb http://commented.example/debian bookworm main
deb http://mirror.example/debian bookworm main contrib  # remark
deb [arch=amd64 signed-by=/etc/own.asc trusted=yes] https://own.example/debian bookworm main
deb-src http://mirror.example/debian bookworm main
deb cdrom:[Debian 12]/ bookworm main
deb file:/srv/mirror bookworm main
"""


def test_deb822_paragraphs_give_one_source_for_each_enabled_mirror() -> None:
    found = parse_deb822(DEB822)

    assert [source.uri for source in found] == [
        "http://mirror.example/debian",
        "https://second.example/debian",
        "https://vendor.example/apt",
    ]
    assert found[0].suites == ("bookworm", "bookworm-updates")
    assert found[0].components == ("main", "contrib")
    assert "BEGIN PGP PUBLIC KEY BLOCK" in found[2].options["signed-by"]


def test_what_is_written_reads_back_the_same() -> None:
    for source in parse_deb822(DEB822):
        assert parse_deb822(source.deb822()) == [source]


def test_one_line_sources_keep_their_key_and_leave_out_what_http_does_not_reach() -> None:
    assert parse_list(ONE_LINE) == [
        Source("http://mirror.example/debian", ("bookworm",), ("main", "contrib")),
        Source(
            "https://own.example/debian",
            ("bookworm",),
            ("main",),
            {"signed-by": "/etc/own.asc", "trusted": "yes"},
        ),
    ]


def test_both_formats_are_read_from_the_machine(tmp_path: Path) -> None:
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text("deb http://a.example/debian trixie main\n")
    (parts / "b.list").write_text("deb http://b.example/debian trixie main\n")
    (parts / "c.sources").write_text(
        "Types: deb\nURIs: http://c.example/debian\nSuites: trixie\nComponents: main\n"
    )
    (parts / "d.sources.off").write_text("Types: deb\nURIs: http://d.example\n")

    found = [source.uri for source in read_sources(tmp_path)]

    assert found == [f"http://{name}.example/debian" for name in "abc"]


def test_a_machine_without_sources_has_none(tmp_path: Path) -> None:
    assert read_sources(tmp_path) == []


def test_sid_is_sought_on_debians_mirrors_before_other_vendors(tmp_path: Path) -> None:
    keyring = tmp_path / "debian-archive-keyring.gpg"
    keyring.touch()
    vendor = Source("https://v.example", ("bookworm",), ("main",), {"signed-by": "/k/vendor.gpg"})
    security = Source("http://m.example/security", ("bookworm-security",), ("main",))
    debian = Source(
        "http://m.example/debian",
        ("bookworm", "bookworm-updates"),
        ("main", "contrib"),
        {"signed-by": "/usr/share/keyrings/debian-archive-bookworm-stable.gpg"},
    )

    found = of_unstable([vendor, security, debian], "bookworm", keyrings=tmp_path)

    assert found == [
        Source("http://m.example/debian", ("sid",), ("main",), {"signed-by": str(keyring)}),
        Source("https://v.example", ("sid",), ("main",), {"signed-by": "/k/vendor.gpg"}),
    ]


def test_the_own_release_comes_with_updates_and_security() -> None:
    sources = [
        Source("http://m.example/ubuntu", ("noble", "noble-updates"), ("main", "restricted")),
        Source("http://m.example/security", ("noble-security",), ("main",)),
        Source("http://m.example/other", ("nodistro",), ("main",)),
        Source("http://m.example/extra", ("noble",), ("partner",)),
    ]

    found = of_release(sources, "noble", ("main", "universe"))

    assert [source.suites for source in found] == [("noble", "noble-updates"), ("noble-security",)]
    assert {source.components for source in found} == {("main", "universe")}
