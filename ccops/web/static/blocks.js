// Blocked numbers, the form that blocks, and earlier blocks.

import { command, complain, signedIn } from "./access.js";
import { h, reconcile, setText } from "./dom.js";
import { count, dateTime, t } from "./format.js";
import { now } from "./ticking.js";
import { who } from "./words.js";

const $ = (id) => document.getElementById(id);
const form = $("block");

export function renderBlocks({ in_force: current, past }, whole) {
  setText($("block-count"), current.length ? count(current.length) : "");
  $("blocks").hidden = current.length === 0;
  $("blocks-empty").hidden = current.length > 0;
  reconcile($("blocks").tBodies[0], current, (block) => block.id, makeBlock, (row, block) => {
    const [number, reason, since, until, action] = row.cells;
    setText(number.firstChild, block.number);
    setText(reason, whole ? block.reason : t("block.hidden"));
    reason.classList.toggle("none", !whole);
    setText(since, stamp(block.blocked_at, block.blocked_by));
    setText(until, block.until ? dateTime(block.until, now()) : t("block.for_ever"));
    action.firstChild.disabled = !signedIn();
    action.firstChild.setAttribute("aria-label", t("block.lift_number", { number: block.number }));
  });
  $("blocks-past").hidden = past.length === 0;
  $("blocks-past-empty").hidden = past.length > 0;
  reconcile($("blocks-past").tBodies[0], past, (block) => block.id,
    () => h("tr", {}, h("th", { scope: "row" }, h("span", { class: "phone" })), h("td"), h("td"), h("td")),
    (row, block) => {
      const [number, reason, since, ended] = row.cells;
      setText(number.firstChild, block.number);
      setText(reason, whole ? block.reason : t("block.hidden"));
      reason.classList.toggle("none", !whole);
      setText(since, stamp(block.blocked_at, block.blocked_by));
      setText(ended, block.lifted_at ? stamp(block.lifted_at, block.lifted_by)
        : t("block.expired", { time: dateTime(block.until, now()) }));
    });
}

const stamp = (time, by) => t("block.lifted", { time: dateTime(time, now()), by: who(by) });

function makeBlock(block) {
  const lift = h("button", { type: "button", class: "plain", "data-command": "" }, t("block.lift"));
  lift.addEventListener("click", async () => {
    complain(form);
    lift.disabled = true;
    try {
      await command(`/api/v1/blocks/${block.id}/lift`);
      setText($("said"), t("block.lifted_now"));
    } catch (error) {
      complain(form, error.message);
    }
    lift.disabled = !signedIn();
  });
  return h("tr", {}, h("th", { scope: "row" }, h("span", { class: "phone" })), h("td"), h("td", { class: "minor" }), h("td"), h("td", { class: "num" }, lift));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  complain(form);
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    await command("/api/v1/blocks", {
      number: form.elements.number.value, reason: form.elements.why.value, until: form.elements.expiry.value || null,
    });
    form.reset();
    setText($("said"), t("block.added"));
  } catch (error) {
    complain(form, error.message);
  }
  button.disabled = !signedIn();
});
