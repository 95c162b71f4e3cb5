// How disturbances and those who act are called.

import { dateTime, t } from "./format.js";
import { setting } from "./setting.js";
import { now } from "./ticking.js";

/** Number and name of a line; a line that is no longer there has only its number. */
export function lineName(line) {
  if (!line) return t("disturbance.all_lines");
  return setting.lines[line] ? `${line} · ${setting.lines[line]}` : line;
}

/** What is wrong: words that were typed, a standard reason, a prompt of the ministry, or nothing. */
export function reasonText(disturbance) {
  const { reason, texts } = disturbance;
  const typed = texts[setting.language] ?? Object.values(texts)[0];
  if (typed) return typed;
  const standard = `reason.${reason.replace(/^reason-/, "")}`;
  return setting.texts[standard] ?? setting.ownReasons[reason] ?? reason;
}

/** What callers are told of the end. */
export function told(disturbance) {
  if (!disturbance.resumes_at) return t("disturbance.until_unknown");
  return t(disturbance.overdue ? "disturbance.overdue" : "disturbance.until", { time: dateTime(disturbance.resumes_at, now()) });
}

/** "page:Dilnoza" → "Dilnoza (page)". */
export function who(by) {
  const [kind, ...name] = by.split(":");
  const place = setting.texts[`page.by_${kind}`] ?? kind;
  return name.length ? `${name.join(":")} (${place})` : place;
}

/** When, and by whom. */
export const stamp = (time, by) => `${dateTime(time, now())} ${who(by)}`;
