// Blocked numbers, the form that blocks, and earlier blocks.

import { command, complain, signedIn } from "./access.js";
import { makeCase, renewCase } from "./cases.js";
import { h, reconcile, setText } from "./dom.js";
import { count, dateTime, t } from "./format.js";
import { say } from "./said.js";
import { now } from "./ticking.js";
import { stamp, who } from "./words.js";

const $ = (id) => document.getElementById(id);
const form = $("block");

export function renderBlocks({ in_force: current, past }, whole) {
  setText($("block-count"), current.length ? count(current.length) : "");
  $("blocks-empty").hidden = current.length > 0;
  $("blocks-past-empty").hidden = past.length > 0;
  reconcile($("blocks"), current, (block) => block.id,
    (block) => makeCase("", [h("p"), h("p"), h("p", { class: "hint" })],
      { word: t("block.lift"), address: `/api/v1/blocks/${block.id}/lift`, done: t("block.lifted_now") }),
    (item, block) => {
      renew(item, block, whole);
      const [, , until, since] = item.firstElementChild.children;
      setText(until, block.until ? t("block.until", { time: dateTime(block.until, now()) }) : t("block.for_ever"));
      setText(since, t("disturbance.since", { time: dateTime(block.blocked_at, now()), by: who(block.blocked_by) }));
    });
  reconcile($("blocks-past"), past, (block) => block.id, () => makeCase("", [h("p"), h("p", { class: "hint" })]),
    (item, block) => {
      renew(item, block, whole);
      const end = block.lifted_at ? stamp(block.lifted_at, block.lifted_by) : t("block.expired", { time: dateTime(block.until, now()) });
      setText(item.firstElementChild.children[2], `${stamp(block.blocked_at, block.blocked_by)} → ${end}`);
    });
}

function renew(item, block, whole) {
  renewCase(item, block.number, t("block.lift_number", { number: block.number }));
  const reason = item.firstElementChild.children[1];
  setText(reason, whole ? block.reason : t("block.hidden"));
  reason.classList.toggle("none", !whole);
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
    say(t("block.added"));
  } catch (error) {
    complain(form, error.message);
  }
  button.disabled = !signedIn();
});
