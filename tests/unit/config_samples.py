"""A small good file to spoil."""

from __future__ import annotations

GOOD = """\
version: 1
organisation:
  name: {uz: Vazirlik, ru: Министерство}
  country: UZ
time_zone: Asia/Tashkent
languages: [uz, ru]
sub_lines:
  work: {label: "1", name: {uz: Ish, ru: Работа}}
lines:
  "1176": {name: {uz: Telefon, ru: Телефон}, menu: main, fallback_queue: jobs}
menus:
  main:
    prompt: main-menu
    keys:
      1: {queue: jobs}
      2: {menu: info}
      "*": {do: language}
    otherwise: {queue: jobs}
  info:
    prompt: info-menu
    keys: {0: {queue: jobs}, 1: {say: hours}, "*": {do: back}}
    otherwise: {do: back}
queues:
  jobs:
    name: {uz: Bandlik, ru: Занятость}
    sub_line: work
    ring: 20
operators:
  201: {name: Dilnoza Ergasheva, queues: [jobs]}
  202: {name: Sherzod Qodirov, queues: [jobs], language: ru}
pause_reasons:
  1: {id: lunch, name: {uz: Tushlik, ru: Обед}}
voices:
  uz: {name: uz}
  ru: {name: ru}
prompts:
  main-menu: {uz: Bir, ru: Один}
  info-menu: {uz: Ikki, ru: Два}
  hours: {uz: Ish vaqti, ru: Время работы}
simulator: {}
calendars:
  week-days:
    week: {mon-fri: "09:00-13:00, 14:00-18:00", sat: closed}
    days: {03-21: {name: {uz: Navroʻz, ru: Навруз}}, 2026-12-31: {hours: "09:00-12:00"}}
offices: week-days
staff:
  301: {name: Karim Aliyev, title: {uz: Qabulxona, ru: Приёмная}}
"""
