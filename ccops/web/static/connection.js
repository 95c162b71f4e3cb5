// Whether the page hears from ccops.

import { setText } from "./dom.js";

export function connection(state, text) {
  const element = document.getElementById("connection");
  if (element.dataset.state === state) return;
  element.dataset.state = state;
  setText(document.getElementById("connection-text"), text);
}
