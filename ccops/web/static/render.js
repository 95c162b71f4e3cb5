// One picture of the hotline onto the page.

import { renderChart } from "./chart.js";
import { h, icon, reconcile, setData, setText } from "./dom.js";
import { count, dateTime, duration, NONE, share, shortTime, t, target } from "./format.js";
import { setting } from "./setting.js";
import { lineName, reasonText, told, who } from "./words.js";
import { mood, now, tickSince } from "./ticking.js";

const $ = (id) => document.getElementById(id);
const BUSY_FIRST = ["ringing", "talking", "wrap_up", "ready", "paused", "unreachable", "logged_out"];
const LOGGED_IN = new Set(BUSY_FIRST.filter((state) => state !== "logged_out"));

export function render(picture) {
  const waiting = picture.queues.flatMap((queue) => queue.waiting.map((caller) => ({ ...caller, queue: queue.name })));
  waiting.sort((one, other) => one.joined_at.localeCompare(other.joined_at));
  renderBanners(picture);
  renderTiles(picture, waiting);
  renderWaiting(waiting);
  renderQueues(picture);
  renderOperators(picture.operators);
  renderSubLines(picture.today);
  renderChart($("chart"), picture.today);
}

let alarmed = "";
let shown = "";

function renderBanners({ health, disturbances }) {
  const troubles = health.parts.filter((part) => part.state !== "up").map((part) => ({
    ...part,
    message: t(`health.${part.part}.${part.code}.message`, part.parameters),
    remedy: t(`health.${part.part}.${part.code}.remedy`, part.parameters),
  }));
  const looks = JSON.stringify([troubles, disturbances]);
  if (looks === shown) return;
  shown = looks;
  $("banners").replaceChildren(...disturbances.map(announced), ...troubles.map((trouble) => banner(
    trouble.state, trouble.message, trouble.remedy, t("page.since", { time: shortTime(Date.parse(trouble.since)) }),
  )));
  // Told aloud when another trouble comes, not with each second that an old one lasts.
  const kinds = [...disturbances.map((each) => each.id), ...troubles.map((trouble) => `${trouble.part} ${trouble.code}`)].join();
  const words = [...disturbances.map((each) => `${headline(each)}. ${reasonText(each)}`), ...troubles.map((trouble) => `${trouble.message}. ${trouble.remedy}`)];
  if (kinds !== alarmed) setText($("alarm"), words.join(" "));
  alarmed = kinds;
}

const headline = (each) => t("disturbance.banner", { line: lineName(each.line) });

/** A disturbance that callers are told of, with the way to where it is ended. */
function announced(each) {
  const box = banner("announced", headline(each), reasonText(each),
    t("disturbance.since", { time: dateTime(each.started_at, now()), by: who(each.started_by) }));
  if (each.stops_calls) box.lastChild.firstChild.append(h("span", { class: "mark stopped" }, t("disturbance.stopped")));
  box.lastChild.lastChild.before(h("p", {}, told(each)));
  box.lastChild.append(h("p", {}, h("a", { href: "/service" }, t("disturbance.manage"))));
  return box;
}

/** A message that says what is wrong, what it means and what to do. */
export function banner(state, message, remedy, since) {
  return h("section", { class: `banner ${state}` }, icon("alert"),
    h("div", {}, h("h2", {}, message), h("p", {}, remedy), h("p", { class: "since" }, since)));
}

function tile(id, value, note, feeling = "") {
  const element = $(`tile-${id}`);
  const figure = element.querySelector("[data-value]");
  const parts = Array.isArray(value) ? value : [value];
  if (figure.textContent !== parts.join("")) {
    figure.replaceChildren(parts[0], ...parts.slice(1).map((part) => h("small", {}, part)));
  }
  setText(element.querySelector("[data-note]"), note);
  setData(element, "mood", feeling);
  return element;
}

function shareTile(id, value, goal, note) {
  const feeling = value === null ? "" : value >= goal ? "good" : value >= goal - 0.1 ? "warn" : "bad";
  const meter = tile(id, share(value), note, feeling).querySelector("[data-meter]");
  meter.hidden = value === null;
  meter.style.setProperty("--share", `${100 * (value ?? 0)}%`);
  meter.style.setProperty("--target", `${100 * goal}%`);
}

function renderTiles({ operators, today }, waiting) {
  const first = waiting[0];
  const wait = first ? (now() - Date.parse(first.joined_at)) / 1000 : 0;
  const tileWaiting = tile("waiting", count(waiting.length), first ? "" : t("waiting.empty"),
    first ? mood(wait, setting.queues[first.queue]?.serviceLevel) : "");
  if (first) {
    const clock = h("b");
    tickSince(clock, first.joined_at);
    tileWaiting.querySelector("[data-note]").replaceChildren(`${t("tile.longest")} `, clock);
  }

  const states = (state) => operators.filter((operator) => operator.state === state).length;
  const loggedIn = operators.filter((operator) => LOGGED_IN.has(operator.state)).length;
  const ready = states("ready");
  tile("operators", [count(ready), ` / ${count(loggedIn)}`],
    `${t("operator.state.talking")}: ${count(states("talking"))} · ${t("operator.state.paused")}: ${count(states("paused"))}`,
    loggedIn === 0 && waiting.length ? "bad" : "");

  const total = today?.total;
  const served = total && total.self_served + total.left_in_menu;
  tile("incoming", count(total?.incoming), total ? t("tile.menu_only", { count: count(served) }) : "");
  shareTile("answered", total?.answered_share ?? null, setting.targets.answered,
    total ? t("tile.of_target", { count: count(total.answered), target: target(setting.targets.answered) }) : "");
  shareTile("level", total?.service_level ?? null, setting.targets.inTime,
    total ? t("tile.of_target", { count: count(total.in_time), target: target(setting.targets.inTime) }) : "");
  const short = total ? t("tile.short", { count: count(total.lost_short) }) : "";
  tile("lost", count(total?.lost), total?.deferred ? `${short} · ${t("tile.callbacks", { count: count(total.deferred) })}` : short);
  tile("wait", duration(total?.mean_wait), total ? t("tile.longest_today", { time: duration(total.max_wait) }) : "");
  tile("talk", duration(total?.mean_talk), total ? t("tile.answered_calls", { count: count(total.answered) }) : "");
}

function renderWaiting(waiting) {
  $("waiting").hidden = waiting.length === 0;
  $("waiting-empty").hidden = waiting.length > 0;
  setText($("waiting-count"), waiting.length ? count(waiting.length) : "");
  reconcile($("waiting").tBodies[0], waiting, (caller) => caller.call,
    () => h("tr", { class: "arrives" },
      h("td", {}, h("span", { class: "place" })),
      h("td", {}, h("span", { class: "phone" }), h("span", { class: "small-only" })),
      h("td", { class: "minor" }), h("td", { class: "minor" }), h("td", { class: "num" }, h("time"))),
    (row, caller) => {
      const [place, number, queue, language, wait] = row.cells;
      setText(place.firstChild, count(caller.position));
      const spoken = setting.languages[caller.language] ?? caller.language;
      setText(number.firstChild, caller.number || t("waiting.withheld"));
      setText(number.lastChild, `${queueName(caller.queue)} · ${spoken}`);
      setText(queue, queueName(caller.queue));
      setText(language, spoken);
      tickSince(wait.firstChild, caller.joined_at, setting.queues[caller.queue]?.serviceLevel);
    });
}

function renderQueues({ queues, today }) {
  reconcile($("queues").tBodies[0], queues, (queue) => queue.name,
    () => h("tr", {}, h("th", { scope: "row" }), h("td", { class: "num" }), h("td", { class: "num" }, h("time")),
      h("td", { class: "num" }), ...Array.from({ length: 3 }, () => h("td", { class: "num minor" }))),
    (row, queue) => {
      const [name, waiting, longest, ready, talking, answered, inTime] = row.cells;
      const known = setting.queues[queue.name];
      const figures = today?.by_queue[queue.name] ?? today?.by_queue[known?.queue];
      const first = queue.waiting.map((caller) => caller.joined_at).sort()[0];
      setText(name, queueName(queue.name));
      setText(waiting, count(queue.waiting.length));
      waiting.classList.toggle("none", queue.waiting.length === 0);
      tickSince(longest.firstChild, first, known?.serviceLevel);
      if (!first) setText(longest.firstChild, NONE);
      setText(ready, `${count(queue.operators_ready)} / ${count(queue.operators_logged_in)}`);
      setText(talking, count(queue.talking));
      setText(answered, share(figures?.answered_share));
      setText(inTime, share(figures?.service_level));
    });
}

function renderOperators(operators) {
  const sorted = [...operators].sort((one, other) =>
    BUSY_FIRST.indexOf(one.state) - BUSY_FIRST.indexOf(other.state) || one.name.localeCompare(other.name, setting.language));
  $("operators-empty").hidden = operators.length > 0;
  setText($("operator-count"), t("operator.logged_in", {
    count: count(operators.filter((operator) => LOGGED_IN.has(operator.state)).length), all: count(operators.length),
  }));
  reconcile($("operators"), sorted, (operator) => operator.id, makeOperator, renewOperator);
}

function makeOperator() {
  return h("li", {}, h("span", { class: "badge" }),
    h("div", {}, h("p", { class: "who" }), h("p", { class: "doing" }, h("b"), h("span"))),
    h("p", { class: "tally" }, h("time"), h("span")));
}

function renewOperator(row, operator) {
  const [badge, middle, tally] = row.children;
  if (row.dataset.state !== operator.state) badge.replaceChildren(icon(operator.state));
  setData(row, "state", operator.state);
  setText(middle.firstChild, operator.name);
  const [state, detail] = middle.lastChild.children;
  setText(state, t(`operator.state.${operator.state}`));
  const reason = operator.state === "paused" ? (setting.reasons[operator.reason] ?? operator.reason) : "";
  setText(detail, [reason, operator.id].filter(Boolean).join(" · "));
  tickSince(tally.firstChild, operator.since);
  setText(tally.lastChild, t("operator.calls", { count: count(operator.calls_today) }));
}

function renderSubLines(today) {
  const rows = Object.keys(setting.subLines).map((name) => [name, today?.by_sub_line[name] ?? (today ? undefined : null)]);
  reconcile($("sub-lines").tBodies[0], rows, ([name]) => name, makeSubLine, (row, [name, figures]) => {
    const line = setting.subLines[name];
    if (row.cells[0].childElementCount === 0) {
      row.cells[0].append(h("span", { class: "named" }, h("span", { class: "label" }, line.label), h("span", {}, line.name)));
    }
    renewFigures(row, figures);
  });
  reconcile($("sub-lines").tFoot, rows.length > 1 ? ["total"] : [], (key) => key, makeSubLine, (row) => {
    setText(row.cells[0], t("sub_line.total"));
    renewFigures(row, today?.total);
  });
}

const MINOR = new Set([1, 3, 5, 6]); // answered, in time, mean wait and talk: not on a small screen

function makeSubLine() {
  return h("tr", {}, h("th", { scope: "row" }),
    ...Array.from({ length: 7 }, (_, index) => h("td", { class: MINOR.has(index) ? "num minor" : "num" })));
}

const EMPTY = { incoming: 0, answered: 0, lost: 0, answered_share: null, service_level: null, mean_wait: null, mean_talk: null };

function renewFigures(row, given) {
  const figures = given === undefined ? EMPTY : given;
  const texts = [
    count(figures?.incoming), count(figures?.answered), share(figures?.answered_share), share(figures?.service_level),
    count(figures?.lost), duration(figures?.mean_wait), duration(figures?.mean_talk),
  ];
  texts.forEach((text, index) => setText(row.cells[index + 1], text));
}

const queueName = (name) => setting.queues[name]?.name ?? name;
