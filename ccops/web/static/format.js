// Numbers, shares, durations and times in the reader's language and the hotline's zone.

import { setting } from "./setting.js";

// Written out here, because browsers leave out the data of smaller languages.
const SPACE = "\u00a0";
const { point, thousands, percent } = {
  en: { point: ".", thousands: ",", percent: "%" },
  ru: { point: ",", thousands: SPACE, percent: `${SPACE}%` },
  kk: { point: ",", thousands: SPACE, percent: `${SPACE}%` },
  uz: { point: ",", thousands: SPACE, percent: "%" },
  az: { point: ",", thousands: ".", percent: "%" },
}[setting.language];
const time = new Intl.DateTimeFormat("en-GB", {
  timeZone: setting.timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const day = new Intl.DateTimeFormat("en-GB", {
  timeZone: setting.timeZone, day: "2-digit", month: "2-digit", year: "numeric",
});

export const NONE = "–";

/** A text of the catalogue with its {parameters} filled in. */
export function t(key, parameters = {}) {
  const text = setting.texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => parameters[name] ?? whole);
}

const known = (value) => value !== null && value !== undefined;

export const count = (value) => (known(value) ? String(value).replace(/\B(?=(\d{3})+$)/g, thousands) : NONE);

/** A share from 0 to 1, to one decimal, half away from zero (KPI definitions). */
export function share(value) {
  if (!known(value)) return NONE;
  const tenths = Math.round(Number((1000 * value).toPrecision(12)));
  return `${Math.floor(tenths / 10)}${point}${tenths % 10}${percent}`;
}

export const target = (value) => share(value).replace(`${point}0`, "");

/** Seconds as 0:07, 12:30 or 1:02:03. */
export function duration(seconds) {
  if (!known(seconds)) return NONE;
  const all = Math.max(0, Math.round(seconds));
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(all / 3600);
  const minutes = Math.floor(all / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`;
}

export const clockTime = (moment) => time.format(moment);

export const shortTime = (moment) => time.format(moment).slice(0, 5);

/** Date and time as 22.11.2026 15:30; of today, the time alone. */
export function dateTime(iso, now) {
  const moment = Date.parse(iso);
  const date = day.format(moment);
  return date === day.format(now) ? shortTime(moment) : `${date.replaceAll("/", ".")} ${shortTime(moment)}`;
}

export const hourOf = (moment) => Number(time.format(moment).slice(0, 2));
