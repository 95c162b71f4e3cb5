// Says for a while that something has been done.

import { setText } from "./dom.js";

const LONG_ENOUGH = 8_000;

let timer;

export function say(text) {
  const place = document.getElementById("said");
  setText(place, text);
  clearTimeout(timer);
  timer = setTimeout(() => setText(place, ""), LONG_ENOUGH);
}
