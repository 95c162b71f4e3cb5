// What is announced, the form that announces, and what was announced before.

import { command, complain, signedIn } from "./access.js";
import { h, icon, reconcile, setText } from "./dom.js";
import { dateTime, t } from "./format.js";
import { setting } from "./setting.js";
import { now } from "./ticking.js";
import { lineName, reasonText, told, who } from "./words.js";

const $ = (id) => document.getElementById(id);
const form = $("start");
const STANDARD = ["technical", "power", "network", "data", "calls"];

export function renderDisturbances({ in_force: current, past }) {
  $("disturbances-empty").hidden = current.length > 0;
  reconcile($("disturbances"), current, (each) => each.id, makeCase, renewCase);
  $("past").hidden = past.length === 0;
  $("past-empty").hidden = past.length > 0;
  reconcile($("past").tBodies[0], past, (each) => each.id,
    () => h("tr", {}, h("th", { scope: "row" }), h("td"), h("td"), h("td")),
    (row, each) => {
      const texts = [lineName(each.line), reasonText(each) || t("disturbance.no_reason"),
        t("block.lifted", { time: dateTime(each.started_at, now()), by: who(each.started_by) }),
        t("block.lifted", { time: dateTime(each.ended_at, now()), by: who(each.ended_by) })];
      texts.forEach((text, index) => setText(row.cells[index], text));
    });
}

function makeCase(each) {
  const end = h("button", { type: "button", "data-command": "" }, t("disturbance.end"));
  end.setAttribute("aria-label", `${t("disturbance.end")}: ${lineName(each.line)}`);
  const item = h("li", {}, icon("alert"),
    h("div", {}, h("h3"), h("p", { class: "reason" }), h("p", { class: "told" }), h("p", { class: "hint" }),
      h("details", {}, h("summary", {}, t("disturbance.heard")), h("dl")), h("p", { class: "error", role: "alert", hidden: "" })),
    end);
  end.addEventListener("click", async () => {
    complain(item);
    end.disabled = true;
    try {
      await command(`/api/v1/disturbances/${each.id}/end`);
      setText($("said"), t("disturbance.ended_now"));
    } catch (error) {
      complain(item, error.message);
    }
    end.disabled = !signedIn();
  });
  return item;
}

function renewCase(item, each) {
  const [heading, reason, until, since, heard] = item.children[1].children;
  setText(heading, lineName(each.line));
  setText(reason, [reasonText(each) || t("disturbance.no_reason"), each.stops_calls ? t("disturbance.stopped") : ""].filter(Boolean).join(" · "));
  setText(until, told(each));
  until.classList.toggle("overdue", each.overdue);
  setText(since, t("disturbance.since", { time: dateTime(each.started_at, now()), by: who(each.started_by) }));
  const words = Object.entries(each.heard).flatMap(([language, text]) => [
    h("dt", {}, setting.languages[language]), h("dd", { lang: language }, text)]);
  if (heard.lastChild.textContent !== words.map((word) => word.textContent).join("")) heard.lastChild.replaceChildren(...words);
  item.lastChild.disabled = !signedIn();
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
    setText($("said"), t("disturbance.switched_on"));
  } catch (error) {
    complain(form, error.message);
  }
  button.disabled = !signedIn();
});

reasons();
showKind();
