// What is announced, the form that announces, and what was announced before.

import { command, complain, signedIn } from "./access.js";
import { makeCase, renewCase } from "./cases.js";
import { h, icon, reconcile, setText } from "./dom.js";
import { dateTime, t } from "./format.js";
import { say } from "./said.js";
import { setting } from "./setting.js";
import { now } from "./ticking.js";
import { lineName, reasonText, stamp, told, who } from "./words.js";

const $ = (id) => document.getElementById(id);
const form = $("start");
const STANDARD = ["technical", "power", "network", "data", "calls"];

export function renderDisturbances({ in_force: current, past }) {
  $("disturbances-empty").hidden = current.length > 0;
  $("past-empty").hidden = past.length > 0;
  reconcile($("disturbances"), current, (each) => each.id, makeCurrent, renewCurrent);
  reconcile($("past"), past, (each) => each.id,
    () => makeCase("", [h("p"), h("p", { class: "hint" })]),
    (item, each) => {
      renewCase(item, lineName(each.line));
      const [, reason, span] = item.firstElementChild.children;
      setText(reason, reasonText(each) || t("disturbance.no_reason"));
      setText(span, `${stamp(each.started_at, each.started_by)} → ${stamp(each.ended_at, each.ended_by)}`);
    });
}

function makeCurrent(each) {
  return makeCase(icon("alert"), [
    h("p"), h("p", { class: "mark stopped" }, t("disturbance.stopped")), h("p"), h("p", { class: "hint" }),
    h("details", {}, h("summary", {}, t("disturbance.heard")), h("dl")),
  ], { word: t("disturbance.end"), address: `/api/v1/disturbances/${each.id}/end`, done: t("disturbance.ended_now") });
}

function renewCurrent(item, each) {
  renewCase(item, lineName(each.line), `${t("disturbance.end")}: ${lineName(each.line)}`);
  const [, reason, stopped, until, since, heard] = item.children[1].children;
  setText(reason, reasonText(each) || t("disturbance.no_reason"));
  stopped.hidden = !each.stops_calls;
  setText(until, told(each));
  until.classList.toggle("overdue", each.overdue);
  setText(since, t("disturbance.since", { time: dateTime(each.started_at, now()), by: who(each.started_by) }));
  const words = Object.entries(each.heard).flatMap(([language, text]) => [
    h("dt", {}, setting.languages[language]), h("dd", { lang: language }, text)]);
  if (heard.lastChild.textContent !== words.map((word) => word.textContent).join("")) heard.lastChild.replaceChildren(...words);
}

function option(value, text) {
  return h("option", { value }, text);
}

function reasons() {
  const own = Object.entries(setting.ownReasons).map(([name, text]) => option(name, `${name} · ${text.slice(0, 60)}`));
  $("reason").append(
    h("optgroup", { label: t("disturbance.standard") }, ...STANDARD.map((name) => option(`reason-${name}`, t(`reason.${name}`)))),
    option("", t("disturbance.no_reason")),
    ...(own.length ? [h("optgroup", { label: t("disturbance.own") }, ...own)] : []),
  );
}

function showKind() {
  const own = form.elements.kind.value === "texts";
  $("by-text").hidden = !own;
  $("by-reason").hidden = own;
  for (const area of form.querySelectorAll("textarea")) area.required = own;
}

form.addEventListener("change", showKind);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  complain(form);
  const button = form.querySelector("[type=submit]");
  const own = form.elements.kind.value === "texts";
  const texts = Object.fromEntries([...form.querySelectorAll("textarea")].map((area) => [area.dataset.language, area.value]));
  button.disabled = true;
  try {
    await command("/api/v1/disturbances", {
      line: form.elements.line.value,
      reason: own ? "" : form.elements.reason.value,
      texts: own ? texts : {},
      stops_calls: form.elements.stops.checked,
      // A time of the hotline's own clock: the server knows the zone.
      resumes_at: form.elements.resumes.value || null,
    });
    form.reset();
    showKind();
    say(t("disturbance.switched_on"));
  } catch (error) {
    complain(form, error.message);
  }
  button.disabled = !signedIn();
});

reasons();
showKind();
