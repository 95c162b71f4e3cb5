// Answered and lost contacts by hour, as stacked bars, with a table for those who do not see them.

import { h, s } from "./dom.js";
import { count, hourOf, shortTime, t } from "./format.js";
import { now } from "./ticking.js";

const HEIGHT = 190;
const TOP = 14;
const BOTTOM = 24;
const LEFT = 36;

let hours = [];
let drawn = "";

export function watchWidth(box) {
  new ResizeObserver(() => draw(box)).observe(box);
}

export function renderChart(box, today) {
  hours = (today?.by_hour ?? []).map((hour) => ({
    start: Date.parse(hour.start), answered: hour.answered, lost: hour.lost,
  }));
  draw(box);
}

function draw(box) {
  const width = Math.max(280, box.clientWidth - 36);
  const current = hours.findLastIndex((hour) => hour.start <= now());
  const state = JSON.stringify([width, current, hours]);
  if (state === drawn) return;
  drawn = state;

  const top = roundUp(Math.max(4, ...hours.map((hour) => hour.answered + hour.lost)));
  const y = (value) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const step = (width - LEFT) / Math.max(1, hours.length);
  const picture = s("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, "aria-hidden": "true" });
  hours.forEach((hour, index) => picture.append(bar(hour, index, current, step, y)));
  for (const value of [0, top / 2, top]) {
    picture.prepend(s("line", { class: "grid", x1: LEFT, x2: width, y1: y(value), y2: y(value) }));
    picture.append(s("text", { x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, count(value)));
  }
  box.replaceChildren(picture, table());
}

function bar(hour, index, current, step, y) {
  const left = LEFT + index * step;
  const wide = Math.min(34, step * 0.64);
  const x = left + (step - wide) / 2;
  const floor = y(0);
  const group = s("g", {}, s("title", {}, words(hour)), s("rect", {
    class: index === current ? "slot now" : "slot", x: left, y: TOP - 8, width: step, height: floor - TOP + 8, rx: 4,
  }));
  const answered = y(hour.answered);
  const both = y(hour.answered + hour.lost);
  if (hour.answered) group.append(s("rect", { class: "answered", x, y: answered, width: wide, height: floor - answered, rx: 2 }));
  if (hour.lost) group.append(s("rect", { class: "lost", x, y: both, width: wide, height: Math.max(1, answered - both - 1), rx: 2 }));
  const every = step < 16 ? 4 : step < 26 ? 3 : step < 34 ? 2 : 1;
  if (index % every === 0) {
    group.append(s("text", {
      class: index === current ? "now" : "", x: left + step / 2, y: HEIGHT - 6, "text-anchor": "middle",
    }, String(hourOf(hour.start))));
  }
  return group;
}

function table() {
  const head = h("tr", {}, h("th", { scope: "col" }, t("hours.hour")),
    h("th", { scope: "col" }, t("figure.answered")), h("th", { scope: "col" }, t("figure.lost")));
  const rows = hours.map((hour) => h("tr", {}, h("th", { scope: "row" }, shortTime(hour.start)),
    h("td", {}, count(hour.answered)), h("td", {}, count(hour.lost))));
  return h("div", { class: "unseen" }, h("table", {}, h("caption", {}, t("hours.heading")),
    h("thead", {}, head), h("tbody", {}, ...rows)));
}

const words = (hour) =>
  `${shortTime(hour.start)} · ${t("figure.answered")}: ${count(hour.answered)} · ${t("figure.lost")}: ${count(hour.lost)}`;

/** The next round number whose half is a whole one. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const candidates = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].map((factor) => Math.round(factor * power));
  return candidates.find((candidate) => candidate >= value && candidate % 2 === 0);
}
