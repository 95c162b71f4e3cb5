// Numbers, shares, durations and times in the reader's language and the hotline's zone.

import { setting } from "./setting.js";

const locale = setting.language === "en" ? "en-GB" : setting.language;
const whole = new Intl.NumberFormat(locale);
const percent = new Intl.NumberFormat(locale, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const wholePercent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
const time = new Intl.DateTimeFormat("en-GB", {
  timeZone: setting.timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

export const NONE = "–";

/** A text of the catalogue with its {parameters} filled in. */
export function t(key, parameters = {}) {
  const text = setting.texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => parameters[name] ?? whole);
}

export const count = (value) => (value === null || value === undefined ? NONE : whole.format(value));

export const share = (value) => (value === null || value === undefined ? NONE : percent.format(value));

export const target = (value) => wholePercent.format(value);

/** Seconds as 0:07, 12:30 or 1:02:03. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return NONE;
  const all = Math.max(0, Math.round(seconds));
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(all / 3600);
  const minutes = Math.floor(all / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`;
}

export const clockTime = (moment) => time.format(moment);

export const shortTime = (moment) => time.format(moment).slice(0, 5);

export const hourOf = (moment) => Number(time.format(moment).slice(0, 2));
