// Disturbances and blocked numbers: reads the state every two seconds, carries commands out.

import { ask, onChange } from "./access.js";
import { renderBlocks } from "./blocks.js";
import { connection } from "./connection.js";
import { renderDisturbances } from "./disturbances.js";
import { t } from "./format.js";
import { setClock, tick } from "./ticking.js";

const EVERY = 2_000;

let turn = 0;

/** Read the state and show it; an answer that a later one has overtaken is dropped. */
async function refresh() {
  const mine = ++turn;
  try {
    const state = await ask("/service/state");
    if (mine !== turn) return;
    setClock(state.at);
    renderDisturbances(state.disturbances);
    renderBlocks(state.blocks, state.signed_in);
    connection("live", t("page.live"));
    document.body.classList.remove("stale");
    tick();
  } catch {
    if (mine !== turn) return;
    connection("lost", t("page.lost"));
    document.body.classList.add("stale");
  }
}

async function follow() {
  await refresh();
  setTimeout(follow, EVERY);
}

setInterval(tick, 1000);
onChange(refresh);
follow();
