// Every prompt with its words, where it comes from, how long it plays, and the sound itself.

import { connection } from "./connection.js";
import { h, setText } from "./dom.js";
import { count, NONE, t } from "./format.js";
import { setting } from "./setting.js";
import { tick } from "./ticking.js";

const $ = (id) => document.getElementById(id);
const FAMILIES = [
  ["own", (name) => setting.own.includes(name)],
  ["greeting", (name) => /^(welcome|greeting|language-)/.test(name)],
  ["waiting", (name) => /^(wait|still-busy|queue-full|position-|minutes-|free$|paid$|next|connecting|no-operators|callback-key)/.test(name)],
  ["callback", (name) => name.startsWith("callback-")],
  ["disturbance", (name) => /^(disturbance|reason-|other-channels|resumes|blocked|said-)/.test(name)],
  ["hours", (name) => /^(closed|opens|offices-)/.test(name)],
  ["time", (name) => /^(today|tomorrow|on-|day-|month-|hour-|minute-|digit-)/.test(name)],
  ["operator", (name) => name.startsWith("op-")],
  ["menu", () => true],
];
const ORDER = ["own", "greeting", "menu", "waiting", "callback", "hours", "disturbance", "time", "operator"];

const player = new Audio();
let prompts = [];
let playing = null;

async function load() {
  setText($("tally"), t("prompt.loading"));
  try {
    const response = await fetch("/api/v1/prompts");
    const answer = await response.json();
    if (!response.ok) throw new Error([answer.error.message, answer.error.remedy].join(" "));
    prompts = answer.prompts.map((prompt) => ({
      ...prompt, family: FAMILIES.find(([, holds]) => holds(prompt.name))[0], searched: `${prompt.name} ${prompt.text}`.toLocaleLowerCase(),
    }));
    connection("live", t("page.live"));
    show();
  } catch (error) {
    connection("lost", t("page.lost"));
    setText($("tally"), "");
    setText($("failure"), error instanceof TypeError ? t("page.lost_message") : error.message);
    $("failure").hidden = false;
  }
}

function show() {
  const words = $("search").value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const found = prompts.filter((prompt) => (!$("language").value || prompt.language === $("language").value)
    && (!$("missing").checked || !prompt.recorded)
    && words.every((word) => prompt.searched.includes(word)));
  setText($("tally"), found.length ? t("prompt.tally", {
    shown: count(found.length), all: count(prompts.length), recorded: count(prompts.filter((prompt) => prompt.recorded).length),
  }) : t("prompt.none"));
  const narrowed = words.length > 0;
  $("families").replaceChildren(...ORDER.map((family) => [family, found.filter((prompt) => prompt.family === family)])
    .filter(([, members]) => members.length)
    .map(([family, members]) => section(family, members, narrowed)));
}

function section(family, members, open) {
  const box = h("details", { class: "card family" }, h("summary", {}, h("h2", {}, t(`prompt.family.${family}`)), h("span", { class: "count" }, count(members.length))),
    h("ul", { class: "prompts" }, ...members.map(row)));
  // The long rows of days and numbers are opened by whoever wants them.
  box.open = open || family !== "time";
  return box;
}

function row(prompt) {
  const buttons = prompt.seconds === null ? [h("span", { class: "hint" }, t("prompt.not_made"))]
    : [button(prompt, prompt.language, "", t("prompt.play", { name: prompt.name }))];
  if (prompt.seconds !== null && prompt.slow) buttons.push(button(prompt, `${prompt.language}_slow`, t("prompt.slow"), t("prompt.play_slow", { name: prompt.name })));
  return h("li", {},
    h("p", { class: "id" }, h("code", {}, prompt.name), h("abbr", { title: setting.languages[prompt.language] }, prompt.language.toUpperCase()),
      h("span", { class: prompt.recorded ? "mark studio" : "mark" }, t(prompt.recorded ? "prompt.recorded" : "prompt.voice"))),
    h("p", { class: "text", lang: prompt.language }, prompt.text),
    h("p", { class: "play" }, h("span", { class: "length" }, length(prompt.seconds)), ...buttons));
}

function button(prompt, folder, word, label) {
  const element = h("button", { type: "button", class: "plain", "aria-label": label, "aria-pressed": "false" }, h("span", { class: "sign", "aria-hidden": "true" }), word);
  element.addEventListener("click", () => play(element, `/api/v1/prompts/${folder}/${prompt.name}.wav`));
  return element;
}

function play(element, address) {
  const again = playing === element;
  stop();
  if (again) return;
  playing = element;
  element.setAttribute("aria-pressed", "true");
  player.src = address;
  // A sound that is asked for meanwhile interrupts; what cannot be played is marked.
  player.play().catch((error) => {
    if (error.name === "AbortError") return;
    element.classList.add("failed");
    stop();
  });
}

function stop() {
  player.pause();
  playing?.setAttribute("aria-pressed", "false");
  playing = null;
}

const length = (seconds) => (seconds === null ? NONE : `0:${String(Math.max(1, Math.round(seconds))).padStart(2, "0")}`);

player.addEventListener("ended", stop);
$("language").append(h("option", { value: "" }, t("prompt.all_languages")),
  ...setting.spoken.map((code) => h("option", { value: code }, setting.languages[code])));
$("language").value = setting.spoken.includes(setting.language) ? setting.language : setting.spoken[0];
$("filter").addEventListener("input", show);
$("filter").addEventListener("submit", (event) => event.preventDefault());
setInterval(tick, 1000);
tick();
load();
