// Durations that run on by themselves between two pictures, on the server's clock.

import { setData, setText } from "./dom.js";
import { clockTime, duration } from "./format.js";

let ahead = 0;

/** The server's time now, in milliseconds. */
export const now = () => Date.now() + ahead;

export function setClock(serverTime) {
  ahead = Date.parse(serverTime) - Date.now();
}

/** Let `element` show the time since `moment`; `limit` seconds is where it turns to a warning. */
export function tickSince(element, moment, limit) {
  setData(element, "since", moment ?? "");
  setData(element, "limit", limit ?? "");
  element.classList.add("tick");
  show(element);
}

export function tick() {
  setText(document.getElementById("clock"), clockTime(now()));
  for (const element of document.querySelectorAll("[data-since]")) show(element);
}

/** How a wait is to be felt: past its limit, or four times past it. */
export function mood(seconds, limit) {
  if (!limit || seconds <= limit) return "";
  return seconds > 4 * limit ? "bad" : "warn";
}

function show(element) {
  if (!element.dataset.since) return;
  const seconds = Math.max(0, (now() - Date.parse(element.dataset.since)) / 1000);
  setText(element, duration(Math.floor(seconds)));
  setData(element, "mood", mood(seconds, Number(element.dataset.limit)));
}
