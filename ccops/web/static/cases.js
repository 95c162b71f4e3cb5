// A row of the lists: a heading, facts below it, a button that undoes it.

import { command, complain, signedIn } from "./access.js";
import { h, setText } from "./dom.js";
import { say } from "./said.js";

/** `undo`: word of the button, its address, and what is said afterwards; none for what is past. */
export function makeCase(symbol, facts, undo) {
  const body = h("div", {}, h("h3"), ...facts);
  const item = h("li", {}, symbol, body);
  if (!undo) return item;
  body.append(h("p", { class: "error", role: "alert", hidden: "" }));
  const button = h("button", { type: "button", class: "plain", "data-command": "" }, undo.word);
  button.addEventListener("click", async () => {
    complain(body);
    button.disabled = true;
    try {
      // The row goes with what it stood for: who works with the keyboard goes on from the heading.
      const heading = item.closest("section").querySelector("h2");
      await command(undo.address);
      heading.tabIndex = -1;
      heading.focus();
      say(undo.done);
    } catch (error) {
      complain(body, error.message);
    }
    button.disabled = !signedIn();
  });
  item.append(button);
  return item;
}

/** Bring the heading and the button of a row up to date. */
export function renewCase(item, heading, label) {
  setText(item.querySelector("h3"), heading);
  const button = item.querySelector(":scope > button");
  if (!button) return;
  button.disabled = !signedIn();
  button.setAttribute("aria-label", label);
}
